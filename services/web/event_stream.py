"""What one browser is sent: the picture or what it missed, then every change, until its token ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Final

from redis.exceptions import RedisError

from services.web import sse
from services.web.connection import Connection
from services.web.feed import Feed
from services.web.payload import Payload, Reason
from services.web.replay import Gap, Replays
from services.web.rights import CallFilter
from services.web.stream_id import parse_stream_id
from services.web.subscription import End, Snapshot, Status, Subscription, Updates
from services.web.tokens import Identity
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import EventLog

RETRY_SECONDS: Final = 3.0
PAUSE_SECONDS: Final = 1.0
"""From one try to read the log to the next."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a stream, and how."""

    identity: Identity
    """Whose token it is. The stream ends with it."""
    mine: bool = False
    """Only the holder's own calls are asked for."""
    last_event_id: str | None = None
    """Where they left off, if they were here before."""
    connection: Connection = field(default_factory=Connection)
    """Over which it goes."""

    @property
    def seconds_left(self) -> float:
        """Until the token ends, or they hung up: then it is 0."""
        return 0 if self.connection.gone() else max(0.0, self.identity.expires_at - time.time())


class EventStreams:
    """Makes the event stream of each browser. One per process."""

    def __init__(
        self, feed: Feed, event_log: EventLog, payload: Payload, trails: Trails, place_of: Callable[[str], Place]
    ) -> None:
        """`place_of` says where a box is, by its name."""
        self._feed = feed
        self._payload = payload
        self._filter = lru_cache(maxsize=1024)(partial(CallFilter, place_of=place_of))
        """The same one for all who may see the same."""
        self._replays = Replays(feed, event_log, payload, trails)

    def open(self, opening: Opening) -> Iterator[bytes]:
        """The stream of one browser, in pieces to be sent as they come."""
        yield sse.retry(RETRY_SECONDS)
        while (left := opening.seconds_left) and not self._feed.wait(min(left, self._payload.heartbeat_seconds)):
            yield sse.HEARTBEAT
        subscription = self._feed.subscribe(self._filter(opening.identity.rights, opening.mine), opening.connection)
        try:
            yield from self._catch_up(opening, subscription)
            while left := opening.seconds_left:
                item = subscription.next(min(left, self._payload.heartbeat_seconds))
                if isinstance(item, End):
                    return
                if piece := self._piece(item, subscription, opening.identity):
                    yield piece
                if isinstance(item, Updates):
                    item.left()
                del item, piece  # a snapshot can be large, and the next item far away
        finally:
            self._feed.unsubscribe(subscription)

    def _catch_up(self, opening: Opening, subscription: Subscription) -> Iterator[bytes]:
        """What came before the subscription. Where that is not to be had, the subscription brings a snapshot."""
        reason = Reason.START
        if opening.last_event_id is not None:
            try:
                subscription.seen = parse_stream_id(opening.last_event_id)
                yield from self._replay(opening, subscription)
            except (Gap, ValueError):
                reason = Reason.GAP
            else:
                return
        self._feed.send_snapshot(subscription, reason)

    def _replay(self, opening: Opening, subscription: Subscription) -> Iterator[bytes]:
        """What came up to the subscription after what was seen, as soon as it can be read. Raises `Gap`."""
        while opening.seconds_left and not self._feed.closed:
            try:
                yield from self._pages(opening, subscription)
            except RedisError:
                yield self._payload.status(live=False, limbas=self._feed.status.limbas)
                yield from self._wait_for_log(opening)
            else:
                if opening.seconds_left:  # it may have been told of a loss that has ended since
                    yield self._payload.status(live=self._feed.live, limbas=self._feed.status.limbas)
                return

    def _pages(self, opening: Opening, subscription: Subscription) -> Iterator[bytes]:
        for page in self._replays.pages(subscription.seen, subscription.position):
            if not opening.seconds_left:
                return
            messages = [delivery.to(subscription.reader) for delivery in page]
            if messages[-1] is None:
                messages.append(sse.position(page[-1].id))
            yield b"".join(filter(None, messages))
            subscription.seen = page[-1].at

    def _wait_for_log(self, opening: Opening) -> Iterator[bytes]:
        """Heartbeats until it can be reached. At least one, so that nobody asks without a pause."""
        while True:
            time.sleep(min(PAUSE_SECONDS, self._payload.heartbeat_seconds, opening.seconds_left))
            yield sse.HEARTBEAT
            if self._feed.live or self._feed.closed or not opening.seconds_left:
                return

    def _piece(self, item: Updates | Snapshot | Status | None, subscription: Subscription, you: Identity) -> bytes:
        """What carries the next thing to send, or fills the silence when there is none. Empty: nothing new."""
        match item:
            case None:
                passed = self._feed.passed(subscription)
                if not passed or parse_stream_id(passed) <= subscription.seen:
                    return sse.HEARTBEAT
                subscription.seen = parse_stream_id(passed)
                return sse.position(passed)
            case Snapshot():
                subscription.seen = parse_stream_id(item.position)
                return self._snapshot(item, you)
            case Status():
                return self._payload.status(live=item.live, limbas=item.limbas)
        new = item.after(subscription.seen)
        subscription.seen = max(subscription.seen, item.at)
        return new

    def _snapshot(self, item: Snapshot, you: Identity) -> bytes:
        live, limbas = item.status.live, item.status.limbas
        return self._payload.snapshot(item.calls, item.position, reason=item.reason, you=you, live=live, limbas=limbas)
