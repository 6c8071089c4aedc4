"""Follows the event log and keeps the feed up to date. One per process, however many browsers there are."""

from __future__ import annotations

import time
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from services.web.feed import Feed
from services.web.give_way import give_way
from services.web.history import History
from services.web.projection import Projection
from services.web.replay import reaches_back
from services.web.stream_id import StreamId, parse_stream_id, successor
from shared import forgotten
from shared.event_log import ORIGIN, EventLog
from shared.events import CallEvent
from shared.limbas_state import told

CALLS_KEPT: Final = 200
PAGE: Final = 200
"""Events per round trip. Well below `subscription.QUEUE_LIMIT`, so that browsers are served in between."""
EVENTS_AT_START: Final = 1000
"""How many to have ready for those who were here before: some minutes' worth of a very large office."""
BLOCK_SECONDS: Final = 1.0
AT_ONCE: Final = 0.001
"""Seconds. How long to wait for events while there is something else to do; Redis takes 0 for ever."""
RETRY_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 2.0
"""How often to look at what no event says."""

log = structlog.get_logger()


class Reader:
    """The only one in the process who follows the event log."""

    def __init__(self, event_log: EventLog, feed: Feed, history: History, retention_seconds: float) -> None:
        self._log = event_log
        self._feed = feed
        self._history = history
        self._retention = retention_seconds
        self._lost = False
        self._next_look = 0.0
        self._looked_at = ORIGIN
        self._forgotten: forgotten.Forgotten | None = None

    def run(self, stop: StopSignal) -> None:
        """Follow until `stop` is set. Survives every loss of Redis, from the first moment on."""
        while not stop.is_set():
            try:
                self._connect()
                while not stop.is_set():
                    self._follow()
            except RedisError as error:
                self._redis_lost(error)
                stop.wait(RETRY_SECONDS)
            except Exception:  # whatever it is, a page that stands still without a word is worse
                log.exception("the reader failed, starting it over")
                self._feed.set_live(False)
                stop.wait(RETRY_SECONDS)

    def _connect(self) -> None:
        self._check()
        self._feed.set_live(True)
        if self._lost:
            log.info("Redis is back")
            self._lost = False

    def _follow(self) -> None:
        if time.monotonic() >= self._next_look:
            self._look()
            self._next_look = time.monotonic() + LOOK_SECONDS
        read_on = self._read_history()
        wait = AT_ONCE if read_on else BLOCK_SECONDS
        events = self._log.read(self._feed.position, count=PAGE, block_seconds=wait)
        if events:
            self._feed.append(events, self._oldest())
            self._history.append(events, self._oldest())
            if len(self._feed):
                for logged in events:
                    log.info("sent to browsers", call=logged.event.call_id, type=logged.event.type)
            give_way()
        elif not read_on:
            # Time to see whether it is still the same log: it may have been emptied, or be another server's.
            self._check()

    def _read_history(self) -> bool:
        """Read one more page of what was before the start. Returns whether there was one to read."""
        before = self._history.missing_before
        if before is None:
            return False
        self._history.prepend(self._log.newest(before, count=PAGE))
        return True

    def _check(self) -> None:
        """Have a picture that the log continues: the one there is, or else a new one."""
        if not self._feed.loaded or not reaches_back(self._log, self._feed.position):
            self._load()

    def _look(self) -> None:
        """See whether calls get into Limbas, and whether the picture has to be another one.

        It has to when somebody was forgotten, and when the log was emptied but had new events before that was noticed.
        """
        self._feed.set_limbas(told(self._log))
        emptied = self._looked_at != ORIGIN and not reaches_back(self._log, self._looked_at)
        if emptied or forgotten.told(self._log) != self._forgotten:
            self._load()
        self._looked_at = self._feed.position

    def _load(self) -> None:
        last = forgotten.told(self._log)
        picture = load(self._log, CALLS_KEPT)
        newest = self._log.newest(successor(picture.position), count=EVENTS_AT_START)[::-1]
        # Who was here before that moment has to get a new picture, and not what they missed.
        since = [logged for logged in newest if not last or parse_stream_id(logged.id) > parse_stream_id(last.position)]
        self._feed.load(picture, since)
        self._history.start(self._feed.position)
        self._forgotten = last

    def _redis_lost(self, error: RedisError) -> None:
        self._feed.set_live(False)
        if not self._lost:
            log.warning("Redis is away", error=str(error))
            self._lost = True

    def _oldest(self) -> StreamId:
        return round((time.time() - self._retention) * 1000), 0


def load(event_log: EventLog, kept: int) -> Projection:
    """The calls in progress and the newest `kept` others, with all that is known of them."""
    projection = Projection(kept)
    present = event_log.present()
    for event in present.events:
        projection.apply(present.position, event)
    projection.position = present.position
    # Backwards until enough calls are complete: whatever is known of a call comes after its first event.
    complete: set[str] = set()
    before = successor(present.position)
    while len(complete) < kept and (page := event_log.newest(before, count=PAGE)):
        for logged in page:
            projection.apply(logged.id, logged.event)
            if isinstance(logged.event, CallEvent) and logged.event.call.seq == 1:
                complete.add(logged.event.call_id)
        before = page[-1].id
    projection.trim()
    return projection
