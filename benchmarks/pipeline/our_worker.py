"""One of our workers, wired as in its service, but for what is outside of this machine.

    python -m benchmarks.pipeline.our_worker matcher|logger|tail URL STREAM NAME

Says `ready`, and begins when a line comes on standard input: the id of the newest event. A tail has begun by then, and
says `done` when it has read that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from threading import Event as StopSignal
from threading import Thread
from typing import Final, cast

from benchmarks.pipeline.backlog import DAY, HERE
from services.logger.__main__ import BATCH
from services.logger.handler import Handler
from services.logger.ledger import Known, Ledger, Settled
from services.logger.reconcile import Reconciler
from services.matcher import places
from services.matcher.resolve import resolve
from services.web.feed import Feed
from services.web.history import History
from services.web.payload import Payload
from services.web.reader import PAGE, Reader
from services.web.trails import Trails
from shared.consumer import Consumer, Done, Entry
from shared.contacts.index import ContactIndex
from shared.event_log import EventLog
from shared.garbage import look_less
from shared.logs import configure
from shared.redis_client import connect
from shared.unknown_calls import UnknownCalls

LOOK_SECONDS: Final = 0.005
START_SECONDS: Final = 60


class Nowhere:
    """In place of the reconciler: tells the ledger what that tells it of a new record, and writes none."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def reconcile(self, known: Mapping[str, Known]) -> dict[str, Settled]:
        """All is as it should be."""
        self._ledger.send(known)
        self._ledger.answered(known)
        return {call_id: Settled(item, 7, None) for call_id, item in known.items()}


def matcher(log: EventLog, name: str) -> None:
    """As `services.matcher`, without asking Limbas about strangers."""
    index = ContactIndex(log)
    places.load()

    def handle(entries: Sequence[Entry]) -> list[Done]:
        return resolve(entries, index.lookup, lambda number: places.place_of(number, HERE.country))

    consumer = Consumer(log, "matcher", name, handle)
    _told()
    consumer.run(StopSignal())


def logger(log: EventLog, name: str) -> None:
    """As `services.logger`."""
    ledger = Ledger(log, name, 7 * DAY, UnknownCalls(log, days=30), answer_seconds=60)
    handler = Handler(ledger, cast("Reconciler", Nowhere(ledger)), "ANRUFE")
    consumer = Consumer(log, "logger", name, handler, batch=BATCH, heartbeat=ledger.renew)
    _told()
    consumer.run(StopSignal())


def tail(log: EventLog, _: str) -> None:
    """As a process of `services.web` that was there before the backlog, with nobody who watches."""
    trails = Trails(partial(log.newest, count=PAGE))
    feed = Feed(Payload(HERE, heartbeat_seconds=15, links={}), trails)
    reader = Reader(log, feed, History(), 7 * DAY)
    Thread(target=reader.run, args=(StopSignal(),), daemon=True).start()
    feed.wait(START_SECONDS)
    newest = _told()
    while feed.position != newest:
        time.sleep(LOOK_SECONDS)
    _say("done")


def _told() -> str:
    """Say that all is there, and wait for the word. Returns the id of the backlog's newest event."""
    look_less()
    _say("ready")
    return sys.stdin.readline().strip()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    way, url, stream, name = sys.argv[1:]
    configure(way, "json")
    {"matcher": matcher, "logger": logger, "tail": tail}[way](EventLog(connect(url), stream, 7 * DAY), name)
