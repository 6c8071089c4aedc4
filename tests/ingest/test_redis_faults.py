"""Redis goes away, comes back, refuses, forgets: the log holds what it would hold had nothing happened."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from structlog.testing import capture_logs

from services.ingest.box_reader import Received
from services.ingest.call_life import CallLife
from services.ingest.wire import Malformed, parse
from shared.event_log import EventLog
from tests.conftest import OpenLog
from tests.full_disk import full_disk
from tests.ingest.lossy_proxy import LossyProxy
from tests.ingest.running import BOX, NOW, Ingest, answer, calls, hang_up, ingesting, ring, states
from tests.valkey import Valkey
from tests.waiting import eventually

LogAt = Callable[[str], EventLog]
PATIENCE = 20.0


@pytest.fixture
def log_at(open_log: OpenLog) -> LogAt:
    """Opens the log of the server at a URL; it keeps what these tests' calendar says is long over."""
    return lambda url: open_log(url, retention_seconds=3650 * 24 * 3600, timeout=2.0)


def versions(log: EventLog) -> list[str]:
    return [f"{call.id} {call.seq} {call.state}" for call in calls(log)]


def undisturbed(lines: list[Received]) -> list[str]:
    """The log as it would be had nothing happened."""
    life, events = CallLife(BOX), []
    for received in lines:
        assert isinstance(received.line, bytes)
        message = parse(received.line)
        assert not isinstance(message, Malformed)
        events += life.apply(message, received.line, received.at)
    return [f"{event.call.id} {event.call.seq} {event.call.state}" for event in events]


def a_day(seed: int, count: int = 60, *, seconds: tuple[int, ...] = (0, 0, 1)) -> list[Received]:
    """Calls on three connections, and so many `seconds` from one to the next: within one, some lines are the same."""
    chance, second = random.Random(seed), 0
    lines: list[Received] = []
    while len(lines) < count:
        connection = chance.randrange(3)
        second = min(3599, second + chance.choice(seconds))
        lines.append(ring(connection, second, caller=f"03023125{chance.randrange(3)}00"))
        if chance.random() < 0.5:
            lines.append(answer(connection, second))
        if chance.random() < 0.9:
            lines.append(hang_up(connection, second))
    return [replace(each, at=NOW + timedelta(milliseconds=n)) for n, each in enumerate(lines)]


@pytest.fixture
def log(own_valkey: Valkey, log_at: LogAt) -> EventLog:
    own_valkey.start()
    return log_at(own_valkey.url)


def refuses_as_a_replica(redis: Redis) -> Callable[[], Any]:
    redis.replicaof("127.0.0.1", "1")
    return lambda: redis.replicaof("NO", "ONE")


def is_out_of_memory(redis: Redis) -> Callable[[], Any]:
    redis.config_set("maxmemory", "1mb")
    return lambda: redis.config_set("maxmemory", "0")


def has_a_full_disk(redis: Redis) -> Callable[[], Any]:
    full = ExitStack()
    full.enter_context(full_disk(redis))
    return full.close


@pytest.mark.parametrize("fault", [refuses_as_a_replica, is_out_of_memory, has_a_full_disk])
def test_while_redis_takes_nothing_lines_are_kept(
    log: EventLog, tmp_path: Path, fault: Callable[[Redis], Callable[[], Any]]
) -> None:
    lines = a_day(1)
    with capture_logs() as logs, ingesting(log, tmp_path) as ingest:
        ingest.hear(*lines[:10])
        eventually(lambda: not ingest.spool.waiting)
        mended = fault(log.redis)
        ingest.hear(*lines[10:])
        eventually(lambda: [entry for entry in logs if "Redis is away" in entry["event"]])
        assert ingest.spool.waiting
        mended()
        eventually(lambda: not ingest.spool.waiting, within=PATIENCE)
    assert versions(log) == undisturbed(lines)
    assert len([entry for entry in logs if "Redis is away" in entry["event"]]) == 1, "once, however often it tries"


def test_an_hour_of_a_busy_office_without_redis_is_published_whole(
    own_valkey: Valkey, log_at: LogAt, tmp_path: Path
) -> None:
    lines = a_day(2, count=4000)
    log = log_at(own_valkey.url)
    with ingesting(log, tmp_path) as ingest:
        ingest.hear(*lines[:2000])
    with ingesting(log, tmp_path, dies=True) as ingest:
        assert ingest.spool.waiting == 2000
        ingest.hear(*lines[2000:])
    with ingesting(log, tmp_path) as ingest:
        assert ingest.spool.waiting == len(lines)
        own_valkey.start()
        eventually(lambda: not ingest.spool.waiting, within=PATIENCE)
    assert versions(log) == undisturbed(lines)


def test_a_stop_while_redis_is_away_keeps_the_lines_and_says_so(
    own_valkey: Valkey, log_at: LogAt, tmp_path: Path
) -> None:
    own_valkey.start()
    log = log_at(own_valkey.url)
    with capture_logs() as logs, ingesting(log, tmp_path) as ingest:
        ingest.hear(ring(0))
        eventually(lambda: not ingest.spool.waiting)
        own_valkey.stop()
        ingest.hear(answer(0), hang_up(0))
        eventually(lambda: [entry for entry in logs if "Redis is away" in entry["event"]])
    assert [entry["lines"] for entry in logs if "kept for the next start" in entry["event"]] == [2]
    own_valkey.start()
    with ingesting(log, tmp_path) as ingest:
        eventually(lambda: not ingest.spool.waiting)
    assert versions(log) == undisturbed([ring(0), answer(0), hang_up(0)])


