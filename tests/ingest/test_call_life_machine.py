"""The life of calls as a machine: whatever lines come, with restarts in between, every call begins once, ends once and
counts its events without a gap. What a call is meant to become is kept here a second time, in the plainest way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.ingest.call_life import CallLife, Memory
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.events import Call, CallEvent, Direction, Outcome, State

BOX = Box(name="office", host="fritz.box", area_code="06221")
CONNECTIONS = st.integers(0, 3)
CALLERS = st.sampled_from(["", "03023125001", "0171392001", "00442079460123"])


@dataclass
class Expected:
    """A call that is open, as the lines so far tell of it."""

    id: str
    seq: int
    direction: Direction | None
    machine: bool | None = None
    """Whether an answering machine has taken it; None: nobody has."""


class CallLifeMachine(RuleBasedStateMachine):
    """Lines come to a life, and the same ones to another that is restarted now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)
        self.life, self.restarted = CallLife(BOX), CallLife(BOX)
        self.open: dict[int, Expected] = {}
        self.ended: set[str] = set()

    @rule(connection=CONNECTIONS, caller=CALLERS)
    def somebody_calls(self, connection: int, caller: str) -> None:
        self._opens(connection, f"RING;{connection};{caller};6900090;SIP0;", State.RINGING, Direction.INBOUND)

    @rule(connection=CONNECTIONS, number=CALLERS.filter(bool), extension=st.integers(0, 99))
    def somebody_dials(self, connection: int, number: str, extension: int) -> None:
        line = f"CALL;{connection};{extension};6900090;{number};SIP0;"
        self._opens(connection, line, State.DIALING, Direction.OUTBOUND)

    @rule(connection=CONNECTIONS, extension=st.integers(0, 99), number=CALLERS)
    def somebody_answers(self, connection: int, extension: int, number: str) -> None:
        (call,) = self._comes(f"CONNECT;{connection};{extension};{number};")
        self._follows(connection, call)
        self.open[connection].machine = extension in (6, *range(40, 50))
        assert call.state is State.CONNECTED

    @rule(connection=CONNECTIONS, seconds=st.integers(0, 9999))
    def it_ends(self, connection: int, seconds: int) -> None:
        (call,) = self._comes(f"DISCONNECT;{connection};{seconds};")
        self._follows(connection, call)
        before = self.open.pop(connection)
        self._is_over(call, _outcome(before, seconds))

    @rule(which=st.data())
    def it_is_given_up(self, which: st.DataObject) -> None:
        chosen = which.draw(st.sets(CONNECTIONS))
        over = {self.open[connection].id for connection in chosen & self.open.keys()}
        events = self.life.expire(over, self.now)
        assert {event.call.id for event in events} == over
        assert _without_order(self.restarted.expire(over, self.now)) == _without_order(events)
        for event in events:
            self._is_over(event.call, Outcome.LOST)
            assert self.open.pop(event.call.connection).seq + 1 == event.call.seq

    @rule()
    def ingest_restarts(self) -> None:
        kept = [Call.model_validate_json(call.model_dump_json()) for call in self.restarted.calls]
        self.restarted = CallLife(BOX, kept, Memory.model_validate_json(self.restarted.memory.dump()))

    @rule(seconds=st.integers(0, 3))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_open_calls_are_those_that_have_begun_and_not_ended(self) -> None:
        for life in (self.life, self.restarted):
            assert {call.connection: (call.id, call.seq) for call in life.calls} == {
                connection: (expected.id, expected.seq) for connection, expected in self.open.items()
            }

    def _opens(self, connection: int, line: str, state: State, direction: Direction) -> None:
        *lost, call = self._comes(line)
        forgotten = self.open.pop(connection, None)
        assert [each.id for each in lost] == ([forgotten.id] if forgotten else [])
        if forgotten:
            assert lost[0].seq == forgotten.seq + 1
            self._is_over(lost[0], Outcome.LOST)
        assert (call.seq, call.state, call.direction) == (1, state, direction)
        self._is_new(call)
        self.open[connection] = Expected(call.id, 1, direction)

    def _follows(self, connection: int, call: Call) -> None:
        """The next event of the call on that connection, or the first that anybody saw of one."""
        if connection in self.open:
            expected = self.open[connection]
            assert (call.id, call.seq, call.direction) == (expected.id, expected.seq + 1, expected.direction)
            expected.seq += 1
        else:
            assert (call.seq, call.direction, call.started_at) == (1, None, None)
            self._is_new(call)
            self.open[connection] = Expected(call.id, 1, None)

    def _is_new(self, call: Call) -> None:
        assert call.id not in self.ended
        assert call.id not in {expected.id for expected in self.open.values()}

    def _is_over(self, call: Call, outcome: Outcome) -> None:
        assert (call.state, call.outcome) == (State.ENDED, outcome)
        assert call.id not in self.ended
        self.ended.add(call.id)

    def _comes(self, rest: str) -> list[Call]:
        local = (self.now + timedelta(hours=1)).strftime("%d.%m.%y %H:%M:%S")
        line = f"{local};{rest}".encode()
        message = parse(line)
        assert not isinstance(message, Malformed)
        events = self.life.apply(message, line, self.now)
        assert self.restarted.apply(message, line, self.now) == events, "a restart changes nothing"
        return [event.call for event in events]


def _outcome(call: Expected, seconds: int) -> Outcome:
    if call.machine is None:
        without_answer = {Direction.INBOUND: Outcome.MISSED, Direction.OUTBOUND: Outcome.NOT_REACHED}
        if call.direction in without_answer:
            return without_answer[call.direction]
        return Outcome.ANSWERED if seconds else Outcome.LOST
    return Outcome.VOICEMAIL if call.machine and call.direction is not Direction.OUTBOUND else Outcome.ANSWERED


def _without_order(events: list[CallEvent]) -> set[str]:
    return {event.model_dump_json() for event in events}


CallLifeMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_every_call_begins_once_ends_once_and_counts_without_a_gap = CallLifeMachine.TestCase
