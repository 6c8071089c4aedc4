"""The newest calls, further back than the picture that every browser is sent: for whoever lists and searches them.

The one reader of the process keeps it. After a start it is read from the event log backwards, a page at a time, so that
the newest calls are there first and nobody waits for the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event as Signal
from threading import Lock
from typing import Final

from services.web.projection import CallView, Projection
from services.web.stream_id import StreamId, successor
from shared.event_log import ORIGIN, LoggedEvent
from shared.events import CallEvent

CALLS_KEPT: Final = 5000
"""About 40 MB. Older calls are in Limbas."""
SLACK: Final = 1000
"""Calls beyond that until the oldest are dropped, all at once."""
FORGET_MILLISECONDS: Final = 60_000
"""How often calls are dropped that are too old."""


class History:
    """The newest calls, safe to use from several threads."""

    def __init__(self, kept: int = CALLS_KEPT) -> None:
        self._kept = kept
        self._lock = Lock()
        self._whole = Signal()
        self._opened: set[str] = set()
        """The calls whose first event was seen. With it, all is known that there is of them."""
        self._sorted: tuple[CallView, ...] | None = None
        self._forgot = 0
        """Up to when calls were forgotten, in milliseconds since 1970."""
        self._begin(ORIGIN)

    def start(self, position: str) -> None:
        """Start over from an empty history as of `position`."""
        with self._lock:
            self._begin(position)

    @property
    def missing_before(self) -> str | None:
        """Where to read on backwards; None when the history is whole."""
        return None if self._whole.is_set() else self._before

    def prepend(self, page: Sequence[LoggedEvent]) -> None:
        """Take in the events before `missing_before`, newest first. Empty: there are none."""
        with self._lock:
            self._take(page)
            if page and len(self._opened) < self._kept:
                self._before = page[-1].id
            else:
                self._projection.forget_what_has_no_call()
                self._projection.trim()
                self._opened = set()
                self._whole.set()

    def append(self, events: Sequence[LoggedEvent], oldest: StreamId) -> None:
        """Take in the events that follow, in order.

        Calls that ended before `oldest` are forgotten: now and then, because that takes milliseconds.
        """
        with self._lock:
            self._take(events)
            too_many = len(self._projection) > self._kept + SLACK
            if self._whole.is_set() and (too_many or oldest[0] >= self._forgot + FORGET_MILLISECONDS):
                self._projection.trim(oldest)
                self._forgot = oldest[0]

    def wait_until_whole(self, timeout: float) -> bool:
        """Wait for what is being read. Returns whether all is there."""
        return self._whole.wait(timeout)

    def calls(self) -> tuple[CallView, ...]:
        """The calls, newest first: until the history is whole, those whose place in the order is certain."""
        with self._lock:
            if self._sorted is None:
                calls = self._projection.calls()
                self._sorted = calls if self._whole.is_set() else tuple(filter(self._is_opened, calls))
            return self._sorted

    def call(self, call_id: str) -> CallView | None:
        """One call; None when it is not known, or not any more."""
        with self._lock:
            return self._projection.call(call_id)

    def _begin(self, position: str) -> None:
        self._projection = Projection(self._kept)
        self._sorted, self._opened, self._forgot = None, set(), 0
        self._before = successor(position)
        self._whole.clear()

    def _take(self, events: Sequence[LoggedEvent]) -> None:
        whole = self._whole.is_set()
        for logged in events:
            event = logged.event
            # What comes late about a call that was dropped must not push out one that is there.
            if whole and not isinstance(event, CallEvent) and self._projection.call(event.call_id) is None:
                continue
            self._projection.apply(logged.id, event)
            if isinstance(event, CallEvent) and event.call.seq == 1 and not whole:
                self._opened.add(event.call_id)
        self._sorted = None

    def _is_opened(self, view: CallView) -> bool:
        return view.call is not None and view.call.id in self._opened
