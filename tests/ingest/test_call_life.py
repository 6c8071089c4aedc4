"""The life of calls beyond what the corpus shows: restarts, readers that agree, calls that never end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.call_life import CallLife, Memory
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.events import Call, CallEvent, Clock, Outcome, State

BOX = Box(name="office", host="fritz.box", area_code="06221")
NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)
RING = b"22.11.26 18:00:01;RING;0;0302312501;6900090;SIP0;"
CONNECT = b"22.11.26 18:00:09;CONNECT;0;1;0302312501;"
DISCONNECT = b"22.11.26 18:01:30;DISCONNECT;0;81;"


def feed(life: CallLife, *lines: bytes, at: datetime = NOW) -> list[Call]:
    calls = []
    for line in lines:
        message = parse(line)
        assert not isinstance(message, Malformed)
        calls += [event.call for event in life.apply(message, line, at)]
    return calls


def test_two_readers_of_one_box_agree_on_every_id() -> None:
    lines = (RING, CONNECT, DISCONNECT, RING, DISCONNECT)
    one, other = feed(CallLife(BOX), *lines), feed(CallLife(BOX), *lines, at=NOW + timedelta(milliseconds=3))
    assert [call.id for call in one] == [call.id for call in other]


def test_the_same_line_twice_within_its_second_is_two_calls() -> None:
    calls = feed(CallLife(BOX), RING, DISCONNECT, RING, DISCONNECT)
    assert len({call.id for call in calls}) == 2


def test_a_call_survives_a_restart_in_its_middle() -> None:
    life = CallLife(BOX)
    (ringing,) = feed(life, RING)
    reborn = CallLife(BOX, [ringing], Memory.model_validate_json(life.memory.dump()))
    connected, ended, again = feed(reborn, CONNECT, DISCONNECT, RING)
    assert (connected.id, connected.seq, ended.id, ended.outcome) == (ringing.id, 2, ringing.id, Outcome.ANSWERED)
    assert again.id != ringing.id, "what was counted before the restart still counts"


def test_a_call_that_another_phone_takes_over_was_answered_when_the_first_one_answered_it() -> None:
    *_, answered, taken_over, ended = feed(
        CallLife(BOX), RING, CONNECT, b"22.11.26 18:00:20;CONNECT;0;10;0302312501;", DISCONNECT
    )
    assert [call.connected_at for call in (answered, taken_over, ended)] == [answered.connected_at] * 3
    assert ended.extension
    assert ended.extension.code == 10


def test_the_same_time_stamp_of_an_unset_clock_on_another_day_is_another_call() -> None:
    line = b"01.01.70 00:01:12;RING;0;0302312501;6900090;SIP0;"
    (today,) = feed(CallLife(BOX), line)
    (tomorrow,) = feed(CallLife(BOX), line, at=NOW + timedelta(days=1))
    assert today.clock is Clock.RECEIPT
    assert today.started_at == NOW.replace(microsecond=0)
    assert today.id != tomorrow.id


def test_a_repeated_hour_gives_two_calls_an_hour_apart() -> None:
    line = b"25.10.26 02:30:00;RING;0;0302312501;6900090;SIP0;"
    first, second = (
        feed(CallLife(BOX), line, at=datetime(2026, 10, 25, hour, 30, 1, tzinfo=UTC))[0] for hour in (0, 1)
    )
    assert first.id != second.id
    assert first.started_at is not None
    assert second.started_at is not None
    assert second.started_at.astimezone(UTC) - first.started_at.astimezone(UTC) == timedelta(hours=1)


def test_a_call_that_the_box_never_ended_is_lost() -> None:
    life = CallLife(BOX)
    (ringing,) = feed(life, RING)
    assert life.expire({"another call"}, NOW) == []
    (event,) = life.expire({ringing.id}, NOW)
    assert (event.call.outcome, event.call.seq) == (Outcome.LOST, 2)
    assert life.calls == []


def test_what_is_remembered_of_a_box_stays_small_in_a_flood() -> None:
    life = CallLife(BOX)
    for number in range(5000):
        feed(life, b"22.11.26 18:00:01;RING;0;030%07d;6900090;SIP0;" % number)
    assert len(life.memory.dump()) < 3000


LINES = st.tuples(st.sampled_from(["RING", "CALL", "CONNECT", "DISCONNECT"]), st.integers(0, 3), st.integers(0, 60))


@given(st.lists(LINES, max_size=40))
def test_whatever_comes_every_calls_events_count_from_one_and_end_at_most_once(
    lines: list[tuple[str, int, int]],
) -> None:
    forms = {"RING": "0302312501;6900090;SIP0;", "CALL": "10;6900090;0302312501;SIP0;", "CONNECT": "1;0302312501;"}
    life, events = CallLife(BOX), list[CallEvent]()
    for kind, connection, second in lines:
        line = f"22.11.26 18:00:{second % 60:02};{kind};{connection};{forms.get(kind, '7;')}".encode()
        message = parse(line)
        assert not isinstance(message, Malformed)
        events += life.apply(message, line, NOW)
    for call_id in {event.call_id for event in events}:
        versions = [event.call for event in events if event.call_id == call_id]
        assert [call.seq for call in versions] == list(range(1, len(versions) + 1))
        assert all(call.state is not State.ENDED for call in versions[:-1])
        assert all((call.outcome is not None) == (call.state is State.ENDED) for call in versions)


def test_a_number_without_area_code_belongs_to_where_its_box_is() -> None:
    places = {"cologne": ("DE", "0221"), "berlin": ("DE", "030"), "vienna": ("AT", "01")}
    boxes = [Box(name=name, host="192.0.2.1", country=c, area_code=code) for name, (c, code) in places.items()]
    line = b"22.11.26 18:00:01;RING;0;4710999;4710100;SIP0;"
    heard = {box.name: feed(CallLife(box), line)[0] for box in boxes}
    assert {name: call.remote.e164 for name, call in heard.items()} == {
        "cologne": "+492214710999",
        "berlin": "+49304710999",
        "vienna": "+4314710999",
    }
    assert len({call.id for call in heard.values()}) == 3
