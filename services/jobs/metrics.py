"""What stands in Redis, for Prometheus: looked at when it asks.

Said by jobs, of all groups: of itself a group that has no worker any more could say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from prometheus_client import Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError, ResponseError
from rq import Queue
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry

from shared.contacts.sync_state import SyncState
from shared.event_log import EventLog

SYNC_SECONDS: Final = Histogram(
    "callmonitor_contacts_sync_seconds",
    "How long a sync of the contacts took, the waits for Limbas included.",
    ["outcome"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 4 * 3600),
)
MOST_COUNTED: Final = 10_000
"""Undelivered events that are counted one by one where Redis does not know how many they are."""


class LogMetrics(Collector):
    """How far each consumer group is, what was given up on, how old the contacts are, and what is to be done."""

    def __init__(self, event_log: EventLog, queue: Queue) -> None:
        self._log = event_log
        self._queue = queue
        self._syncs = SyncState(event_log)

    def collect(self) -> Iterator[Metric]:
        """Nothing while Redis is away: numbers that nobody knows are no zeros."""
        try:
            found = [*self._groups(), *self._leftovers(), *self._contacts(), self._jobs()]
        except RedisError:
            return
        yield from found

    def _groups(self) -> Iterable[Metric]:
        lag = GaugeMetricFamily(
            "callmonitor_group_lag_events", "Events that no worker of the group has taken yet.", labels=["group"]
        )
        pending = GaugeMetricFamily(
            "callmonitor_group_pending_events", "Events that workers have taken and not finished.", labels=["group"]
        )
        age = GaugeMetricFamily(
            "callmonitor_group_lag_seconds",
            "Age of the oldest event that the group has not finished.",
            labels=["group"],
        )
        for place in _places(self._log):
            lag.add_metric([place.group], place.undelivered)
            pending.add_metric([place.group], place.pending)
            age.add_metric([place.group], place.seconds)
        return lag, pending, age

    def _leftovers(self) -> Iterable[Metric]:
        keys, redis = self._log.keys, self._log.redis
        yield GaugeMetricFamily(
            "callmonitor_dead_letters", "Events that a consumer group gave up on.", redis.xlen(keys.dead)
        )
        yield GaugeMetricFamily(
            "callmonitor_quarantine_lines",
            "Lines that were none of the call monitor's and are kept.",
            redis.xlen(keys.quarantine),
        )

    def _contacts(self) -> Iterable[Metric]:
        progress = self._syncs.progress()
        read_at = progress.read_at if progress else None
        yield GaugeMetricFamily(
            "callmonitor_contacts_read_timestamp_seconds",
            "When the contacts that are in use had been read from Limbas; 0: never.",
            read_at.timestamp() if read_at else 0,
        )

    def _jobs(self) -> Metric:
        family = GaugeMetricFamily("callmonitor_jobs", "Jobs in RQ's registries.", labels=["state"])
        family.add_metric(["queued"], self._queue.count)
        for state, registry in (
            ("running", StartedJobRegistry(queue=self._queue)),
            ("scheduled", ScheduledJobRegistry(queue=self._queue)),
            ("failed", FailedJobRegistry(queue=self._queue)),
        ):
            family.add_metric([state], registry.get_job_count(cleanup=False))
        return family


@dataclass(frozen=True, slots=True)
class Place:
    """How far a consumer group is in the event log."""

    group: str
    undelivered: int
    pending: int
    seconds: float
    """Age of the oldest event that it has not finished; 0: it has finished all."""


def _places(event_log: EventLog) -> list[Place]:
    try:
        groups = cast("Any", event_log.redis.xinfo_groups(event_log.keys.stream))
    except ResponseError as error:
        if "no such key" in str(error):
            return []
        raise
    return [_place(event_log, group) for group in groups]


def _place(event_log: EventLog, group: Any) -> Place:
    redis, stream, name = cast("Any", event_log.redis), event_log.keys.stream, group["name"].decode()
    after = f"({group['last-delivered-id'].decode()}"
    undelivered, first = group["lag"], None
    if undelivered is None:  # Redis cannot tell where events were deleted, or trimmed before they were delivered
        undelivered = len(redis.xrange(stream, after, count=MOST_COUNTED))
    if group["pending"]:
        first = redis.xpending(stream, name)["min"]
    elif waiting := redis.xrange(stream, after, count=1):
        first = waiting[0][0]
    return Place(name, undelivered, group["pending"], _age(redis, first) if first else 0.0)


def _age(redis: Any, event_id: bytes) -> float:
    """By Redis' own clock, which the ids are made of."""
    seconds, microseconds = redis.time()
    return max(0.0, int(seconds) + int(microseconds) / 1e6 - int(event_id.partition(b"-")[0]) / 1000)