def test_an_emptied_redis_gets_the_calls_in_progress_again_and_they_go_on(log: EventLog, tmp_path: Path) -> None:
    with capture_logs() as logs, ingesting(log, tmp_path) as ingest:
        ingest.hear(ring(0), ring(1, caller="03023125200"), answer(1))
        eventually(lambda: not ingest.spool.waiting)
        before = {call.id for call in calls(log)}
        log.redis.flushall()
        eventually(lambda: len(log.present().events) == 2)
        ingest.hear(answer(0), hang_up(0), hang_up(1))
        eventually(lambda: not ingest.spool.waiting)
    assert states(log) == ["ringing 1", "connected 2", "connected 2", "ended 3", "ended 3"]
    assert {call.id for call in calls(log)} == before
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "Redis was emptied; the calls in progress are told anew"
    ]


def remembered(redis: Redis) -> Callable[[], None]:
    """Redis as it is now; calling the result makes it so again, as a restart does that lost the last second."""
    keys: list[bytes] = list(redis.scan_iter())
    dumps = [(key, redis.dump(key)) for key in keys]

    def go_back() -> None:
        pipe = redis.pipeline(transaction=True)
        pipe.flushall()
        for key, dump in dumps:
            pipe.restore(key, 0, dump)  # type: ignore[arg-type]
        pipe.execute()

    return go_back


def test_what_redis_forgot_of_its_last_seconds_is_published_again(log: EventLog, tmp_path: Path) -> None:
    lines = a_day(3)
    with ingesting(log, tmp_path) as ingest:
        ingest.hear(*lines[:20])
        eventually(lambda: not ingest.spool.waiting)
        go_back = remembered(log.redis)
        ingest.hear(*lines[20:40])
        eventually(lambda: not ingest.spool.waiting)
        go_back()
        ingest.hear(*lines[40:])
        eventually(lambda: not ingest.spool.waiting)
        eventually(lambda: versions(log) == undisturbed(lines))


def test_it_is_published_again_even_if_ingest_was_restarted_too(log: EventLog, tmp_path: Path) -> None:
    lines = a_day(4)
    with ingesting(log, tmp_path, dies=True) as ingest:
        ingest.hear(*lines[:20])
        eventually(lambda: not ingest.spool.waiting)
        go_back = remembered(log.redis)
        ingest.hear(*lines[20:])
        eventually(lambda: not ingest.spool.waiting)
    go_back()
    with ingesting(log, tmp_path) as ingest:
        eventually(lambda: ingest.publisher.publishes and not ingest.spool.waiting)
    assert versions(log) == undisturbed(lines)


def test_when_answers_get_lost_on_the_way_nothing_is_published_twice(
    own_valkey: Valkey, log_at: LogAt, tmp_path: Path
) -> None:
    own_valkey.start()
    lines, log = a_day(5), log_at(own_valkey.url)
    with LossyProxy(own_valkey) as way, ingesting(log_at(way.url), tmp_path) as ingest:
        eventually(lambda: ingest.publisher.publishes)
        for number in range(0, len(lines), 10):
            way.deaf, lost = True, way.lost
            ingest.hear(*lines[number : number + 10])
            eventually(lambda lost=lost: way.lost > lost)  # type: ignore[misc]
            way.deaf = False
        eventually(lambda: not ingest.spool.waiting, within=PATIENCE)
    assert versions(log) == undisturbed(lines)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_in_whatever_order_the_log_is_what_it_would_have_been(
    own_valkey: Valkey, log_at: LogAt, tmp_path: Path, seed: int
) -> None:
    """Ingest is stopped, killed and doubled; Redis is restarted and loses its last seconds.

    No two lines are the same here: who has just begun to stand by cannot always tell such lines of one second apart.
    """
    chance, lines = random.Random(seed), a_day(seed, count=150, seconds=(1,))
    own_valkey.start()
    log = log_at(own_valkey.url)
    running, stack = start(log, tmp_path, chance)
    try:
        heard = 0
        while heard < len(lines):
            count = chance.randint(1, 12)
            for ingest in running:
                ingest.hear(*lines[heard : heard + count])
            heard += count
            match chance.choice(["nothing", "nothing", "again", "restart", "behind"]):
                case "again":
                    stack.close()
                    running, stack = start(log, tmp_path, chance)
                case "restart":
                    own_valkey.stop()
                    for ingest in running:
                        ingest.hear(*lines[heard : heard + 3])
                    heard += 3
                    own_valkey.start()
                case "behind" if len(running) == 1:
                    settled(running)
                    go_back = remembered(log.redis)
                    running[0].hear(*lines[heard : heard + 5])
                    heard += 5
                    settled(running)
                    go_back()
        settled(running)
        eventually(lambda: versions(log) == undisturbed(lines), within=PATIENCE)
    finally:
        stack.close()


def start(log: EventLog, folder: Path, chance: random.Random) -> tuple[list[Ingest], ExitStack]:
    """One or two ingests, which will stop in order or die."""
    stack = ExitStack()
    count = chance.choice([1, 1, 2])
    return [stack.enter_context(ingesting(log, folder, dies=chance.random() < 0.5)) for _ in range(count)], stack


def settled(running: list[Ingest]) -> None:
    eventually(lambda: all(not ingest.spool.waiting for ingest in running), within=PATIENCE)
