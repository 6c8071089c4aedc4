"""Consumer groups on a real Valkey: every event handled, its effect once, whatever dies or is away."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from redis import Redis

from shared.consumer import AGAIN_SECONDS, MAX_DELIVERIES, Consumer, Done, Entry, Rejected, Unavailable
from shared.event_log import ORIGIN, EventLog
from shared.events import ContactResolved
from tests.conftest import OpenLog
from tests.shared.making import an_event
from tests.valkey import Valkey
from tests.waiting import eventually

GROUP = "matcher"


def publish(log: EventLog, *call_ids: str) -> None:
    log.publish_lines("office", [([an_event(call_id)], b"") for call_id in call_ids])


def resolve_all(entries: Sequence[Entry]) -> list[Done | Rejected]:
    return [
        Done(entry, [ContactResolved(call_id=entry.event.call_id)] if entry.event.type == "call.ringing" else [])
        for entry in entries
    ]


def resolved(log: EventLog) -> list[str]:
    events = log.read(ORIGIN, count=10_000, block_seconds=0.01)
    return [e.event.call_id for e in events if e.event.type == "contact.resolved"]


def pending(redis: Redis, log: EventLog) -> int:
    summary: Any = redis.xpending(log.keys.stream, GROUP)
    return int(summary["pending"])


def dead_letters(redis: Redis, log: EventLog) -> list[dict[str, str]]:
    entries: Any = redis.xrange(log.keys.dead)
    return [{key.decode(): value.decode() for key, value in fields.items()} for _, fields in entries]


@contextlib.contextmanager
def working(*consumers: Consumer) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=consumer.run, args=(stop,)) for consumer in consumers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive(), "must stop within 5 s"


def test_a_group_reads_what_was_there_before_it(event_log: EventLog) -> None:
    publish(event_log, "one", "two")
    with working(Consumer(event_log, GROUP, "worker", resolve_all)):
        assert eventually(lambda: resolved(event_log) == ["one", "two"])


def test_workers_share_the_events_and_each_event_has_its_effect_once(
    event_log: EventLog, valkey: Valkey, open_log: OpenLog
) -> None:
    logs = [open_log(valkey.url) for _ in range(3)]
    call_ids = [f"call-{n:04}" for n in range(500)]
    with working(*(Consumer(log, GROUP, f"worker-{n}", resolve_all, batch=10) for n, log in enumerate(logs))):
        publish(event_log, *call_ids)
        eventually(lambda: len(resolved(event_log)) >= len(call_ids), within=20)
        eventually(lambda: pending(event_log.redis, event_log) == 0)
    assert sorted(resolved(event_log)) == call_ids


def test_what_a_dead_worker_held_is_taken_over(event_log: EventLog, redis_client: Redis) -> None:
    event_log.ensure_group(GROUP)
    publish(event_log, *(f"call-{n:03}" for n in range(250)))
    redis_client.xreadgroup(GROUP, "dead", {event_log.keys.stream: ">"}, count=250)
    with working(Consumer(event_log, GROUP, "alive", resolve_all, take_over_seconds=0.2)):
        eventually(lambda: len(resolved(event_log)) == 250)
    assert len(set(resolved(event_log))) == 250


def test_nothing_is_acknowledged_counted_or_lost_while_what_the_handler_needs_is_away(
    event_log: EventLog, redis_client: Redis
) -> None:
    away = threading.Event()
    away.set()
    tries = []

    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        tries.append(len(entries))
        if away.is_set():
            raise Unavailable("Limbas is away.")
        return resolve_all(entries)

    # Many take-over times pass while it is away: that must neither count as failures nor bury anything.
    with working(Consumer(event_log, GROUP, "worker", handler, take_over_seconds=0.1)):
        publish(event_log, "one")
        eventually(lambda: len(tries) >= 4)
        assert pending(redis_client, event_log) == 1
        away.clear()
        eventually(lambda: resolved(event_log) == ["one"])
    assert dead_letters(redis_client, event_log) == []


def test_restarts_while_what_the_handler_needs_is_away_count_for_nothing(
    event_log: EventLog, redis_client: Redis
) -> None:
    tried = threading.Event()

    def away(_: Sequence[Entry]) -> list[Done | Rejected]:
        tried.set()
        raise Unavailable("Limbas is away.")

    publish(event_log, "one")
    for life in range(MAX_DELIVERIES + 2):
        tried.clear()
        with working(Consumer(event_log, GROUP, f"worker-{life}", away, take_over_seconds=0.1)):
            assert tried.wait(5)
    with working(Consumer(event_log, GROUP, "worker", resolve_all, take_over_seconds=0.1)):
        eventually(lambda: resolved(event_log) == ["one"])
    assert dead_letters(redis_client, event_log) == []


def test_an_entry_that_is_taken_over_is_never_taken_for_a_new_one(event_log: EventLog, redis_client: Redis) -> None:
    event_log.ensure_group(GROUP)
    publish(event_log, *(f"call-{n:03}" for n in range(60)))
    stream = event_log.keys.stream
    redis_client.xreadgroup(GROUP, "dead", {stream: ">"}, count=1)
    redis_client.xreadgroup(GROUP, "alive", {stream: ">"}, count=58)
    redis_client.xreadgroup(GROUP, "dead", {stream: ">"}, count=1)
    taken: list[int] = []

    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        taken.extend(entry.deliveries for entry in entries if entry.event.type == "call.ringing")
        return resolve_all(entries)

    with working(Consumer(event_log, GROUP, "alive", handler, take_over_seconds=0.1)):
        eventually(lambda: len(resolved(event_log)) == 60)
    assert len(taken) == 60
    assert min(taken) >= 2


def test_an_event_that_always_fails_is_buried_and_holds_up_nobody(event_log: EventLog, redis_client: Redis) -> None:
    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        if any(entry.event.call_id == "poison" for entry in entries):
            raise ZeroDivisionError("a bug")
        return resolve_all(entries)

    publish(event_log, "one", "poison", "two")
    with working(Consumer(event_log, GROUP, "worker", handler, take_over_seconds=0.05)):
        eventually(lambda: resolved(event_log) == ["one", "two"])
        eventually(lambda: dead_letters(redis_client, event_log))
    (letter,) = dead_letters(redis_client, event_log)
    assert letter["reason"] == "ZeroDivisionError: a bug"
    assert letter["group"] == GROUP
    assert int(letter["deliveries"]) == MAX_DELIVERIES
    assert "poison" in letter["event"]


def test_an_event_that_kills_every_worker_is_buried(event_log: EventLog, redis_client: Redis) -> None:
    event_log.ensure_group(GROUP)
    publish(event_log, "poison", "one")
    redis_client.xreadgroup(GROUP, "first", {event_log.keys.stream: ">"}, count=1)
    for n in range(MAX_DELIVERIES):
        redis_client.xautoclaim(event_log.keys.stream, GROUP, f"victim-{n}", min_idle_time=0)
    with working(Consumer(event_log, GROUP, "worker", resolve_all, take_over_seconds=0.05)):
        eventually(lambda: dead_letters(redis_client, event_log))
        eventually(lambda: resolved(event_log) == ["one"])
    assert dead_letters(redis_client, event_log)[0]["reason"] == "every worker that took it died or failed"


def test_what_the_handler_rejects_is_buried_with_its_reason(event_log: EventLog, redis_client: Redis) -> None:
    publish(event_log, "one")
    with working(Consumer(event_log, GROUP, "worker", lambda es: [Rejected(e, "too odd") for e in es])):
        eventually(lambda: dead_letters(redis_client, event_log))
    assert dead_letters(redis_client, event_log)[0]["reason"] == "too odd"


@pytest.mark.parametrize("document", ["", "not json", '{"type": "call.ringing", "v": 2}', '{"type": "call.sung"}'])
def test_an_entry_that_is_no_event_is_buried(event_log: EventLog, redis_client: Redis, document: str) -> None:
    redis_client.xadd(event_log.keys.stream, {"event": document})
    publish(event_log, "one")
    with working(Consumer(event_log, GROUP, "worker", resolve_all)):
        eventually(lambda: resolved(event_log) == ["one"])
    (letter,) = dead_letters(redis_client, event_log)
    assert letter["reason"].startswith("not an event this version knows")


def test_an_entry_that_the_handler_leaves_out_is_offered_again(event_log: EventLog) -> None:
    offers: list[str] = []

    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        offers.extend(entry.event.call_id for entry in entries)
        return resolve_all(entries) if len(offers) > 2 else []

    publish(event_log, "one")
    with working(Consumer(event_log, GROUP, "worker", handler)):
        eventually(lambda: resolved(event_log) == ["one"])
    assert offers[:3] == ["one", "one", "one"]


def test_what_a_worker_holds_it_does_not_take_over_from_itself(event_log: EventLog, redis_client: Redis) -> None:
    offered: list[list[str]] = []

    def deliveries() -> int:
        rows: Any = redis_client.xpending_range(event_log.keys.stream, GROUP, "-", "+", 1)
        return int(rows[0]["times_delivered"])

    def leave_it_out(entries: Sequence[Entry]) -> list[Done | Rejected]:
        offered.append([entry.event.call_id for entry in entries])
        return resolve_all(entries) if deliveries() > MAX_DELIVERIES + 1 else []

    publish(event_log, "one")
    stuck = threading.Event()
    # Its thread cannot say that it lives, as while Redis is away.
    worker = Consumer(event_log, GROUP, "worker", leave_it_out, take_over_seconds=0.1, heartbeat=stuck.wait)
    with working(worker), contextlib.ExitStack() as at_the_end:
        at_the_end.callback(stuck.set)
        eventually(lambda: resolved(event_log) == ["one"], within=20)
    assert set(map(tuple, offered)) == {("one",)}
    assert dead_letters(redis_client, event_log) == []


def test_entries_that_are_all_left_out_are_not_offered_without_a_pause(event_log: EventLog) -> None:
    times: list[float] = []

    def leave_them(entries: Sequence[Entry]) -> list[Done | Rejected]:
        times.append(time.monotonic())
        return resolve_all(entries) if len(times) > 3 else []

    publish(event_log, "one", "two")
    with working(Consumer(event_log, GROUP, "worker", leave_them, batch=2)):
        eventually(lambda: len(resolved(event_log)) == 2)
    assert min(later - earlier for earlier, later in pairwise(times[:4])) >= AGAIN_SECONDS


def test_a_group_that_was_deleted_is_made_anew(event_log: EventLog, redis_client: Redis) -> None:
    with working(Consumer(event_log, GROUP, "worker", resolve_all)):
        publish(event_log, "one")
        eventually(lambda: resolved(event_log) == ["one"])
        redis_client.flushall()
        publish(event_log, "two")
        eventually(lambda: resolved(event_log) == ["two"])


def test_a_worker_starts_before_redis_and_outlives_its_restart(own_valkey: Valkey, open_log: OpenLog) -> None:
    log = open_log(own_valkey.url)
    consumer = Consumer(log, GROUP, "worker", resolve_all)
    with working(consumer):
        assert not consumer.ready
        own_valkey.start()
        publish(log, "one")
        eventually(lambda: resolved(log) == ["one"], within=10)
        own_valkey.stop()
        own_valkey.start()
        publish(log, "two")
        eventually(lambda: resolved(log) == ["one", "two"], within=10)


def test_a_worker_that_stops_leaves_the_group_unless_it_holds_something(
    event_log: EventLog, redis_client: Redis
) -> None:
    publish(event_log, "one")
    with working(Consumer(event_log, GROUP, "tidy", resolve_all)):
        eventually(lambda: resolved(event_log) == ["one"])
        eventually(lambda: pending(redis_client, event_log) == 0)
    publish(event_log, "two")
    with working(Consumer(event_log, GROUP, "busy", lambda _: [])):
        eventually(lambda: pending(redis_client, event_log) > 0)
    consumers: Any = redis_client.xinfo_consumers(event_log.keys.stream, GROUP)
    assert [consumer["name"] for consumer in consumers] == [b"busy"]
