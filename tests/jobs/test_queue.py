"""The queue and its worker: our jobs by their names, and nothing else, whoever writes into Redis."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq.callbacks import Callback
from rq.job import Job
from rq.registry import FailedJobRegistry, ScheduledJobRegistry
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from services.jobs.queue import named_jobs, open_queue, put, put_next
from services.jobs.schedule import keep_schedule
from services.jobs.worker import _RqWorker
from shared.event_log import EventLog
from tests.conftest import STREAM, OpenLog
from tests.valkey import Valkey
from tests.waiting import eventually


class Bench:
    """A queue, and a worker whose only job is `greet`."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.done: list[str] = []
        self.queue = open_queue(self.redis, STREAM)

    def work(self) -> None:
        """Do all that is in the queue."""
        job_class = named_jobs({"greet": lambda: self.done.append("greeted")})
        _RqWorker(self.redis, STREAM, job_class).work(burst=True, logging_level=None)

    def failed(self) -> int:
        return int(FailedJobRegistry(queue=self.queue).get_job_count(cleanup=False))


@pytest.fixture
def bench(redis_client: Redis) -> Bench:
    return Bench(redis_client)


def test_a_job_is_done_by_its_name_and_leaves_nothing_behind(bench: Bench) -> None:
    job = put(bench.queue, "greet")
    bench.work()
    assert bench.done == ["greeted"]
    assert not Job.exists(job, bench.redis)


@pytest.mark.parametrize("name", ["os.system", "builtins.exec", "services.jobs.queue.put", "subprocess.run", ""])
def test_a_function_that_redis_names_is_not_run(bench: Bench, tmp_path: Path, name: str) -> None:
    trace = tmp_path / "trace"
    bench.queue.enqueue(name, args=[f"touch {trace}"])
    put(bench.queue, "greet")
    bench.work()
    assert not trace.exists()
    assert (bench.failed(), bench.done) == (1, ["greeted"])


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self._command,)


def test_nothing_in_redis_is_unpickled(bench: Bench, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = bench.queue.enqueue("greet", result_ttl=60)
    evil = pickle.dumps(Evil(f"touch {trace}"))
    bench.redis.hset(job.key, mapping={"data": evil, "meta": evil, "args": evil})
    bench.work()
    assert not trace.exists()
    assert bench.done == []


def test_a_callback_that_redis_names_is_not_run(bench: Bench, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bench.queue.enqueue("greet", on_success=Callback("os.system"), on_failure=Callback("os.system"))
    bench.queue.enqueue("greet", args=[f"touch {trace}"], on_failure=Callback("os.system"))
    bench.work()
    assert not trace.exists()
    assert (bench.failed(), bench.done) == (1, ["greeted"])


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """The address of an HTTP server, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/told", asked
        server.shutdown()
        thread.join()


def test_nobody_is_told_over_the_network_however_a_job_asks_for_it(
    bench: Bench, listener: tuple[str, list[str]]
) -> None:
    url, asked = listener
    bench.queue.enqueue("greet", webhooks=[Webhook(url, "finished", method="POST")])
    bench.work()
    assert (bench.done, asked) == (["greeted"], [])


def test_a_job_is_due_once_however_many_workers_see_to_it(bench: Bench, valkey: Valkey, open_log: OpenLog) -> None:
    for _ in range(5):
        put_next(open_queue(open_log(valkey.url).redis, STREAM), "greet", 3600)
    assert len(ScheduledJobRegistry(queue=bench.queue)) == 1


def test_two_event_logs_in_one_redis_have_queues_of_their_own(redis_client: Redis) -> None:
    one, other = (open_queue(redis_client, stream) for stream in ("callmonitor:events", "other, stream"))
    put(one, "greet")
    assert (one.count, other.count) == (1, 0)


def test_the_schedule_starts_with_a_sync_at_once_and_goes_on_every_so_often(bench: Bench, event_log: EventLog) -> None:
    stop = threading.Event()
    queue = open_queue(event_log.redis, STREAM)
    keepers = [threading.Thread(target=keep_schedule, args=(event_log, queue, 1, stop)) for _ in range(2)]
    for keeper in keepers:
        keeper.start()

    def queued() -> list[str]:
        return [str(Job.fetch(i, bench.redis, JSONSerializer).func_name) for i in queue.job_ids]

    try:
        eventually(lambda: queued().count("sync_contacts_now") == 2)
        eventually(lambda: queued().count("sync_contacts") >= 2, within=10)
        bench.redis.flushall()
        eventually(lambda: "sync_contacts_now" in queued(), within=10)
    finally:
        stop.set()
        for keeper in keepers:
            keeper.join(5)
