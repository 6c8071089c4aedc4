"""The dead letters of an event log, and how a group gets one of its events back.

The letter is not published again: all groups would have the event a second time, browsers would show an old call as a
new one, and under a new id an old answer of matcher would look like its latest. Instead the entry, which is still in
the stream, becomes pending again in that one group, under its old id, as if a worker had taken it and died. The others
take over from dead workers anyway. So whatever is promised of events holds for retried ones too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, cast

from shared.event_log import EventLog
from shared.events import Event, parse_event

PAGE: Final = 500
"""Letters that are read in one round trip."""
HOLDER: Final = "dead-letters"
"""The worker that an event is taken over from. It never works itself."""
IDLE_MILLISECONDS: Final = 3_600_000
"""How long it seems to have been silent: longer than any worker waits before it takes over."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that a group gave up on, or something that is no event."""

    id: str
    group: str
    entry: str
    """The event's id in the stream."""
    document: bytes
    reason: str
    deliveries: int
    """How often it had been tried."""

    @property
    def since(self) -> datetime:
        """When it was given up."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1000, UTC)

    @property
    def event(self) -> Event | None:
        """None where the document is none that this version knows."""
        try:
            return parse_event(self.document)
        except ValueError:
            return None


class Retried(StrEnum):
    """What became of giving an event back."""

    DONE = "done"
    GONE = "gone"
    """There is no such letter, or no longer."""
    NO_EVENT = "no-event"
    TRIMMED = "trimmed"
    """The event is older than the log reaches back."""
    NO_GROUP = "no-group"
    """The group was deleted. A new one reads all events that there are."""


class DeadLetters:
    """The dead letters of one event log."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._keys = event_log.keys
        self._give_back = event_log.redis.register_script(_GIVE_BACK)

    def __iter__(self) -> Iterator[Letter]:
        """All of them, oldest first."""
        start = "-"
        while entries := cast("Any", self._redis.xrange(self._keys.dead, start, count=PAGE)):
            yield from (_letter(*entry) for entry in entries)
            start = f"({entries[-1][0].decode()}"

    def get(self, letter_id: str) -> Letter | None:
        """One of them, if it is there."""
        entries = cast("Any", self._redis.xrange(self._keys.dead, letter_id, letter_id))
        return _letter(*entries[0]) if entries else None

    def retry(self, letter_id: str) -> Retried:
        """Give the event back to the group that gave up on it, and remove the letter, in one step."""
        letter = self.get(letter_id)
        if letter is None:
            return Retried.GONE
        if letter.event is None:
            return Retried.NO_EVENT
        keys = [self._keys.stream, self._keys.dead]
        outcome = self._give_back(keys, [letter.id, letter.group, letter.entry, HOLDER, IDLE_MILLISECONDS])
        return Retried(cast("bytes", outcome).decode())

    def drop(self, letter_id: str) -> bool:
        """Remove a letter for good. Returns whether it was there."""
        return bool(self._redis.xdel(self._keys.dead, letter_id))


def _letter(letter_id: bytes, fields: dict[bytes, bytes]) -> Letter:
    def text(name: bytes) -> str:
        return fields.get(name, b"").decode(errors="replace")

    return Letter(
        id=letter_id.decode(),
        group=text(b"group"),
        entry=text(b"entry"),
        document=fields.get(b"event", b""),
        reason=text(b"reason"),
        deliveries=int(text(b"deliveries") or 0),
    )


# KEYS: stream, dead letters. ARGV: letter id, group, entry id, worker that seems to hold it, its silence in ms.
_GIVE_BACK: Final = """
if #redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1]) == 0 then return 'gone' end
if #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) == 0 then return 'trimmed' end
local claimed = redis.pcall('XCLAIM', KEYS[1], ARGV[2], ARGV[4], 0, ARGV[3],
  'IDLE', ARGV[5], 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
if claimed.err then return 'no-group' end
redis.call('XDEL', KEYS[2], ARGV[1])
return 'done'
"""
