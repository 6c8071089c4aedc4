"""What one browser is sent: the picture or what it missed, then every change, until its token ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from threading import BoundedSemaphore
from typing import Final

from redis.exceptions import RedisError

from services.web import sse
from services.web.feed import End, Feed, Snapshot, Status, Subscription
from services.web.metrics import sent
from services.web.payload import Payload
from services.web.replay import Gap, missed
from services.web.stream_id import StreamId, parse_stream_id
from shared.event_log import ORIGIN, EventLog

RETRY_SECONDS: Final = 3.0
REPLAYS_AT_ONCE: Final = 8
"""After a restart every browser comes back in the same second. They take turns at Redis."""


class EventStreams:
    """Makes the event stream of each browser. One per process."""

    def __init__(self, feed: Feed, event_log: EventLog, payload: Payload) -> None:
        self._feed = feed
        self._log = event_log
        self._payload = payload
        self._turns = BoundedSemaphore(REPLAYS_AT_ONCE)

    def open(
        self, last_event_id: str | None, until: float, gone: Callable[[], bool], cut_off: Callable[[], None]
    ) -> Iterator[bytes]:
        """The stream of one browser, in pieces to be sent as they come.

        `last_event_id` is where it left off, if it was here before; `until`, in seconds since 1970, when its token
        ends. `gone` tells whether it has hung up; `cut_off` breaks the connection while a piece is being sent.
        """
        yield sse.retry(RETRY_SECONDS)
        subscription = self._feed.subscribe(cut_off)
        try:
            seen = yield from self._catch_up(last_event_id, subscription, until)
            yield from self._follow(subscription, seen, until, gone)
        finally:
            self._feed.unsubscribe(subscription)

    def _catch_up(
        self, last_event_id: str | None, subscription: Subscription, until: float
    ) -> Generator[bytes, None, StreamId]:
        """What came before the subscription. Where that is not to be had, the subscription brings a snapshot."""
        if last_event_id is not None and self._feed.loaded:
            try:
                yield from self._replay(last_event_id, subscription.position, until)
                return parse_stream_id(last_event_id)
            except (Gap, RedisError):
                pass
        self._feed.send_snapshot(subscription)
        return parse_stream_id(ORIGIN)

    def _replay(self, after: str, up_to: str, until: float) -> Iterator[bytes]:
        while time.time() < until:
            with self._turns:
                page = missed(self._log, after, up_to)
            if not page:
                # It may have been told of a loss that has ended since.
                yield self._payload.status(live=self._feed.live, limbas=self._feed.status.limbas)
                return
            yield b"".join(self._payload.update(logged) for logged in page)
            after = page[-1].id

    def _follow(
        self, subscription: Subscription, seen: StreamId, until: float, gone: Callable[[], bool]
    ) -> Iterator[bytes]:
        while (left := until - time.time()) > 0 and not gone():
            item = subscription.next(min(left, self._payload.heartbeat_seconds))
            if isinstance(item, End):
                return
            if item is None:
                yield sse.HEARTBEAT
            elif isinstance(item, Snapshot):
                seen = parse_stream_id(item.position)
                status = item.status
                yield self._payload.snapshot(item.calls, item.position, live=status.live, limbas=status.limbas)
            elif isinstance(item, Status):
                yield self._payload.status(live=item.live, limbas=item.limbas)
            elif parse_stream_id(item.logged.id) > seen:  # another process may have been ahead of this one
                yield item.message
                sent(item.rang)
