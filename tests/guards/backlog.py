"""Our consumers and the web process' tail, working off a backlog in this very thread, so that it can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Event as StopSignal
from typing import cast

from redis import Redis

from benchmarks.pipeline.backlog import DAY, EVENTS_EACH, HERE, Backlog
from benchmarks.pipeline.our_worker import Nowhere
from services.logger.__main__ import BATCH
from services.logger.handler import Handler as LoggerHandler
from services.logger.ledger import Ledger
from services.logger.reconcile import Reconciler
from services.matcher import places
from services.matcher.resolve import resolve
from services.web.feed import Feed
from services.web.history import History
from services.web.payload import Payload
from services.web.reader import PAGE, Reader
from services.web.trails import Trails
from shared.consumer import Consumer, Done, Entry, Handler, Rejected
from shared.contacts.index import ContactIndex
from shared.event_log import EventLog
from shared.unknown_calls import UnknownCalls

EVENTS = 2_000
WITH_OWN = EVENTS + EVENTS // EVENTS_EACH
"""Of each call matcher and logger say something themselves, and read that, too."""
Drain = Callable[[], int]
"""Works off what there is, and returns how many events were handled."""


def matcher(redis: Redis) -> Drain:
    log = _laid_out(redis, "matcher")
    index = ContactIndex(log)
    places.load()

    def handler(entries: Sequence[Entry]) -> list[Done]:
        return resolve(entries, index.lookup, lambda number: places.place_of(number, HERE.country))

    return partial(_drain, log, "matcher", handler, batch=100)


def logger(redis: Redis) -> Drain:
    log = _laid_out(redis, "logger")
    ledger = Ledger(log, "worker", 7 * DAY, UnknownCalls(log, days=30), answer_seconds=60)
    handler = LoggerHandler(ledger, cast("Reconciler", Nowhere(ledger)), "ANRUFE")
    return partial(_drain, log, "logger", handler, batch=BATCH)


def tail(redis: Redis) -> Drain:
    backlog = Backlog(redis, EVENTS)
    log = backlog.clear()
    feed = Feed(Payload(HERE, heartbeat_seconds=15, links={}), Trails(partial(log.newest, count=PAGE)))
    reader = Reader(log, feed, History(), 7 * DAY)
    reader._connect()
    backlog.appear()
    newest = log.newest_id()

    def drain() -> int:
        while feed.position != newest:
            reader._follow()
        return EVENTS

    return drain


def _laid_out(redis: Redis, group: str) -> EventLog:
    backlog = Backlog(redis, EVENTS)
    log = backlog.clear()
    backlog.appear()
    log.ensure_group(group)
    return log


def _drain(log: EventLog, group: str, handler: Handler, batch: int) -> int:
    stop, seen = StopSignal(), set[str]()

    def until_the_end(entries: Sequence[Entry]) -> Iterable[Done | Rejected]:
        seen.update(entry.id for entry in entries)
        if len(seen) == WITH_OWN:
            stop.set()
        return handler(entries)

    Consumer(log, group, "worker", until_the_end, batch=batch).run(stop)
    return len(seen)
