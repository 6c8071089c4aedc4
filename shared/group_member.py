"""One worker's place in a consumer group, as Redis sees it: what it is given, what it takes over, what it keeps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

from shared.event_log import EventLog

RawEntry: TypeAlias = tuple[bytes, dict[bytes, bytes], int]
"""An entry's id, its fields, and how often it has been delivered, this time included."""
MOST_PENDING: Final = 10_000
"""Entries whose deliveries are asked for at once: some batches, for what a worker holds may stand in between."""


class GroupMember:
    """A worker of one group. Every method raises `RedisError`."""

    def __init__(self, event_log: EventLog, group: str, name: str, take_over_seconds: float) -> None:
        """`take_over_seconds`: how long a worker may be silent before others take what it holds."""
        self._redis = event_log.redis
        self._stream = event_log.keys.stream
        self._group = group
        self._name = name
        self._take_over = take_over_seconds
        self._last_look = float("-inf")

    def read(self, count: int, wait: float) -> list[RawEntry]:
        """At most `count` entries that nobody was given yet; waits for the first up to `wait` seconds."""
        block = round(wait * 1000)
        reply = self._redis.xreadgroup(self._group, self._name, {self._stream: ">"}, count=count, block=block)
        return [(entry_id, fields, 1) for entry_id, fields in cast("Any", reply)[0][1]] if reply else []

    def take_over(self, count: int) -> list[RawEntry]:
        """At most `count` entries that some worker, perhaps this one in an earlier life, took and did not finish.

        It looks for them twice in the time that a worker may be silent, and again at once while it finds some.
        """
        if time.monotonic() - self._last_look < self._take_over / 2:
            return []
        cursor: str | bytes = "0-0"
        idle = round(self._take_over * 1000)
        while True:
            reply = self._redis.xautoclaim(
                self._stream, self._group, self._name, min_idle_time=idle, start_id=cast("str", cursor), count=count
            )
            cursor, claimed = cast("Any", reply)[:2]
            if claimed:
                deliveries = self._deliveries(claimed[0][0], claimed[-1][0])
                return [(entry_id, fields, max(2, deliveries.get(entry_id, 2))) for entry_id, fields in claimed]
            if cursor in (b"0-0", "0-0"):
                self._last_look = time.monotonic()
                return []

    def keep(self, entry_ids: Sequence[str], *, forgive: bool = False) -> None:
        """Say of entries that they are still this worker's. `forgive`: and that they count as delivered once."""
        if entry_ids:
            held = cast("list[int | bytes | str | memoryview]", list(entry_ids))
            count = 1 if forgive else None
            self._redis.xclaim(self._stream, self._group, self._name, 0, held, retrycount=count, justid=True)

    def leave(self) -> None:
        """Take this worker off the group's list, unless it holds entries: deleting it would lose them."""
        self._redis.eval(_LEAVE, 1, self._stream, self._group, self._name)

    def _deliveries(self, first: bytes, last: bytes) -> dict[bytes, int]:
        pending = self._redis.xpending_range(
            self._stream, self._group, min=first, max=last, count=MOST_PENDING, consumername=self._name
        )
        return {row["message_id"]: row["times_delivered"] for row in cast("Any", pending)}


# KEYS: stream. ARGV: group, consumer.
_LEAVE: Final = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
"""
