"""From lines to the log: in order, exactly once, across restarts and losses of Redis; what is no line is kept apart."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from services.ingest.ages import LONGEST_UNANSWERED
from services.ingest.framing import Garbage
from services.ingest.intake import MALFORMED_PER_MINUTE
from shared.event_log import EventLog
from tests.conftest import OpenLog
from tests.ingest.running import NOW, answer, calls, hang_up, ingesting, line, ring, states
from tests.valkey import Valkey
from tests.waiting import eventually


def test_what_was_read_before_the_stop_is_published(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        for connection in range(50):
            ingest.hear(ring(connection), hang_up(connection))
    assert states(event_log) == ["ringing 1", "ended 2"] * 50
    assert len({call.id for call in calls(event_log)}) == 50


def test_a_restart_in_the_middle_of_a_call_goes_on_with_it(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(answer(0), hang_up(0))
    assert states(event_log) == ["ringing 1", "connected 2", "ended 3"]
    assert len({call.id for call in calls(event_log)}) == 1


def test_the_same_line_twice_in_one_second_is_two_calls_over_a_restart_too(event_log: EventLog, tmp_path: Path) -> None:
    for _ in range(2):
        with ingesting(event_log, tmp_path) as ingest:
            ingest.hear(ring(0), hang_up(0), ring(0), hang_up(0))
    assert states(event_log) == ["ringing 1", "ended 2"] * 4
    assert len({call.id for call in calls(event_log)}) == 4


def test_a_malformed_line_is_kept_apart_and_the_next_one_is_read(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(line("22.11.26 18:00:01;RING;x;0302312501;6900090;SIP0;"))
        ingest.hear(line(Garbage("longer than 500 bytes", b"\xff\x00xxx")), ring(0))
    assert states(event_log) == ["ringing 1"]
    kept: Any = event_log.redis.xrange(event_log.keys.quarantine)
    assert [(entry[b"reason"], entry[b"line"]) for _, entry in kept] == [
        (
            b"the connection id is not a number of at most 2 digits",
            b"22.11.26 18:00:01;RING;x;0302312501;6900090;SIP0;",
        ),
        (b"longer than 500 bytes", b"\\xff\x00xxx"),
    ]
    assert kept[0][1][b"received_at"] == b"2026-11-22T17:00:01.000+00:00"


def test_of_a_flood_of_malformed_lines_only_the_first_are_kept_and_said(event_log: EventLog, tmp_path: Path) -> None:
    with capture_logs() as logs, ingesting(event_log, tmp_path) as ingest:
        for number in range(3000):
            ingest.hear(line(f"garbage {number}"))
        ingest.hear(ring(0))
    assert event_log.redis.xlen(event_log.keys.quarantine) == MALFORMED_PER_MINUTE
    assert len([entry for entry in logs if "quarantine" in entry["event"]]) == MALFORMED_PER_MINUTE
    assert states(event_log) == ["ringing 1"]


def test_lines_are_kept_while_redis_is_away_and_published_in_order(
    own_valkey: Valkey, open_log: OpenLog, tmp_path: Path
) -> None:
    log = open_log(own_valkey.url)
    with capture_logs() as logs, ingesting(log, tmp_path) as ingest:
        ingest.hear(ring(0))
        eventually(lambda: told(logs))
        own_valkey.start()
        eventually(lambda: states(log) == ["ringing 1"], within=10)
        own_valkey.stop()
        ingest.hear(hang_up(0), ring(0, second=31))
        eventually(lambda: not ingest.publisher.publishes)
        own_valkey.start()
        eventually(lambda: states(log) == ["ringing 1", "ended 2", "ringing 1"], within=15)
    assert told(logs) == ["Redis is away; lines are kept until it is back", "Redis is back"] * 2


def told(logs: list[MutableMapping[str, Any]]) -> list[str]:
    return [entry["event"] for entry in logs if "Redis is" in entry["event"]]


def test_a_call_that_the_box_forgot_is_ended(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    later = NOW + LONGEST_UNANSWERED + timedelta(seconds=1)
    with ingesting(event_log, tmp_path, now=lambda: later):
        eventually(lambda: states(event_log) == ["ringing 1", "ended 2"])
