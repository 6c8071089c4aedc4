"""The jobs in RQ's queue and registries, and how to have one done again or not at all.

What stands in Redis may be anything: a job that cannot be read is shown as one, and can be removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from services.jobs.queue import NAMES, open_queue


class State(StrEnum):
    """Where a job is."""

    RUNNING = "running"
    QUEUED = "queued"
    SCHEDULED = "scheduled"
    FAILED = "failed"


class Outcome(StrEnum):
    """What became of a retry or a removal."""

    DONE = "done"
    GONE = "gone"
    """There is no such job, or no longer."""
    NOT_FAILED = "not-failed"
    """It is still to be done, or being done."""
    UNKNOWN = "unknown"
    """It is none that this version knows."""
    RUNNING = "running"
    """Nobody can take it from the worker that is at it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as the list shows it."""

    id: str
    state: State
    name: str
    """Empty where it cannot be read."""
    at: datetime | None
    """Since when it runs, waits or has failed; when it is due."""
    reason: str = ""
    """Why it has failed."""


class JobList:
    """The jobs of one event log."""

    def __init__(self, redis: Redis, event_stream: str) -> None:
        self._redis = redis
        self._queue: Queue = open_queue(redis, event_stream)
        self._running = StartedJobRegistry(queue=self._queue)
        self._scheduled = ScheduledJobRegistry(queue=self._queue)
        self._failed = FailedJobRegistry(queue=self._queue)

    def __iter__(self) -> Iterator[Listed]:
        """All of them: first what runs, then what is to come, then what has failed."""
        for state, ids in self._ids().items():
            for job_id in ids:
                yield self._listed(job_id, state)

    def retry(self, job_id: str) -> Outcome:
        """Have a job that has failed done again, after those that wait."""
        if (state := self._state(job_id)) is not State.FAILED:
            return Outcome.NOT_FAILED if state else Outcome.GONE
        job = self._job(job_id)
        if job is None or _name(job) not in NAMES:
            return Outcome.UNKNOWN
        try:
            self._failed.requeue(job)
        except InvalidJobOperation:  # somebody else was faster
            return Outcome.GONE
        return Outcome.DONE

    def remove(self, job_id: str) -> Outcome:
        """Have a job never done, or forget that it has failed."""
        state = self._state(job_id)
        if state is None:
            return Outcome.GONE
        if state is State.RUNNING:
            return Outcome.RUNNING
        self._queue.remove(job_id)
        for registry in (self._scheduled, self._failed):
            registry.remove(job_id)
        self._redis.delete(Job.key_for(job_id), f"rq:results:{job_id}")
        return Outcome.DONE

    def _ids(self) -> dict[State, list[str]]:
        return {
            State.RUNNING: self._running.get_job_ids(cleanup=False),
            State.QUEUED: self._queue.get_job_ids(),
            State.SCHEDULED: self._scheduled.get_job_ids(cleanup=False),
            State.FAILED: self._failed.get_job_ids(cleanup=False),
        }

    def _state(self, job_id: str) -> State | None:
        return next((state for state, ids in self._ids().items() if job_id in ids), None)

    def _job(self, job_id: str) -> Job | None:
        try:
            return Job.fetch(job_id, self._redis, JSONSerializer)
        except (NoSuchJobError, ValueError):
            return None

    def _listed(self, job_id: str, state: State) -> Listed:
        job = self._job(job_id)
        if job is None:
            return Listed(job_id, state, "", None)
        at = {
            State.RUNNING: job.started_at,
            State.QUEUED: job.enqueued_at,
            State.SCHEDULED: self._due(job),
            State.FAILED: job.ended_at,
        }[state]
        reason = _reason(job) if state is State.FAILED else ""
        return Listed(job_id, state, _name(job), at.replace(tzinfo=at.tzinfo or UTC) if at else None, reason)

    def _due(self, job: Job) -> datetime | None:
        try:
            return self._scheduled.get_scheduled_time(job)
        except NoSuchJobError:
            return None


def _name(job: Job) -> str:
    try:
        return job.func_name or ""
    except (DeserializationError, ValueError, TypeError):
        return ""


def _reason(job: Job) -> str:
    """The last line of the traceback: which error, and what it says."""
    result = job.latest_result()
    lines = (result.exc_string or "").strip().splitlines() if result else []
    return lines[-1] if lines else ""
