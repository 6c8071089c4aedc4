"""Reading an event log without a consumer group: its pages, its ends, and the calls in progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from redis import Redis
from redis.exceptions import RedisError

from shared.event_keys import Keys
from shared.events import Call, CallEvent, Event, parse_event

FIELD: Final = b"event"
"""The one field of a stream entry."""
ORIGIN: Final = "0-0"
"""The id before every event."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its id in the stream."""

    id: str
    event: Event
    document: bytes
    """The event as it stands in the stream, so that nobody has to serialise it again."""


@dataclass(frozen=True, slots=True)
class Present:
    """The calls in progress, and the place in the stream from which on the story continues."""

    events: tuple[Event, ...]
    """Per call the newest `CallEvent`, then what is known of it."""
    position: str


class EventReading:
    """What everybody can ask of one event log on one Redis. Raises `RedisError` where nothing else is said."""

    def __init__(self, redis: Redis, stream: str) -> None:
        self.redis = redis
        self.keys = Keys(stream)

    def present(self) -> Present:
        """The calls in progress and where the stream stood at that very moment."""
        pipe = self.redis.pipeline(transaction=True)
        pipe.hgetall(self.keys.active)
        pipe.xrevrange(self.keys.stream, count=1)
        active, newest = pipe.execute()
        events = (_readable(document) for document in active.values())
        known = sorted((event for event in events if event), key=_calls_first)
        return Present(tuple(known), newest[0][0].decode() if newest else ORIGIN)

    def in_progress(self, call_id: str) -> Call | None:
        """The newest version of a call that has not ended; None when it has, or is not known."""
        document = cast("bytes | None", self.redis.hget(self.keys.active, f"{call_id}|call"))
        event = _readable(document) if document else None
        return event.call if isinstance(event, CallEvent) else None

    def read(self, after: str, *, count: int, block_seconds: float) -> list[LoggedEvent]:
        """Events after an id, oldest first; waits for the first up to `block_seconds`."""
        block = round(block_seconds * 1000)

        def page(start: str) -> Any:
            reply = cast("Any", self.redis.xread({self.keys.stream: start}, count=count, block=block))
            return reply[0][1] if reply else []

        return _first_readable(page, after)

    def between(self, after: str, up_to: str, *, count: int) -> list[LoggedEvent]:
        """Events after one id up to another one, oldest first."""
        return _first_readable(
            lambda start: self.redis.xrange(self.keys.stream, f"({start}", up_to, count=count), after
        )

    def newest(self, before: str, *, count: int) -> list[LoggedEvent]:
        """The newest events before an id, newest first. `+` is the end of the stream."""
        return _first_readable(
            lambda start: self.redis.xrevrange(
                self.keys.stream, "+" if start == "+" else f"({start}", "-", count=count
            ),
            before,
        )

    def oldest_id(self) -> str | None:
        """The id of the oldest event that is still there; None when there is none."""
        reply = cast("Any", self.redis.xrange(self.keys.stream, count=1))
        return reply[0][0].decode() if reply else None

    def answers(self) -> bool:
        """Whether Redis is there at the moment."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def newest_id(self) -> str | None:
        """The id of the newest event; None when there is none."""
        reply = cast("Any", self.redis.xrevrange(self.keys.stream, count=1))
        return reply[0][0].decode() if reply else None


def _first_readable(page: Callable[[str], Any], start: str) -> list[LoggedEvent]:
    """The first page from `start` on with a readable event in it, so that an empty answer means the end."""
    while entries := page(start):
        if events := _logged(entries):
            return events
        start = entries[-1][0].decode()
    return []


def _logged(reply: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> list[LoggedEvent]:
    """The readable events of a reply. What is unreadable is the consumer groups' to bury, not a tail's to stop at."""
    logged = []
    for entry_id, fields in reply:
        document = fields.get(FIELD, b"")
        if event := _readable(document):
            logged.append(LoggedEvent(entry_id.decode(), event, document))
    return logged


def _readable(document: bytes) -> Event | None:
    try:
        return parse_event(document)
    except ValueError:
        return None


def _calls_first(event: Event) -> int:
    return 0 if isinstance(event, CallEvent) else 1
