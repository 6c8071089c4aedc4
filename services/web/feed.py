"""The one picture of the calls that a process has, and everybody who watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Event as Signal
from threading import Lock

from services.web.connection import Connection
from services.web.delivery import Delivery
from services.web.payload import Payload, Reason
from services.web.picture import Picture
from services.web.projection import Projection
from services.web.recent import Recent
from services.web.rights import CallFilter
from services.web.stream_id import StreamId, parse_stream_id
from services.web.subscription import End, Snapshot, Status, Subscription, Updates, updates_for
from services.web.trails import Trails
from shared.event_log import ORIGIN, LoggedEvent
from shared.limbas_state import LimbasState


class Feed:
    """Keeps the picture, and hands every change to all who may see it. Safe to use from several threads."""

    def __init__(self, payload: Payload, trails: Trails) -> None:
        self.loaded = False
        """Whether there is a picture at all."""
        self.status = Status(live=False, limbas=LimbasState.FINE)
        self._payload = payload
        self._trails = trails
        self._picture = Picture(Projection(kept=0), trails, payload)
        self._recent = Recent(parse_stream_id(ORIGIN))
        self._audiences: dict[CallFilter, set[Subscription]] = {}
        """Those who watch, by what they may see: that is worked out once for all who may see the same."""
        self._lock = Lock()
        self._begun = Signal()
        self.closed = False
        """Whether every stream is to end."""

    @property
    def position(self) -> str:
        """The newest event in the picture."""
        return self._picture.position

    def __len__(self) -> int:
        return sum(map(len, self._audiences.values()))

    def load(self, projection: Projection, newest: Sequence[LoggedEvent] = ()) -> None:
        """Start over from a picture. Everybody who watches gets it as a snapshot. Raises `RedisError`.

        `newest` are the events up to the picture, oldest first, as far back as they are likely to be asked for.
        """
        self._trails.start(projection)
        recent = Recent(parse_stream_id(newest[0].id if newest else projection.position))
        recent.extend(self._deliveries(newest[1:]))
        with self._lock:
            self._picture = Picture(projection, self._trails, self._payload)
            self._recent = recent
            self.loaded, self.status = True, replace(self.status, live=True)
            self._begun.set()
            if not self.closed:
                for subscription in self._subscriptions():
                    subscription.restart(self._present(subscription.reader, Reason.RESTART))

    def append(self, events: Sequence[LoggedEvent], oldest: StreamId) -> None:
        """Take in events that follow the picture, in order, and forget calls that ended before `oldest`.

        Raises `RedisError` when it cannot be found out whose calls they are; then nothing was taken in.
        """
        deliveries = self._deliveries(events)
        with self._lock:
            for logged in events:
                self._picture.apply(logged)
            self._picture.trim(oldest)
            self._recent.extend(deliveries)
            self._send(deliveries)
        self._trails.forget(oldest)

    def readiness(self) -> dict[str, bool]:
        """What the web service depends on, and whether it has it."""
        return {"redis": self.live, "calls": self.loaded}

    @property
    def live(self) -> bool:
        """Whether the event log can be reached at the moment."""
        return self.status.live

    def set_live(self, live: bool) -> None:
        """The event log was lost, or is back."""
        self._set(replace(self.status, live=live))

    def set_limbas(self, state: LimbasState) -> None:
        """Limbas answers, or does not."""
        self._set(replace(self.status, limbas=state))

    def wait(self, timeout: float) -> bool:
        """Wait until there is a picture, or will never be. Returns whether that is so."""
        return self._begun.wait(timeout)

    def subscribe(self, reader: CallFilter, connection: Connection) -> Subscription:
        """From now on, every change that `reader` lets through. The connection is cut off when it is too slow."""
        with self._lock:
            subscription = Subscription(reader, self.position if self.loaded else ORIGIN, connection)
            if self.closed:
                subscription.restart(End())
            self._audiences.setdefault(reader, set()).add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """No more changes."""
        with self._lock:
            self._discard(subscription)

    def send_snapshot(self, subscription: Subscription, reason: Reason) -> None:
        """Give one subscription the picture, and every change from there. Without one yet, `load` will."""
        with self._lock:
            if self.loaded and not self.closed:
                subscription.restart(self._present(subscription.reader, reason))

    def missed(self, after: StreamId, up_to: StreamId, count: int) -> list[Delivery] | None:
        """The next events after one place in the log up to another one; None when they are not kept in memory."""
        with self._lock:
            return self._recent.between(after, up_to, count)

    def passed(self, subscription: Subscription) -> str | None:
        """The newest event, once the browser has been given all of what it may see up to there; None until then."""
        with self._lock:
            return self.position if subscription.idle else None

    def close(self) -> None:
        """End every subscription, present and future."""
        with self._lock:
            self.closed = True
            self._begun.set()
            for subscription in self._subscriptions():
                subscription.restart(End())

    def _set(self, status: Status) -> None:
        with self._lock:
            if status != self.status:
                self.status = status
                for subscription in self._subscriptions():
                    self._offer(subscription, status)

    def _present(self, reader: CallFilter, reason: Reason) -> Snapshot:
        return Snapshot(self._picture.calls(reader), self.position, self.status, reason)

    def _subscriptions(self) -> list[Subscription]:
        return [subscription for audience in self._audiences.values() for subscription in audience]

    def _deliveries(self, events: Sequence[LoggedEvent]) -> list[Delivery]:
        trails = self._trails.take(events)
        return [Delivery(logged, trails[logged.event.call_id], self._payload) for logged in events]

    def _send(self, deliveries: Sequence[Delivery]) -> None:
        for reader, audience in tuple(self._audiences.items()):
            if updates := updates_for(reader, deliveries):
                for subscription in tuple(audience):
                    self._offer(subscription, updates)

    def _offer(self, subscription: Subscription, item: Updates | Status) -> None:
        if not subscription.offer(item):
            self._discard(subscription)
            subscription.cut_off()

    def _discard(self, subscription: Subscription) -> None:
        audience = self._audiences.get(subscription.reader, set())
        audience.discard(subscription)
        if not audience:
            self._audiences.pop(subscription.reader, None)
