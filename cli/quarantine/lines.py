"""The quarantine of an event log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from services.ingest.wire import Malformed, parse
from shared.event_log import EventLog


@dataclass(frozen=True, slots=True)
class Line:
    """A line that ingest could not read."""

    id: str
    box: str
    text: str
    """What is no ASCII, as `\\xNN`."""
    reason: str
    """Why the version of ingest that received it could not."""

    @property
    def since(self) -> datetime:
        """When it was put there."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1000, UTC)

    @property
    def readable_now(self) -> bool:
        """Whether this version understands it."""
        return "\\" not in self.text and not isinstance(parse(self.text.encode()), Malformed)


class Quarantine:
    """The lines, which are bounded in number and age: see `shared.event_log` and `services.jobs.retention`."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._key = event_log.keys.quarantine

    def __iter__(self) -> Iterator[Line]:
        """All of them, oldest first."""
        for entry_id, fields in cast("Any", self._redis.xrange(self._key)):
            text = {
                name: fields.get(name, b"").decode(errors="backslashreplace") for name in (b"box", b"line", b"reason")
            }
            yield Line(entry_id.decode(), text[b"box"], text[b"line"], text[b"reason"])

    def drop(self, line_id: str) -> bool:
        """Remove a line for good. Returns whether it was there."""
        return bool(self._redis.xdel(self._key, line_id))
