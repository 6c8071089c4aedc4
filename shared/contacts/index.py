"""The contacts by number: one index in Redis for all matchers, swapped in whole.

A new index is built beside the one in use, under a key of its own; then one write makes it the one in use. A reader
sees the one or the other, never a half.

    {callmonitor:events}:contacts              the key of the generation that is in use
    {callmonitor:events}:contacts:<generation> hash: E.164 number -> the candidates, as JSON
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

from pydantic import TypeAdapter

from shared.contacts.reading import Contact
from shared.event_log import EventLog
from shared.events import Candidate

CHUNK: Final = 1000
"""Numbers that are written in one round trip."""
LONGEST_READING: Final = 60
"""Seconds after which a reader of contacts counts as dead, so that another one may start."""
OLD_GENERATION_SECONDS: Final = 60
UNFINISHED_SECONDS: Final = 3600
"""A generation whose builder died is forgotten after this time."""

_CANDIDATES: Final = TypeAdapter(tuple[Candidate, ...])


class ContactIndex:
    """The index of one event log's Redis."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._in_use = event_log.keys.beside("contacts")
        self._lookup = self._redis.register_script(_LOOKUP)
        self._swap = self._redis.register_script(_SWAP)

    def replace(self, contacts: Iterable[Contact]) -> int:
        """Build a new index and swap it in. Returns how many numbers it has."""
        by_number: dict[str, list[Candidate]] = defaultdict(list)
        for contact in contacts:
            for number in contact.numbers:
                by_number[number].append(contact.candidate)
        generation = f"{self._in_use}:{uuid.uuid4().hex[:12]}"
        rows = [
            (number, _CANDIDATES.dump_json(tuple(found), exclude_defaults=True)) for number, found in by_number.items()
        ]
        for start in range(0, len(rows), CHUNK):
            self._redis.hset(generation, mapping=cast("Any", dict(rows[start : start + CHUNK])))
            self._redis.expire(generation, UNFINISHED_SECONDS)
        self._swap([self._in_use, generation], [OLD_GENERATION_SECONDS])
        return len(rows)

    def refresh(self, read: Callable[[], Iterable[Contact]], every: float) -> int | None:
        """Replace the index by what `read` gives, unless that was done in the last `every` seconds or is being done.

        Returns how many numbers it has then, or None. Raises what `read` raises; the index stays as it was.
        """
        fresh, reading = f"{self._in_use}:fresh", f"{self._in_use}:reading"
        if self._redis.exists(fresh) or not self._redis.set(reading, 1, nx=True, ex=LONGEST_READING):
            return None
        try:
            numbers = self.replace(read())
            self._redis.set(fresh, 1, px=round(every * 1000))
        finally:
            self._redis.delete(reading)
        return numbers

    def exists(self) -> bool:
        """Whether contacts were ever read."""
        return bool(self._redis.exists(self._in_use))

    def lookup(self, numbers: Sequence[str]) -> list[tuple[Candidate, ...]]:
        """The candidates for each number, in one round trip. Without an index nobody is found."""
        if not numbers:
            return []
        found = cast("list[bytes | None]", self._lookup([self._in_use], numbers))
        return [_CANDIDATES.validate_json(document) if document else () for document in found]


def _dump(candidates: Sequence[Candidate]) -> bytes:
    return _CANDIDATES.dump_json(tuple(candidates), exclude_defaults=True)


# KEYS: in use. ARGV: numbers. The generation's key is in the same slot: its name begins with the hash tag.
_LOOKUP: Final = """
local generation = redis.call('GET', KEYS[1])
if not generation then
  local nobody = {}
  for n = 1, #ARGV do nobody[n] = false end
  return nobody
end
return redis.call('HMGET', generation, unpack(ARGV))
"""

# KEYS: in use, new generation. ARGV: seconds that readers may still need the old one.
_SWAP: Final = """
local old = redis.call('GET', KEYS[1])
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[1], KEYS[2])
if old then redis.call('EXPIRE', old, ARGV[1]) end
"""
