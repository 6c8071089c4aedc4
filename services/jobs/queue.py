"""The queue, and what may stand in it: the names of jobs, and nothing else.

RQ as it comes runs whatever function a job names, with arguments that it unpickles: who can write to Redis can run
code. Here a job is one of our names, JSON carries it, and what else a job's hash may ask for (callbacks, webhooks) is
not done.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from services.jobs.settings import QueueSettings
from shared.redis_client import connect, connect_by

SYNC: Final = "sync_contacts"
"""When nobody is at it."""
SYNC_NOW: Final = "sync_contacts_now"
"""After whoever is at it: somebody waits for contacts as they are now."""
NAMES: Final = frozenset({SYNC, SYNC_NOW})
LONGEST_JOB: Final = 12 * 3600
"""Seconds. What takes longer hangs."""
FAILURE_SECONDS: Final = 3600
"""How long a failed job can be looked at."""


class UnknownJob(Exception):
    """A job that is none of ours."""


def named_jobs(jobs: Mapping[str, Callable[[], None]]) -> type[Job]:
    """The class of jobs that are these, by their names."""

    class NamedJob(Job):
        @property
        def func(self) -> Callable[[], None]:
            name = self.func_name
            if name is None or name not in jobs:
                raise UnknownJob("The queue holds a job that this version does not know.")
            return jobs[name]

        @property
        def success_callback(self) -> None:
            return None

        @property
        def failure_callback(self) -> None:
            return None

        @property
        def stopped_callback(self) -> None:
            return None

        def send_webhooks(self, *_: Any, **__: Any) -> None:
            """Nobody is told over the network."""

    return NamedJob


def connect_queue(settings: QueueSettings) -> Redis:
    """A client of its own for the Redis that the queue is in."""
    return connect(settings.queue_redis_url) if settings.queue_redis_url else connect_by(settings)


def open_queue(redis: Redis, event_stream: str, job_class: type[Job] = Job) -> Queue:
    """The queue of an event log. `job_class` is for who runs the jobs, too."""
    return Queue(_short(event_stream), connection=redis, job_class=job_class, serializer=JSONSerializer)


def put(queue: Queue, name: str) -> str:
    """Have a job done as soon as possible. Returns its id."""
    return str(queue.enqueue(name, **_OPTIONS).id)


def put_next(queue: Queue, name: str, every_seconds: int) -> None:
    """See to it that a job is due at the next full `every_seconds`, once, whoever asks and how often."""
    due = (int(time.time()) // every_seconds + 1) * every_seconds
    job_id = f"{queue.name}-{name}-{due}"
    try:
        queue.enqueue_at(datetime.fromtimestamp(due, UTC), name, job_id=job_id, unique=True, **_OPTIONS)
    except DuplicateJobError:
        return


def _short(event_stream: str) -> str:
    """Letters and digits: RQ's names take no others, and several event logs may live in one Redis."""
    return f"callmonitor-{hashlib.sha256(event_stream.encode()).hexdigest()[:8]}"


_OPTIONS: Final[Mapping[str, Any]] = {
    "job_timeout": LONGEST_JOB,
    "result_ttl": 0,
    "failure_ttl": FAILURE_SECONDS,
}
