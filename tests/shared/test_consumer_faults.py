"""A worker of a consumer group while Redis is away, full, read-only or emptied, and one that sleeps: nothing is lost or
doubled, nothing spins, and it is said once that it waits and once that it goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from redis import Redis
from structlog.testing import capture_logs

from shared.consumer import LONGEST_REDIS_WAIT, Consumer, Done, Entry, Handler, Rejected
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.full_disk import full_disk
from tests.shared.frozen_worker import FROZEN_CALL
from tests.shared.test_consumer import GROUP, pending, publish, resolve_all, resolved, working
from tests.valkey import Valkey
from tests.waiting import eventually

STREAM, RETENTION = "callmonitor:events", 7 * 24 * 3600
Lines = list[Any]


class CountedWaits(threading.Event):
    """A stop signal with which no wait takes any time, and that is set after so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        if len(self.seconds) == self._most:
            self.set()
        return self.is_set()


@pytest.fixture
def log(own_valkey: Valkey) -> Iterator[EventLog]:
    """A log on a running server of the test's own."""
    own_valkey.start()
    with connect(own_valkey.url) as redis:
        yield EventLog(redis, STREAM, RETENTION)


@contextlib.contextmanager
def at_work(log: EventLog, handler: Handler, **options: Any) -> Iterator[Lines]:
    """A worker with a connection of its own, by the name of `worker`. Yields what is logged."""
    where = log.redis.connection_pool.connection_kwargs
    with connect(f"redis://{where['host']}:{where['port']}/0") as redis, capture_logs() as said:
        redis.connection_pool.connection_kwargs["client_name"] = "worker"
        with working(Consumer(EventLog(redis, STREAM, RETENTION), GROUP, "worker", handler, **options)):
            yield said


def events(said: Lines) -> list[str]:
    return [line["event"] for line in said]


def commands(redis: Redis, name: str) -> int:
    """How often a command has been asked for."""
    statistics: Any = redis.info("commandstats")
    return int(statistics.get(f"cmdstat_{name}", {"calls": 0})["calls"])


def test_while_redis_is_away_each_try_waits_longer_up_to_a_limit_and_it_is_said_once() -> None:
    tries = []

    class CutsOff(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            tries.append(1)

    stop = CountedWaits(12)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), CutsOff) as server, capture_logs() as said:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        with connect(f"redis://127.0.0.1:{server.server_address[1]}/0") as redis:
            Consumer(EventLog(redis, STREAM, 60), GROUP, "worker", resolve_all, take_over_seconds=3600).run(stop)
        server.shutdown()

    assert events(said).count("Redis is away") == 1
    assert len(tries) <= 4 * (len(stop.seconds) + 1), "each round and the goodbye connect, and once more each"
    assert max(stop.seconds) <= LONGEST_REDIS_WAIT
    assert min(stop.seconds[-4:]) >= LONGEST_REDIS_WAIT / 2
    assert stop.seconds[0] < 1


def test_a_redis_without_memory_is_waited_for(log: EventLog) -> None:
    def stores_something_first(entries: Sequence[Entry]) -> list[Done | Rejected]:
        for entry in entries:
            log.redis.hset(log.keys.beside("kept"), entry.event.call_id, "1")
        return resolve_all(entries)

    publish(log, "one", "two")
    log.redis.config_set("maxmemory", 1)
    with at_work(log, stores_something_first) as said:
        eventually(lambda: "Redis is away" in events(said))
        assert resolved(log) == []
        log.redis.config_set("maxmemory", 0)
        eventually(lambda: sorted(resolved(log)) == ["one", "two"], within=20)
        eventually(lambda: "Redis is back" in events(said))
    assert events(said).count("Redis is away") == events(said).count("Redis is back") == 1
    assert log.redis.xlen(log.keys.dead) == 0


def test_what_is_acknowledged_is_published_also_where_memory_runs_out_between(log: EventLog) -> None:
    publish(log, "one")

    def fills_the_memory(entries: Sequence[Entry]) -> list[Done | Rejected]:
        log.redis.config_set("maxmemory", 1)
        return resolve_all(entries)

    with at_work(log, fills_the_memory):
        eventually(lambda: log.redis.exists(STREAM) and resolved(log) == ["one"])
        eventually(lambda: pending(log.redis, log) == 0)


def test_a_redis_whose_disk_is_full_is_waited_for(log: EventLog) -> None:
    publish(log, "one", "two")
    with ExitStack() as full:
        full.enter_context(full_disk(log.redis))
        with at_work(log, resolve_all) as said:
            eventually(lambda: "Redis is away" in events(said))
            assert resolved(log) == []
            full.close()
            eventually(lambda: sorted(resolved(log)) == ["one", "two"], within=20)
            eventually(lambda: "Redis is back" in events(said))
    assert events(said).count("Redis is away") == events(said).count("Redis is back") == 1
    assert log.redis.xlen(log.keys.dead) == 0


