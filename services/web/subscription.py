"""One browser's place among those who watch the feed, and what waits for it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Event as Signal
from typing import Final

from services.web.connection import Connection
from services.web.delivery import Delivery
from services.web.metrics import BROWSERS_CUT_OFF, sent
from services.web.payload import Reason
from services.web.rights import CallFilter
from services.web.stream_id import StreamId, parse_stream_id
from shared.event_log import ORIGIN
from shared.limbas_state import LimbasState

QUEUE_LIMIT: Final = 1000
"""Messages that may wait for one browser. Who is further behind is cut off, and gets them when it comes back."""


class Updates:
    """Events that came together, and the messages that carry them: the same bytes for all who may see the same."""

    def __init__(self, messages: Sequence[tuple[Delivery, bytes]]) -> None:
        """`messages` are in order, and not empty."""
        self.at = messages[-1][0].at
        """The newest of the events."""
        self._messages = messages

    def __len__(self) -> int:
        return len(self._messages)

    def after(self, seen: StreamId) -> bytes:
        """What is new to who has seen that event: another process may have been ahead of this one."""
        first = self._messages[0][0].at
        return (
            self._whole if first > seen else b"".join(message for event, message in self._messages if event.at > seen)
        )

    def left(self) -> None:
        """They have left for one browser."""
        for ring in self._rings:
            sent(ring)

    @cached_property
    def _whole(self) -> bytes:
        return b"".join([message for _, message in self._messages])

    @cached_property
    def _rings(self) -> list[datetime]:
        return [event.rang for event, _ in self._messages if event.rang]


def updates_for(reader: CallFilter, deliveries: Sequence[Delivery]) -> Updates | None:
    """What a reader gets of some events; None when that is nothing."""
    messages = [(delivery, message) for delivery in deliveries if (message := delivery.to(reader))]
    return Updates(messages) if messages else None


@dataclass(frozen=True, slots=True)
class Status:
    """What calls that are shown depend on, and calls that are recorded."""

    live: bool
    """Whether the event log can be reached."""
    limbas: LimbasState


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The picture as of `position`."""

    calls: bytes
    """JSON, made once for all who may see the same and come before the next event."""
    position: str
    status: Status
    reason: Reason


@dataclass(frozen=True, slots=True)
class End:
    """There will be nothing more."""


Item = Updates | Snapshot | Status | End


class Subscription:
    """What is to be sent to one browser, by the thread that reads it with `next`.

    While that one waits, updates are sent right away by whoever brings them, and it sleeps on: to wake it would cost
    more than to send. It gets what a full socket has no room for, and everything that comes while it is awake.
    Never do both send at once: under gevent threads take turns only where they wait.
    """

    __slots__ = ("_connection", "_room", "_waiting", "_wake", "asleep", "position", "reader", "seen")

    def __init__(self, reader: CallFilter, position: str, connection: Connection) -> None:
        self.reader = reader
        """What it may see, and asked to."""
        self.position = position
        """Every event after this one comes through here, if the reader may see it."""
        self.seen = parse_stream_id(ORIGIN)
        """The newest event that the browser was told of. Nothing up to there is sent as an update."""
        self._connection = connection
        self._waiting: list[Item] = []
        self._room = QUEUE_LIMIT
        self._wake = Signal()
        self.asleep = False
        """Whether the reader waits, having sent everything."""

    @property
    def idle(self) -> bool:
        """Whether nothing is waiting."""
        return not self._waiting

    def next(self, timeout: float) -> Item | None:
        """The next thing to send; None when there is none within `timeout` seconds. Raises `OSError`."""
        self._wake.clear()
        if not self._waiting:
            self.asleep = True
            self._wake.wait(max(0.0, timeout))
            self.asleep = False
            self._connection.finish()
        if not self._waiting:
            return None
        item = self._waiting.pop(0)
        self._room += _messages(item)
        return item

    def offer(self, item: Updates | Status) -> bool:
        """Send something, or queue it. Returns whether there was room."""
        if self.asleep and isinstance(item, Updates) and self._sent(item):
            return True
        if _messages(item) > self._room:
            return False
        self._put(item)
        return True

    def restart(self, item: Snapshot | End) -> None:
        """Queue something in place of all that is waiting."""
        self._waiting.clear()
        self._room = QUEUE_LIMIT
        self._put(item)

    def cut_off(self) -> None:
        """Send nothing more, and do not wait for a browser that is not reading."""
        BROWSERS_CUT_OFF.inc()
        self.restart(End())
        self._connection.cut_off()

    def _put(self, item: Item) -> None:
        self._waiting.append(item)
        self._room -= _messages(item)
        self._wake.set()

    def _sent(self, updates: Updates) -> bool:
        """Send right away what is new. Returns False when that cannot be, or when others are before it."""
        if self._waiting:  # a snapshot, perhaps, after which ids begin anew
            return False
        if updates.at <= self.seen:
            return True
        if not self._connection.send_now(updates.after(self.seen)):
            return False
        self.seen = updates.at
        updates.left()
        if self._connection.unfinished:
            self._wake.set()
        return True


def _messages(item: Item) -> int:
    return len(item) if isinstance(item, Updates) else 1
