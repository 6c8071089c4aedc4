"""The calls of which nobody knows yet who it was: recorded by logger, looked through again when contacts come.

A sorted set beside the event log, written by logger in the same step in which it settles a call:

    {callmonitor:events}:unknown   call id and E.164 number, by the time of the call

Its ledger entry is kept as long, so that logger can still link it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from shared.event_log import EventLog

DAY: Final = 24 * 3600
MOST_KEPT: Final = 100_000
"""Calls. The oldest go first: years of a usual office, and 10 MB."""
SCANNED: Final = 1000
"""Calls that are looked through at a time."""


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A call, and the number of its other side."""

    call_id: str
    number: str
    """E.164."""

    def __str__(self) -> str:
        return f"{self.call_id} {self.number}"

    @classmethod
    def parse(cls, text: str) -> UnknownCall:
        """The inverse of `str`."""
        call_id, _, number = text.partition(" ")
        return cls(call_id, number)


class UnknownCalls:
    """Those of one event log."""

    def __init__(self, event_log: EventLog, days: float) -> None:
        """`days`: how far back they matter."""
        self._redis = event_log.redis
        self.key = event_log.keys.beside("unknown")
        self.seconds = round(days * DAY)

    def all(self) -> list[UnknownCall]:
        """Those that still matter, oldest first."""
        self.trim()
        members = cast("list[bytes]", self._redis.zrange(self.key, 0, -1))
        return [UnknownCall.parse(member.decode()) for member in members]

    def of(self, number: str) -> list[UnknownCall]:
        """Those of one E.164 number that still matter, oldest first. Redis looks through them, which takes it 20 ms."""
        self.trim()
        found = dict(self._redis.zscan_iter(self.key, match=f"* {number}", count=SCANNED))
        return [UnknownCall.parse(member.decode()) for member in sorted(found, key=lambda member: found[member])]

    def trim(self) -> None:
        """Forget those that no longer matter."""
        self._redis.zremrangebyscore(self.key, "-inf", f"({time.time() - self.seconds}")

    def forget(self, calls: Sequence[UnknownCall]) -> None:
        """These are known now."""
        if calls:
            self._redis.zrem(self.key, *map(str, calls))