def test_a_redis_that_became_a_replica_is_waited_for(log: EventLog) -> None:
    publish(log, "one")
    with at_work(log, resolve_all) as said:
        eventually(lambda: resolved(log) == ["one"])
        publish(log, "two")
        eventually(lambda: resolved(log) == ["one", "two"])
        eventually(lambda: pending(log.redis, log) == 0)
        log.redis.replicaof("127.0.0.1", 1)
        eventually(lambda: "Redis is away" in events(said))
        log.redis.replicaof("NO", "ONE")
        publish(log, "three")
        eventually(lambda: resolved(log) == ["one", "two", "three"], within=20)
        eventually(lambda: "Redis is back" in events(said))
    assert events(said).count("Redis is away") == events(said).count("Redis is back") == 1


def test_it_is_said_once_that_redis_is_away_and_once_that_it_is_back(own_valkey: Valkey, log: EventLog) -> None:
    with at_work(log, resolve_all) as said:
        publish(log, "one")
        eventually(lambda: resolved(log) == ["one"])
        own_valkey.stop()
        eventually(lambda: "Redis is away" in events(said))
        own_valkey.start()
        publish(log, "two")
        eventually(lambda: resolved(log) == ["one", "two"], within=20)
        eventually(lambda: "Redis is back" in events(said))
    assert events(said).count("Redis is away") == events(said).count("Redis is back") == 1


def test_a_destroyed_group_is_made_anew_once_and_skips_nothing(log: EventLog) -> None:
    handled: list[str] = []

    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        handled.extend(entry.event.call_id for entry in entries)
        return [Done(entry) for entry in entries]

    publish(log, "one")
    with at_work(log, handler) as said:
        eventually(lambda: handled == ["one"] and pending(log.redis, log) == 0)
        with log.redis.pipeline(transaction=True) as pipe:
            pipe.xgroup_destroy(STREAM, GROUP)
            pipe.xadd(STREAM, {"event": log.read("0-0", count=1, block_seconds=0.1)[0].document})
            pipe.execute()
        publish(log, "two")
        eventually(lambda: "two" in handled)
    assert handled == ["one", "one", "one", "two"], "from the beginning, and nothing is left out"
    assert events(said).count("consumer group is gone, making it anew") == 1
    assert commands(log.redis, "xgroup|create") == 2


def test_what_a_worker_holds_when_its_group_is_destroyed_is_handled_once_more_and_has_its_effect_once(
    log: EventLog,
) -> None:
    destroyed: list[Any] = []

    def handler(entries: Sequence[Entry]) -> list[Done | Rejected]:
        if not destroyed:
            destroyed.append(log.redis.xgroup_destroy(STREAM, GROUP))
        return resolve_all(entries)

    publish(log, "one", "two")
    with at_work(log, handler):
        eventually(lambda: len(resolved(log)) >= 2)
        eventually(lambda: pending(log.redis, log) == 0)
    assert resolved(log) == ["one", "two"]


def test_after_flushall_the_next_events_are_handled_and_nothing_spins(log: EventLog) -> None:
    with at_work(log, resolve_all) as said:
        publish(log, "one")
        eventually(lambda: resolved(log) == ["one"])
        log.redis.config_resetstat()
        log.redis.flushall()
        publish(log, "two")
        eventually(lambda: resolved(log) == ["two"])
    assert events(said).count("consumer group is gone, making it anew") == 1
    assert commands(log.redis, "xgroup|create") == 1
    assert "Redis is away" not in events(said)


def test_a_worker_whose_connections_are_cut_again_and_again_has_each_effect_once(log: EventLog) -> None:
    def cut(entries: Sequence[Entry]) -> list[Done | Rejected]:
        for client in log.redis.client_list():
            if client["name"] == "worker":
                log.redis.client_kill_filter(_id=client["id"])
        return resolve_all(entries)

    calls = [f"call-{number:02}" for number in range(30)]
    publish(log, *calls)
    with at_work(log, cut, batch=3, take_over_seconds=0.2):
        eventually(lambda: len(resolved(log)) >= len(calls), within=30)
        eventually(lambda: pending(log.redis, log) == 0, within=20)
    assert sorted(resolved(log)) == calls


def test_a_worker_that_was_frozen_for_longer_than_the_take_over_doubles_nothing(
    own_valkey: Valkey, log: EventLog
) -> None:
    log.ensure_group(GROUP)
    publish(log, FROZEN_CALL)
    frozen = subprocess.Popen([sys.executable, "-m", "tests.shared.frozen_worker", own_valkey.url])
    try:
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        with at_work(log, resolve_all, take_over_seconds=0.5):
            eventually(lambda: resolved(log) == [FROZEN_CALL])
            eventually(lambda: pending(log.redis, log) == 0)
        frozen.send_signal(signal.SIGCONT)
        publish(log, "next")  # nobody but the one that was frozen works now
        eventually(lambda: "next" in resolved(log), within=20)
        frozen.terminate()
        assert frozen.wait(10) == 0
    finally:
        frozen.kill()
        frozen.wait()
    assert resolved(log) == [FROZEN_CALL, "next"]
