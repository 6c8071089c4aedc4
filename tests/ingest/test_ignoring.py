"""Calls that nobody may see: whichever way their number is written, nothing of them is stored."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.ingest.box_reader import Received
from services.ingest.call_life import CallLife, Memory, Office
from services.ingest.framing import Garbage
from services.ingest.ignoring import Ignored, Ignoring
from services.ingest.publisher import Publisher
from services.ingest.wire import Connect, Dial, Disconnect, Malformed, Ring, parse
from shared.boxes import Box
from shared.event_log import EventLog
from shared.events import CallEvent, Outcome
from tests.waiting import eventually

COLOGNE = Box(name="cologne", host="192.0.2.1", country="DE", area_code="0221")
VIENNA = Box(name="vienna", host="192.0.2.2", country="AT", area_code="1")
NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)


def ring(caller: str, own_number: str = "4710100", connection: int = 0) -> str:
    return f"22.11.26 18:00:01;RING;{connection};{caller};{own_number};SIP0;"


def dial(dialled: str, own_number: str = "4710100") -> str:
    return f"22.11.26 18:00:01;CALL;0;10;{own_number};{dialled};SIP0;"


def connect(other: str, connection: int = 0) -> str:
    return f"22.11.26 18:00:03;CONNECT;{connection};10;{other};"


def disconnect(connection: int = 0) -> str:
    return f"22.11.26 18:00:09;DISCONNECT;{connection};6;"


def life(box: Box = COLOGNE, memory: Memory | None = None, **ignored: Any) -> CallLife:
    return CallLife(box, (), memory, Office(Ignored(**ignored), {}))


def feed(calls: CallLife, *lines: str) -> list[CallEvent]:
    events = []
    for line in lines:
        message = parse(line.encode())
        assert not isinstance(message, Malformed)
        events += calls.apply(message, line.encode(), NOW)
    return events


@pytest.mark.parametrize("pattern", ["03023125201", "+49 30 23125-201", "0049 (30) 23125201", "+49 (0)30 23125 201"])
@pytest.mark.parametrize("line", [ring("03023125201"), ring("+493023125201"), dial("*31#03023125201")])
def test_a_number_is_ignored_however_it_is_written(pattern: str, line: str) -> None:
    assert feed(life(numbers=[pattern]), line, connect("03023125201"), disconnect()) == []


@pytest.mark.parametrize("pattern", ["0221 4710*", "4710*", "+49 221 4710*", "+49 (0)221 4710*", "0049221-4710*"])
def test_a_star_stands_for_whatever_follows(pattern: str) -> None:
    calls = life(numbers=[pattern])
    assert feed(calls, ring("02214710999"), disconnect(), ring("4710123"), disconnect()) == []
    assert len(feed(calls, ring("02214711999"))) == 1


def test_an_own_number_is_ignored_in_both_directions_and_others_are_not() -> None:
    calls = life(own_numbers=["0221/4710190"])
    assert feed(calls, ring("03023125201", "4710190"), disconnect(), dial("03023125201", "4710190"), disconnect()) == []
    assert len(feed(calls, ring("03023125201", "4710100"))) == 1


def test_the_same_local_pattern_means_another_number_at_a_box_elsewhere() -> None:
    assert feed(life(COLOGNE, numbers=["4710999"]), ring("+492214710999")) == []
    assert feed(life(VIENNA, numbers=["4710999"]), ring("+4314710999")) == []
    assert len(feed(life(VIENNA, numbers=["4710999"]), ring("+492214710999"))) == 1


def test_a_suppressed_number_is_never_in_a_list() -> None:
    assert len(feed(life(numbers=["030*", "03023125201"]), ring(""))) == 1


def test_a_call_that_was_opened_while_nobody_listened_is_ignored_once_its_number_is_known() -> None:
    assert feed(life(numbers=["03023125201"]), connect("03023125201"), disconnect()) == []


def test_an_ignored_call_is_swallowed_to_its_end_over_a_restart_that_knows_its_connection_only() -> None:
    before = life(numbers=["03023125201"])
    assert feed(before, ring("03023125201", connection=3)) == []
    memory = before.memory.dump()
    assert json.loads(memory) == {"counts": {}, "ignored": [3]}
    after = life(memory=Memory.model_validate_json(memory), numbers=["03023125201"])
    assert feed(after, connect("", connection=3), disconnect(3)) == []
    assert [event.type for event in feed(after, ring("03023125100", connection=3), disconnect(3))] == [
        "call.ringing",
        "call.ended",
    ]


def test_the_next_call_on_the_connection_is_seen_even_if_the_end_of_the_ignored_one_was_missed() -> None:
    calls = life(numbers=["03023125201"])
    assert feed(calls, ring("03023125201")) == []
    assert len(feed(calls, ring("03023125100"), connect("03023125100"), disconnect())) == 3


def test_a_call_that_is_forgotten_when_an_ignored_one_takes_its_connection_ends() -> None:
    calls = life(numbers=["03023125201"])
    feed(calls, ring("03023125100"))
    [lost] = feed(calls, ring("03023125201"))
    assert (lost.call.remote.received, lost.call.outcome) == ("03023125100", Outcome.LOST)


@pytest.mark.parametrize("pattern", ["", "*", "0*", "anna", "0221*4710", "12*34*"])
def test_a_pattern_that_would_hide_everything_or_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        Ignored(numbers=(pattern,))


def test_what_is_asked_about_lines_leaves_no_number_behind() -> None:
    connections: set[int] = set()
    ignoring = Ignoring(Ignored(numbers=("03023125201",)), COLOGNE, connections)
    assert ignoring.takes(Ring(None, 1, "03023125201", "", "SIP0"))
    assert ignoring.takes(Dial(None, 2, 10, "", "03023125201", "SIP0"))
    assert connections == {1, 2}
    assert ignoring.takes(Connect(None, 2, 10, "03023125201"))
    assert ignoring.takes(Disconnect(None, 2, 5))
    assert connections == {1}


def test_nothing_of_an_ignored_call_is_in_redis_not_even_of_its_broken_lines(
    event_log: EventLog, capfd: pytest.CaptureFixture[str]
) -> None:
    publisher = Publisher(event_log, [COLOGNE], Office(Ignored(numbers=("0221 4710999",)), {}))
    for line in (ring("02214710999"), "22.11.26 18:00:03;CONNECT;0;02214710999", disconnect()):
        publisher.deliver(Received("cologne", NOW, line.encode()))
    publisher.deliver(Received("cologne", NOW, Garbage("the connection ended", b"22.11.26 18:00:09;RING;0;02214710")))
    stop = threading.Event()
    thread = threading.Thread(target=publisher.run, args=(stop,))
    thread.start()
    eventually(lambda: event_log.redis.xlen(event_log.keys.quarantine) == 2)
    stop.set()
    thread.join(5)
    assert sorted(event_log.redis.scan_iter()) == [
        event_log.keys.box("cologne").encode(),
        event_log.keys.quarantine.encode(),
    ]
    kept = str(event_log.redis.xrange(event_log.keys.quarantine)) + str(event_log.memory_of("cologne"))
    assert "4710" not in kept + capfd.readouterr().err


def test_an_own_number_has_the_name_that_was_given_to_it_in_whatever_spelling() -> None:
    calls = CallLife(COLOGNE, (), None, Office(Ignored(), {"0221 4710-100": "Hotline", "**9": "Door"}))
    events = feed(calls, ring("1", "4710100"), ring("1", "**9"), ring("1", "7"))
    assert list(dict.fromkeys(event.call.own_number_name for event in events)) == ["Hotline", "Door", ""]
