"""When jobs are due: RQ's own scheduler, on a thread of this process and not in a process that could outlive it."""

from __future__ import annotations

import logging
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError
from rq import Queue
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from services.jobs.queue import SYNC, SYNC_NOW, put, put_next
from shared.contacts.index import ContactIndex
from shared.contacts.sync_state import SyncState
from shared.event_log import EventLog

EVERY_SECONDS: Final = 1.0
"""How often the schedule is looked at."""

log = structlog.get_logger()


def keep_schedule(event_log: EventLog, queue: Queue, every_seconds: int, stop: StopSignal) -> None:
    """Until `stop` is set, have the contacts synced every so many seconds, and at once at first and if none are there.

    Any number of workers may do this at the same time: each job is due once, and one of them moves what is due into
    the queue.
    """
    index, syncs = ContactIndex(event_log), SyncState(event_log)
    scheduler = RQScheduler(
        [queue],
        connection=queue.connection,
        interval=int(EVERY_SECONDS),
        logging_level=logging.CRITICAL,  # what matters is said here, once
        serializer=JSONSerializer,
    )
    first, away = True, False
    while not stop.is_set():
        try:
            # Redis may have been started anew, and empty.
            if first or not (index.exists() or queue.count or syncs.running()):
                put(queue, SYNC_NOW)
                first = False
            put_next(queue, SYNC, every_seconds)
            _move_what_is_due(scheduler)
            if away:
                log.info("Redis is back")
            away = False
        except RedisError as error:
            if not away:
                log.warning("Redis is away", error=str(error))
            away = True
        stop.wait(EVERY_SECONDS)
    try:
        scheduler.release_locks()
    except RedisError:
        return  # they end by themselves


def _move_what_is_due(scheduler: RQScheduler) -> None:
    if not scheduler.acquired_locks:
        scheduler.acquire_locks()
    if scheduler.acquired_locks:
        scheduler.heartbeat()
        scheduler.enqueue_scheduled_jobs()
