"""What a browser missed: from memory, or from the event log as far as that reaches back."""

from __future__ import annotations

from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import Final

from redis.exceptions import ConnectionError as RedisConnectionError

from services.web.delivery import Delivery
from services.web.feed import Feed
from services.web.give_way import give_way
from services.web.payload import Payload
from services.web.stream_id import StreamId, parse_stream_id
from services.web.trails import Trails
from shared import forgotten
from shared.event_log import ORIGIN, EventLog, LoggedEvent

PAGE: Final = 200
AT_ONCE: Final = 8
"""Those who have been away for long take turns at Redis."""


class Gap(Exception):
    """The log does not have everything that came after the given place, or never had that place."""


class Replays:
    """Reads up what browsers missed. One per process."""

    def __init__(self, feed: Feed, event_log: EventLog, payload: Payload, trails: Trails) -> None:
        self._feed = feed
        self._log = event_log
        self._payload = payload
        self._trails = trails
        self._turns = BoundedSemaphore(AT_ONCE)

    def pages(self, after: StreamId, up_to: str) -> Iterator[list[Delivery]]:
        """The events after one place in the log up to another one, in order, some at a time.

        Raises `Gap` when some of them are gone, and `RedisError` when the log cannot be read.
        """
        while page := self._page(after, up_to):
            yield page
            after = page[-1].at
            give_way()

    def _page(self, after: StreamId, up_to: str) -> list[Delivery]:
        recent = self._feed.missed(after, parse_stream_id(up_to), PAGE)
        if recent is not None:
            return recent
        with self._turns:
            if not self._feed.live:
                # A Redis that hangs would let each of them wait for its answer, and the others for their turns.
                raise RedisConnectionError("the event log cannot be reached")
            page = missed(self._log, f"{after[0]}-{after[1]}", up_to)
            trails = self._trails.take(page)
        return [Delivery(logged, trails[logged.event.call_id], self._payload) for logged in page]


def missed(event_log: EventLog, after: str, up_to: str) -> list[LoggedEvent]:
    """The next events after one place in the log up to another one, in order. Empty: those were all.

    Raises `Gap` when some of them are gone, or calls from before that were forgotten.
    """
    if not reaches_back(event_log, after) or _holds_what_was_forgotten(event_log, after):
        raise Gap
    page = event_log.between(after, up_to, count=PAGE)
    # Asked again: the log may have been cut while the page was read.
    if not reaches_back(event_log, after):
        raise Gap
    return page


def reaches_back(event_log: EventLog, position: str) -> bool:
    """Whether the log has everything that came after `position`, and whether it has come as far as that at all."""
    oldest, newest = event_log.oldest_id(), event_log.newest_id()
    if oldest is None or newest is None:
        return position == ORIGIN
    return parse_stream_id(oldest) <= parse_stream_id(position) <= parse_stream_id(newest)


def _holds_what_was_forgotten(event_log: EventLog, position: str) -> bool:
    """Whether a picture as of `position` may show somebody who was forgotten since."""
    last = forgotten.told(event_log)
    return last is not None and parse_stream_id(position) <= parse_stream_id(last.position)
