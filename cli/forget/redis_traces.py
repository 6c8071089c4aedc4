"""What Redis holds of a person, key by key, and how it is erased.

Beside the event log stand more keys (`shared.event_log` and its neighbours list them). Those that can hold a number or
what is known of its calls are all here; `docs/privacy.md` says of each how long it is kept otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from cli.forget.person import Person
from shared.contacts.index import ContactIndex
from shared.contacts.pins import Pins
from shared.event_log import FIELD, EventLog
from shared.events import Call, CallEvent, parse_event
from shared.unknown_calls import UnknownCall

PAGE: Final = 500

StreamEntry = tuple[bytes, dict[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing that is there of the person."""

    kind: str
    """One of the texts' `kind.…`."""
    erase: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Traces:
    """All that is there."""

    found: Sequence[Trace]
    in_progress: int
    """Calls that are going on. Nothing of them is erased: what knows them writes them anew until they end."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind there are."""
        return Counter(trace.kind for trace in self.found)

    def erase(self) -> None:
        """Erase all of it. Raises `redis.exceptions.RedisError`."""
        for trace in self.found:
            trace.erase()


def find(event_log: EventLog, person: Person) -> Traces:
    """Look through everything. Raises `redis.exceptions.RedisError`."""
    return _Search(event_log, person).traces()


class _Search:
    def __init__(self, event_log: EventLog, person: Person) -> None:
        self._redis = event_log.redis
        self._keys = event_log.keys
        self._log = event_log
        self._person = person

    def traces(self) -> Traces:
        active = {event.call_id: event for event in self._log.present().events if isinstance(event, CallEvent)}
        going_on = {call_id for call_id, event in active.items() if self._person.called(event.call)}
        # The event log may be trimmed while a call's other traces are still kept, and the other way round.
        ledger = dict(self._ledger())
        unknown = [call for call in self._unknown() if call.number == self._person.number]
        calls = {call_id for call_id, theirs in self._calls(ledger) if theirs} | {call.call_id for call in unknown}
        calls -= going_on
        found = [
            *self._in_stream(self._keys.stream, "events", calls, going_on),
            *self._in_stream(self._keys.dead, "dead-letters", calls, going_on),
            *self._in_stream(self._keys.quarantine, "quarantine", calls, going_on),
            *(_trace("ledger", self._redis.delete, key) for call_id, (key, _) in ledger.items() if call_id in calls),
            *(_trace("unknown", self._redis.zrem, self._unknown_key, str(c)) for c in unknown if c.call_id in calls),
            *self._pins(),
            *self._phonebooks(),
            *self._contacts(),
            *self._problems(),
        ]
        return Traces(found, len(going_on))

    def _calls(self, ledger: Mapping[str, tuple[str, Call | None]]) -> Iterator[tuple[str, bool]]:
        """Each call that is known from anywhere, and whether it is one of the person's."""
        for key in (self._keys.stream, self._keys.dead):
            for _, fields in self._entries(key):
                call = _call(fields.get(FIELD, b""))
                if call:
                    yield call.id, self._person.called(call)
        for call_id, (_, call) in ledger.items():
            if call:
                yield call_id, self._person.called(call)

    def _in_stream(self, key: str, kind: str, calls: set[str], going_on: set[str]) -> Iterator[Trace]:
        for entry_id, fields in self._entries(key):
            about = _about(fields.get(FIELD, b""))
            text = b" ".join(fields.values()).decode(errors="replace")
            if about in calls or (about not in going_on and self._named(about, text)):
                yield _trace(kind, self._redis.xdel, key, entry_id)

    def _named(self, about: str | None, text: str) -> bool:
        """Whether the person is named in an entry that is no event. An event says by its call whose it is."""
        return about is None and self._person.named_in(text)

    def _entries(self, key: str) -> Iterator[StreamEntry]:
        start = "-"
        while page := cast("list[StreamEntry]", self._redis.xrange(key, start, count=PAGE)):
            yield from page
            start = f"({page[-1][0].decode()}"

    def _ledger(self) -> Iterator[tuple[str, tuple[str, Call | None]]]:
        """Logger's entries: call id, key, and the call as it stands there."""
        beginning = self._keys.beside("record:")
        for key in self._beside("record:"):
            document = cast("bytes | None", self._redis.hget(key, "call"))
            yield key.removeprefix(beginning), (key, Call.model_validate_json(document) if document else None)

    @property
    def _unknown_key(self) -> str:
        return self._keys.beside("unknown")

    def _unknown(self) -> Iterator[UnknownCall]:
        for member in cast("list[bytes]", self._redis.zrange(self._unknown_key, 0, -1)):
            yield UnknownCall.parse(member.decode())

    def _pins(self) -> Iterator[Trace]:
        key = Pins(self._log).key
        if self._redis.hexists(key, self._person.number):
            yield _trace("pins", self._redis.hdel, key, self._person.number)

    def _phonebooks(self) -> Iterator[Trace]:
        for key in self._beside("phonebook"):
            if self._redis.hexists(key, self._person.number):
                yield _trace("phonebook", self._redis.hdel, key, self._person.number)

    def _contacts(self) -> Iterator[Trace]:
        index = ContactIndex(self._log)
        if index.has(self._person.number):
            yield _trace("contacts", index.remove, self._person.number)

    def _problems(self) -> Iterator[Trace]:
        key = self._keys.beside("contacts:problems")
        for document in cast("list[bytes]", self._redis.lrange(key, 1, -1)):
            if self._person.named_in(document.decode()):
                yield _trace("problems", self._redis.lrem, key, 1, document)

    def _beside(self, beginning: str) -> Iterator[str]:
        """The keys of the log whose names begin so."""
        literal = re.sub(r"([*?\[\]\\^])", r"\\\1", self._keys.beside(beginning))
        for key in set(self._redis.scan_iter(match=f"{literal}*", count=1000)):
            yield key.decode()


def _trace(kind: str, erase: Callable[..., Any], *arguments: Any) -> Trace:
    return Trace(kind, lambda: erase(*arguments))


def _about(document: bytes) -> str | None:
    try:
        return parse_event(document).call_id
    except ValueError:
        return None


def _call(document: bytes) -> Call | None:
    try:
        event = parse_event(document)
    except ValueError:
        return None
    return event.call if isinstance(event, CallEvent) else None
