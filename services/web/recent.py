"""The newest events, ready to be sent again: after a restart or a lost network everybody comes back at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from services.web.delivery import Delivery
from services.web.stream_id import StreamId

EVENTS_KEPT: Final = 10_000
"""About 12 MB. Who missed more gets it from the event log."""
SLACK: Final = 1000
"""Events beyond that until the oldest are dropped, all at once."""


class Recent:
    """Events without a gap, the oldest first. Not safe to use from several threads: `Feed` takes care of that."""

    def __init__(self, before: StreamId, kept: int = EVENTS_KEPT) -> None:
        """`before` is the event after which everything will be here; that before every event, if there is none yet."""
        self._before = before
        self._kept = kept
        self._deliveries: list[Delivery] = []

    def extend(self, deliveries: Sequence[Delivery]) -> None:
        """Add events that follow."""
        self._deliveries += deliveries
        if len(self._deliveries) > self._kept + SLACK:
            forgotten = len(self._deliveries) - self._kept
            self._before = self._deliveries[forgotten - 1].at
            del self._deliveries[:forgotten]

    def between(self, after: StreamId, up_to: StreamId, count: int) -> list[Delivery] | None:
        """The next events after one place in the log up to another one; None when the first one is not in here."""
        if after != self._before and not self._has(after):
            return None
        first, end = (bisect_right(self._deliveries, place, key=_place) for place in (after, up_to))
        return self._deliveries[first : min(end, first + count)]

    def _has(self, place: StreamId) -> bool:
        return bool(self._deliveries) and self._deliveries[0].at <= place <= self._deliveries[-1].at


def _place(delivery: Delivery) -> StreamId:
    return delivery.at
