"""The one picture of the calls that a process has, and everybody who watches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Lock
from typing import Final

from services.web.metrics import BROWSERS_CUT_OFF, rang_at
from services.web.payload import Payload
from services.web.projection import Projection
from services.web.stream_id import StreamId
from shared.event_log import ORIGIN, LoggedEvent
from shared.limbas_state import LimbasState

QUEUE_LIMIT: Final = 1000
"""Messages that may wait for one browser. Who is further behind is cut off, and gets them when it comes back."""


@dataclass(frozen=True, slots=True)
class Update:
    """An event, and the message that carries it: the same bytes for everybody."""

    logged: LoggedEvent
    message: bytes
    rang: datetime | None = None
    """When the line that opens the call was received, if this says that it does."""


@dataclass(frozen=True, slots=True)
class Status:
    """What calls that are shown depend on, and calls that are recorded."""

    live: bool
    """Whether the event log can be reached."""
    limbas: LimbasState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The picture as of `position`. `calls` is JSON, made once for everybody who comes before the next event."""

    calls: bytes
    position: str
    status: Status


@dataclass(frozen=True, slots=True)
class End:
    """There will be nothing more."""


Item = Update | Snapshot | Status | End


class Subscription:
    """One browser's place in the queue."""

    def __init__(self, position: str, cut_off: Callable[[], None]) -> None:
        self.position = position
        """Every event after this one comes through here."""
        self._cut_off = cut_off
        self._queue: Queue[Item] = Queue(QUEUE_LIMIT)

    def next(self, timeout: float) -> Item | None:
        """The next thing to send; None when there is none within `timeout` seconds."""
        try:
            return self._queue.get(timeout=max(0.0, timeout))
        except Empty:
            return None

    def offer(self, item: Item) -> bool:
        """Queue something. Returns whether there was room."""
        try:
            self._queue.put_nowait(item)
        except Full:
            return False
        return True

    def restart(self, item: Item) -> None:
        """Queue something in place of all that is waiting."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        self._queue.put_nowait(item)

    def cut_off(self) -> None:
        """Send nothing more, and do not wait for a browser that is not reading."""
        BROWSERS_CUT_OFF.inc()
        self.restart(End())
        self._cut_off()


class Feed:
    """Keeps the picture, and hands every change to every subscription. Safe to use from several threads."""

    def __init__(self, payload: Payload) -> None:
        self.loaded = False
        """Whether there is a picture at all."""
        self.status = Status(live=False, limbas=LimbasState.FINE)
        self._payload = payload
        self._projection = Projection(kept=0)
        self._snapshot: Snapshot | None = None
        self._subscriptions: set[Subscription] = set()
        self._lock = Lock()
        self._closed = False

    @property
    def position(self) -> str:
        """The newest event in the picture."""
        return self._projection.position

    def __len__(self) -> int:
        return len(self._subscriptions)

    def load(self, projection: Projection) -> None:
        """Start over from a picture. Everybody who watches gets it as a snapshot."""
        with self._lock:
            self._projection, self._snapshot = projection, None
            self.loaded, self.status = True, replace(self.status, live=True)
            for subscription in self._subscriptions:
                subscription.restart(self._present())

    def append(self, events: Iterable[LoggedEvent], oldest: StreamId) -> None:
        """Take in events that follow the picture, in order, and forget calls that ended before `oldest`."""
        updates = [Update(logged, self._payload.update(logged), rang_at(logged.event)) for logged in events]
        with self._lock:
            for update in updates:
                self._projection.apply(update.logged.id, update.logged.event)
            self._projection.trim(oldest)
            self._snapshot = None
            self._send(updates)

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

    def subscribe(self, cut_off: Callable[[], None]) -> Subscription:
        """From now on, every change. `cut_off` is called when the browser is too slow to be waited for."""
        with self._lock:
            subscription = Subscription(self.position if self.loaded else ORIGIN, cut_off)
            if self._closed:
                subscription.restart(End())
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """No more changes."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def send_snapshot(self, subscription: Subscription) -> None:
        """Give one subscription the picture, and every change from there. Without one yet, `load` will."""
        with self._lock:
            if self.loaded and not self._closed:
                subscription.restart(self._present())

    def close(self) -> None:
        """End every subscription, present and future."""
        with self._lock:
            self._closed = True
            for subscription in self._subscriptions:
                subscription.restart(End())

    def _set(self, status: Status) -> None:
        with self._lock:
            if status != self.status:
                self.status, self._snapshot = status, None
                self._send([status])

    def _present(self) -> Snapshot:
        if self._snapshot is None:
            calls = self._payload.calls(self._projection.calls())
            self._snapshot = Snapshot(calls, self._projection.position, self.status)
        return self._snapshot

    def _send(self, items: Iterable[Item]) -> None:
        items = tuple(items)
        for subscription in tuple(self._subscriptions):
            if not all(subscription.offer(item) for item in items):
                self._subscriptions.discard(subscription)
                subscription.cut_off()
