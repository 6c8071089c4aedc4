"""Two ingests on one box and in one folder, as a machine: whatever falls over in whatever order, what any of them heard
is in the log once, and per connection in the order in which the box said it. What the log should hold is worked out
from what the box said and who heard it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from services.ingest.box_reader import Received
from services.ingest.call_life import CallLife
from services.ingest.wire import Malformed, parse
from shared.event_log import EventLog
from shared.events import CallEvent
from shared.redis_client import connect
from tests.ingest.running import RETENTION, calls
from tests.ingest.two_ingests import BOX, NOBODYS, STREAM, Killed, Said, World
from tests.ingest.unreliable_way import Weather
from tests.valkey import Valkey

BOTH = st.integers(0, 1)
CONNECTIONS = range(3)
NUMBERS = st.sampled_from(["03023125100", "03023125200", "", NOBODYS])
LINES = st.lists(st.tuples(st.sampled_from(CONNECTIONS), NUMBERS, st.booleans(), st.booleans()), min_size=1, max_size=3)
PAUSES = st.sampled_from([0.0, 0.0, 0.4, 1.1])
SOME = st.sampled_from([[], [], [], [0], [1], [0, 1]])
TRIPS = st.integers(0, 12)
SOME_SECONDS = st.sampled_from([0.5, 1.5, 4.5])
MOST_UNREAD: Final = 4
SETTINGS: Final = settings(
    max_examples=60, stateful_step_count=30, deadline=None, phases=[Phase.reuse, Phase.generate, Phase.shrink]
)
"""Without `Phase.explain`, which traces every line and takes longer than all the rest."""

Line = tuple[int, str, bool, bool]
"""On which connection; of a call that begins: with whom, and whether it is dialled; else: whether it is answered."""
Version = tuple[str, int, str, str]
"""Of a call: its id, seq, state, and outcome."""


class At(Enum):
    """Where a line that was heard too late is in the log."""

    PLACE = "where it was said"
    LAST = "when it was heard"
    NEVER = "nowhere"


class TwoIngests(RuleBasedStateMachine):
    """One box, one Redis, two ingests."""

    valkey: Valkey

    def __init__(self) -> None:
        super().__init__()
        self.redis = connect(self.valkey.url)
        self.redis.flushdb()
        self.folder = TemporaryDirectory(prefix="spools-")
        self.world = World(self.valkey, Path(self.folder.name))
        self.talking: dict[int, tuple[str, bool]] = {}
        self.starting = [0, 1]
        for ingest in self.world.ingests:
            self.world.start(ingest)
            self.world.connect(ingest)
        self.world.passes(5)

    def teardown(self) -> None:
        try:
            self.world.settle(self.starting)
            self._is_whole()
        finally:
            self.world.close()
            self.folder.cleanup()
            self.redis.close()

    @rule(lines=LINES, pause=PAUSES, slow=SOME, then=st.lists(BOTH, max_size=2))
    def calls_go_on(self, lines: list[Line], pause: float, slow: list[int], then: list[int]) -> None:
        for line in lines:
            self.world.seconds += pause
            self._goes_on(*line, slow=slow)
        for each in then:
            self.world.step(self.world.ingests[each])

    @rule(which=BOTH)
    def one_reads_what_the_box_said(self, which: int) -> None:
        self.world.read(self.world.ingests[which])

    @rule(which=BOTH)
    def an_ingest_steps(self, which: int) -> None:
        self.world.step(self.world.ingests[which])

    @rule(seconds=SOME_SECONDS, first=BOTH)
    def time_passes(self, seconds: float, first: int) -> None:
        self.world.passes(seconds, first=first)

    @rule(which=st.sampled_from([[0], [1], [0, 1]]))
    def the_box_cuts_off(self, which: list[int]) -> None:
        for each in which:
            self.world.cut_off(self.world.ingests[each])

    @rule(which=BOTH)
    def one_is_connected_again(self, which: int) -> None:
        self.world.passes(1.1)
        self.world.connect(self.world.ingests[which])

    @rule(which=st.sampled_from([[0], [1], [0, 1]]), weather=st.sampled_from(Weather))
    def redis_is(self, which: list[int], weather: Weather) -> None:
        for each in which:
            self.world.ingests[each].way.weather = weather

    @rule(which=BOTH)
    def what_was_underway_arrives(self, which: int) -> None:
        self.world.ingests[which].way.arrive()

    @rule(which=BOTH)
    def one_is_killed(self, which: int) -> None:
        self.world.kill(self.world.ingests[which])

    @rule(which=BOTH)
    def one_is_stopped(self, which: int) -> None:
        self.world.stop(self.world.ingests[which])

    @rule(which=BOTH)
    def one_is_started(self, which: int) -> None:
        self.world.passes(1.1)
        self.world.start(self.world.ingests[which])
        self.world.connect(self.world.ingests[which])

    @rule(which=BOTH)
    def one_freezes(self, which: int) -> None:
        self.world.sleep(self.world.ingests[which])

    @rule(which=BOTH)
    def one_wakes_up(self, which: int) -> None:
        self.world.wake(self.world.ingests[which])

    @rule(which=BOTH, trips=TRIPS)
    def one_is_killed_in_a_step(self, which: int, trips: int) -> None:
        def dies() -> None:
            raise Killed

        self.world.step(self.world.ingests[which], {trips: dies})

    @rule(which=BOTH, trips=TRIPS, seconds=SOME_SECONDS, lines=LINES)
    def one_freezes_in_a_step(self, which: int, trips: int, seconds: float, lines: list[Line]) -> None:
        ingest = self.world.ingests[which]

        def sleeps() -> None:
            self.world.sleep(ingest)
            for line in lines:
                self._goes_on(*line)
            self.world.passes(seconds)
            self.world.wake(ingest)

        self.world.step(ingest, {trips: sleeps})

    @rule(which=BOTH, trips=TRIPS, back=st.lists(BOTH, unique=True), lines=LINES, seconds=SOME_SECONDS)
    def redis_freezes_in_a_step(
        self, which: int, trips: int, back: list[int], lines: list[Line], seconds: float
    ) -> None:
        """Nobody gets an answer or an error. Meanwhile the box cuts off those who come `back`, one after the other."""

        def freezes() -> None:
            self.the_box_cuts_off(back)
            for each, line in itertools.zip_longest(back, lines):
                self.world.seconds += 1.1
                if each is not None:
                    self.world.connect(self.world.ingests[each])
                if line is not None:
                    self._goes_on(*line)
            self.world.seconds += seconds

        self.world.step(self.world.ingests[which], {trips: freezes})

    @rule(starting=st.sampled_from([[0], [1], [0, 1]]))
    def at_the_end_only_these_are_started(self, starting: list[int]) -> None:
        self.starting = starting

    def _goes_on(self, connection: int, number: str, out: bool, answered: bool, slow: Sequence[int] = ()) -> None:
        """The next line of a connection, if those who sleep do not have enough to read."""
        if max(len(ingest.unread) for ingest in self.world.ingests) >= MOST_UNREAD:
            return
        those = [self.world.ingests[each] for each in slow]
        if connection not in self.talking:
            self.talking[connection] = number, False
            event, rest = ("CALL", f"10;4710100;{number}") if out and number else ("RING", f"{number};4710100")
            self.world.box_says(event, connection, f"{rest};SIP0", ignored=number == NOBODYS, slow=those)
            return
        number, talks = self.talking[connection]
        if answered and not talks:
            self.talking[connection] = number, True
            self.world.box_says("CONNECT", connection, f"10;{number}", ignored=number == NOBODYS, slow=those)
        else:
            del self.talking[connection]
            self.world.box_says("DISCONNECT", connection, "0", ignored=False, slow=those)

    def _is_whole(self) -> None:
        logged = defaultdict[int, list[Version]](list)
        log = EventLog(self.redis, STREAM, RETENTION)
        for call in calls(log):
            assert call.remote.received != NOBODYS
            logged[call.connection].append((call.id, call.seq, call.state.value, str(call.outcome)))
        for connection in CONNECTIONS:
            said = [line for line in self.world.said if line.connection == connection]
            possible = [*_possible(said)]
            assert logged[connection] in possible, _story(said, logged[connection], possible)
        for ingest in self.world.ingests:
            assert not (ingest.alive and ingest.spool and ingest.spool.waiting), "something waits for ever"


def _possible(said: list[Said]) -> Iterator[list[Version]]:
    """What may be in the log of one connection. What somebody heard too late may be missing, or come when it did."""
    doubtful = [line for line in said if line.heard_late and not line.heard]
    for choice in itertools.product((At.PLACE, At.LAST, At.NEVER), repeat=len(doubtful)):
        places = {id(line): place for line, place in zip(doubtful, choice, strict=True)}
        known = list[tuple[float, Said]]()
        for line in said:
            place = places.get(id(line), At.NEVER)
            if line.heard or place is not At.NEVER:
                when = line.number if line.heard or place is At.PLACE else line.heard_late - 0.5
                known.append((when, line))
        yield _versions([line for _, line in sorted(known, key=lambda each: each[0])])


def _versions(known: list[Said]) -> list[Version]:
    """What becomes of lines that are heard in this order."""
    life, events, ignored = CallLife(BOX), list[CallEvent](), False
    for line in known:
        message = parse(line.text)
        assert not isinstance(message, Malformed)
        if line.event != "DISCONNECT" and (line.ignored or line.event != "CONNECT"):
            ignored = line.ignored
            if ignored:
                events += life.ignore(line.connection, line.at)
                life = CallLife(BOX, [], life.memory)
        if not ignored:
            life.memory.ignored.clear()
            events += life.apply(message, line.text, line.at)
        if line.event == "DISCONNECT":
            ignored = False
    return [(event.call.id, event.call.seq, event.call.state.value, str(event.call.outcome)) for event in events]


def _story(said: list[Said], logged: list[Version], possible: list[list[Version]]) -> str:
    heard = [f"{line.text.decode()}  {'heard' if line.heard else 'late' if line.heard_late else '-'}" for line in said]
    return "\n".join(["said:", *heard, "logged:", *map(str, logged), "expected:", *map(str, possible[0])])


def test_whatever_falls_over_what_was_heard_is_in_the_log_once_and_in_order(running_valkey: Valkey) -> None:
    machine = type("Machine", (TwoIngests,), {"valkey": running_valkey})
    run_state_machine_as_test(machine, settings=SETTINGS)


@pytest.fixture
def machine(running_valkey: Valkey) -> TwoIngests:
    """To be told by hand what happens."""
    return cast("TwoIngests", type("Machine", (TwoIngests,), {"valkey": running_valkey})())


def test_the_end_of_an_ignored_call_leaves_nothing_when_only_the_other_one_heard_it_begin(machine: TwoIngests) -> None:
    machine.one_is_stopped(which=0)
    machine.calls_go_on(lines=[(0, NOBODYS, False, False)], pause=0.0, slow=[], then=[1])
    machine.one_is_started(which=0)
    machine.one_is_killed(which=1)
    machine.calls_go_on(lines=[(0, NOBODYS, False, False)], pause=0.0, slow=[], then=[])
    machine.teardown()


def test_an_answer_is_there_that_only_one_heard_who_takes_it_for_an_ignored_calls(machine: TwoIngests) -> None:
    machine.calls_go_on(lines=[(0, NOBODYS, False, False)], pause=0.0, slow=[], then=[0, 1])
    machine.one_is_killed(which=0)
    caller = (0, "03023125100", False, True)
    machine.calls_go_on(lines=[(0, NOBODYS, False, False), caller], pause=1.1, slow=[], then=[1])
    machine.one_is_started(which=0)
    machine.one_is_killed(which=1)
    machine.calls_go_on(lines=[caller], pause=1.1, slow=[], then=[0])
    machine.teardown()


@pytest.mark.parametrize("published", [True, False], ids=["published by the other one", "taken in from it"])
def test_a_line_that_one_reads_only_after_it_has_taken_over_is_there_once(machine: TwoIngests, published: bool) -> None:
    machine.calls_go_on(lines=[(0, "03023125100", False, False)], pause=0.0, slow=[0], then=[1] if published else [])
    machine.one_is_killed(which=1)
    for _ in range(8):
        machine.world.seconds += 0.5
        machine.an_ingest_steps(which=0)
    machine.teardown()


def test_what_only_the_one_that_stands_by_has_heard_is_published(machine: TwoIngests) -> None:
    machine.one_is_killed(which=0)
    machine.one_freezes(which=1)
    machine.calls_go_on(lines=[(0, "03023125100", False, False)], pause=0.0, slow=[], then=[])
    machine.one_is_started(which=0)
    machine.time_passes(seconds=4.5, first=0)
    machine.teardown()


def test_what_is_no_line_is_kept_apart_once_and_nobody_takes_over_for_it(machine: TwoIngests) -> None:
    world, log = machine.world, EventLog(machine.redis, STREAM, RETENTION)
    holder = machine.redis.hget(log.keys.lease(BOX.name), "holder")
    for ingest in world.ingests:
        assert ingest.intake is not None
        ingest.intake.deliver(Received(BOX.name, world.now, b"no line of a call monitor"))
    machine.time_passes(seconds=4.5, first=0)
    machine.calls_go_on(lines=[(0, "03023125100", False, False)], pause=0.0, slow=[], then=[])
    machine.time_passes(seconds=4.5, first=0)
    assert machine.redis.hget(log.keys.lease(BOX.name), "holder") == holder
    assert machine.redis.xlen(log.keys.quarantine) == 1
    machine.teardown()


def test_who_was_cut_off_while_redis_froze_lets_the_one_go_first_that_was_back_before(machine: TwoIngests) -> None:
    caller = (0, "03023125100", False, True)
    machine.world.seconds += 1.1  # so that the lease has to be renewed
    machine.redis_freezes_in_a_step(which=0, trips=0, back=[1, 0], lines=[caller, caller], seconds=8.0)
    machine.an_ingest_steps(which=0)
    machine.teardown()


def test_a_call_that_ended_before_an_ignored_one_took_its_connection_ends_in_a_new_log_too(machine: TwoIngests) -> None:
    machine.at_the_end_only_these_are_started(starting=[0])
    machine.the_box_cuts_off(which=[0, 1])
    machine.calls_go_on(lines=[(2, "03023125100", False, False)], pause=0.0, slow=[], then=[])
    machine.one_is_connected_again(which=0)
    ends_and_begins = [(2, "03023125100", False, False), (2, NOBODYS, False, False)]
    machine.calls_go_on(lines=ends_and_begins, pause=0.0, slow=[], then=[])
    machine.teardown()
