"""From lines to the log: in order, exactly once, across restarts and losses of Redis; what is no line is kept apart."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.ingest import publisher as publisher_module
from services.ingest.box_reader import Received
from services.ingest.call_life import LONGEST_UNANSWERED
from services.ingest.framing import Garbage
from services.ingest.publisher import Publisher
from shared.boxes import Box
from shared.event_log import ORIGIN, EventLog
from shared.redis_client import connect
from tests.valkey import Valkey
from tests.waiting import eventually

BOX = Box(name="office", host="fritz.box")
NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)


def line(text: str | Garbage, at: datetime = NOW) -> Received:
    return Received("office", at, text.encode() if isinstance(text, str) else text)


def ring(connection: int, second: int = 1) -> Received:
    return line(f"22.11.26 18:00:{second:02};RING;{connection};0302312501;6900090;SIP0;")


def hang_up(connection: int) -> Received:
    return line(f"22.11.26 18:00:30;DISCONNECT;{connection};0;")


@contextmanager
def publishing(log: EventLog, now: datetime = NOW) -> Iterator[Publisher]:
    publisher, stop = Publisher(log, [BOX], now=lambda: now), threading.Event()
    thread = threading.Thread(target=publisher.run, args=(stop,))
    thread.start()
    try:
        yield publisher
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive(), "must stop within 5 s"


def events(log: EventLog) -> list[str]:
    return [e.event.type for e in log.read(ORIGIN, count=10_000, block_seconds=0.01)]


def test_what_was_read_before_the_stop_is_published(event_log: EventLog) -> None:
    with publishing(event_log) as publisher:
        for connection in range(50):
            publisher.deliver(ring(connection))
            publisher.deliver(hang_up(connection))
    assert events(event_log) == ["call.ringing", "call.ended"] * 50


def test_a_restart_in_the_middle_of_a_call_goes_on_with_it(event_log: EventLog) -> None:
    with publishing(event_log) as publisher:
        publisher.deliver(ring(0))
    with publishing(event_log) as publisher:
        publisher.deliver(line("22.11.26 18:00:09;CONNECT;0;10;0302312501;"))
        publisher.deliver(hang_up(0))
    calls = [e.event for e in event_log.read(ORIGIN, count=10, block_seconds=0.01)]
    assert [event.type for event in calls] == ["call.ringing", "call.connected", "call.ended"]
    assert len({event.call_id for event in calls}) == 1


def test_two_publishers_of_one_box_write_each_event_once(event_log: EventLog) -> None:
    with publishing(event_log) as one, publishing(event_log) as two:
        eventually(lambda: one.ready and two.ready)
        for received in (ring(0), hang_up(0), ring(0, second=31), hang_up(0)):
            one.deliver(received)
            two.deliver(received)
    assert events(event_log) == ["call.ringing", "call.ended"] * 2


def test_a_malformed_line_is_kept_apart_and_the_next_one_is_read(event_log: EventLog) -> None:
    with publishing(event_log) as publisher:
        publisher.deliver(line("22.11.26 18:00:01;RING;x;0302312501;6900090;SIP0;"))
        publisher.deliver(line(Garbage("longer than 500 bytes", b"\xff\x00xxx")))
        publisher.deliver(ring(0))
    assert events(event_log) == ["call.ringing"]
    kept: Any = event_log.redis.xrange(event_log.keys.quarantine)
    assert [(entry[b"reason"], entry[b"line"]) for _, entry in kept] == [
        (
            b"the connection id is not a number of at most 2 digits",
            b"22.11.26 18:00:01;RING;x;0302312501;6900090;SIP0;",
        ),
        (b"longer than 500 bytes", b"\\xff\x00xxx"),
    ]
    assert kept[0][1][b"received_at"] == b"2026-11-22T17:00:01.000+00:00"


def test_the_quarantine_is_bounded(event_log: EventLog) -> None:
    with publishing(event_log) as publisher:
        for number in range(3000):
            publisher.deliver(line(f"garbage {number}"))
    assert event_log.redis.xlen(event_log.keys.quarantine) <= 1200


def test_lines_are_kept_while_redis_is_away_and_published_in_order(own_valkey: Valkey) -> None:
    log = EventLog(connect(own_valkey.url), "callmonitor:events", 3600)
    with publishing(log) as publisher:
        publisher.deliver(ring(0))
        own_valkey.start()
        eventually(lambda: events(log) == ["call.ringing"], within=10)
        own_valkey.stop()
        publisher.deliver(hang_up(0))
        publisher.deliver(ring(0, second=31))
        own_valkey.start()
        eventually(lambda: events(log) == ["call.ringing", "call.ended", "call.ringing"], within=15)


def test_what_is_lost_by_a_stop_while_redis_is_away_is_said(
    own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "LAST_TRIES", 0.3)
    own_valkey.start()
    with capture_logs() as logs, publishing(EventLog(connect(own_valkey.url), "callmonitor:events", 3600)) as publisher:
        eventually(lambda: publisher.ready)
        own_valkey.stop()
        publisher.deliver(ring(0))
        eventually(lambda: [entry for entry in logs if "Redis is away" in entry["event"]])
    assert [entry["lines_lost"] for entry in logs if "lines_lost" in entry] == [1]


def test_a_call_that_the_box_forgot_is_ended(event_log: EventLog) -> None:
    with publishing(event_log) as publisher:
        publisher.deliver(ring(0))
    with publishing(event_log, now=NOW + LONGEST_UNANSWERED + timedelta(seconds=1)):
        eventually(lambda: events(event_log) == ["call.ringing", "call.ended"])
