"""The contacts by number: one index in Redis for all matchers, swapped in whole.

A new index is built beside the one in use, under keys of its own; then one write makes it the one in use. A reader
sees the one or the other, never a half.

    {callmonitor:events}:contacts                      the generation that is in use
    {callmonitor:events}:contacts:building             sorted set: unfinished generations, by when they last grew
    {callmonitor:events}:contacts:<generation>:<n>     hash, one of `BUCKETS`: number without its + -> candidates
    {callmonitor:events}:contacts:<generation>:long    hash: the candidates that would make a bucket too big
    {callmonitor:events}:contacts:<generation>:mains   hash: main number -> the companies that it belongs to
    {callmonitor:events}:contacts:<generation>:claims  hash: what `mains` is made of, while the index is built

Small hashes are stored without pointers ("listpack"), and in them numbers as integers: about half the memory of one
big hash. A look-up reads a few kilobytes at most, however many contacts there are.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar, cast

from redis.exceptions import RedisError

from shared.contacts.lookup import BUCKETS, LOOK_UP, arguments, candidates
from shared.contacts.main_numbers import Claim, proven
from shared.contacts.packing import RECORD, UNIT, pack, reference
from shared.contacts.reading import Contact
from shared.event_log import EventLog
from shared.events import Candidate
from shared.read_only_script import ReadOnlyScript

CHUNK: Final = 500
"""Contacts that are written in one round trip, about 2 ms in which Redis does nothing else."""
ABANDONED_SECONDS: Final = 3600
"""A generation that has not grown for so long has no builder any more."""
LONGEST_SHORT: Final = 64
"""Bytes. A longer value would make Redis store its whole bucket with pointers (`hash-max-listpack-value`)."""
LONGEST: Final = 4000
"""Bytes that are kept about one number. More candidates than these are no help to anybody."""

T = TypeVar("T")


class NoContacts(Exception):
    """The contacts have not been read from Limbas yet."""


class IndexLost(RedisError):
    """Redis lost the index while it was built: it was emptied, or the build was silent for an hour."""


class ContactIndex:
    """The index of one event log's Redis."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._in_use = event_log.keys.beside("contacts")
        self._building = f"{self._in_use}:building"
        self._asked = [self._in_use, event_log.keys.beside("pins"), event_log.keys.beside("phonebook")]
        self._lookup = ReadOnlyScript(self._redis, LOOK_UP)
        self._add = self._redis.register_script(_LUA_CONSTANTS + "local generation = KEYS[1]" + _ADD)
        self._add_in_use = self._redis.register_script(_LUA_CONSTANTS + _GENERATION_IN_USE + _ADD)
        self._has = ReadOnlyScript(self._redis, _LUA_CONSTANTS + _HAS)
        self._remove = self._redis.register_script(_LUA_CONSTANTS + _REMOVE)
        self._claim = self._redis.register_script(_CLAIM)
        self._swap = self._redis.register_script(_SWAP)

    def lookup(self, numbers: Sequence[str]) -> list[tuple[Candidate, ...]]:
        """The candidates for each E.164 number, best first, in one round trip. Raises `NoContacts`."""
        if not numbers:
            return []
        answers = cast("list[bytes] | None", self._lookup(self._asked, arguments(numbers)))
        if answers is None:
            raise NoContacts("The contacts have not been read from Limbas yet.")
        return [candidates(answer, number) for answer, number in zip(answers, numbers, strict=True)]

    def exists(self) -> bool:
        """Whether contacts were ever read."""
        return bool(self._redis.exists(self._in_use))

    def replace(self, contacts: Iterable[Contact]) -> int:
        """Build a new index and swap it in. Returns how many numbers it has.

        Never holds more than a chunk of `contacts`. Raises what iterating over them raises, and `IndexLost`; the index
        in use stays as it was then.
        """
        self._sweep()
        generation = f"{self._in_use}:{uuid.uuid4().hex[:8]}"
        self._redis.zadd(self._building, {generation: time.time()})
        try:
            numbers = sum(self._write(generation, chunk) for chunk in _chunks(contacts))
            self._prove(generation)
            old = cast("bytes | None", self._swap([self._in_use, self._building], [generation]))
        except BaseException:
            self._forget_quietly(generation)
            raise
        if old == b"lost":
            self._forget(generation)
            raise IndexLost("Redis lost the contacts while they were read.")
        if old:
            self._forget(old.decode())
        return numbers

    def add(self, contact: Contact) -> None:
        """Let a new contact be found by its numbers at once. Its company's main number comes with the next index."""
        self._add_in_use([self._in_use], _numbered(contact))

    def has(self, number: str) -> bool:
        """Whether the index in use knows an E.164 number, as somebody's or as a company's main number."""
        return bool(self._has([self._in_use], [number[1:]]))

    def remove(self, number: str) -> None:
        """Forget whose an E.164 number is, until contacts with it are read again."""
        self._remove([self._in_use], [number[1:]])

    def _write(self, generation: str, contacts: Sequence[Contact]) -> int:
        """Add a chunk to a generation. Returns how many numbers are new in it."""
        pipe = self._redis.pipeline(transaction=False)
        self._add([generation], [part for contact in contacts for part in _numbered(contact)], client=pipe)
        claims = [part for contact in contacts for part in _claims(contact)]
        if claims:
            self._claim([f"{generation}:claims"], claims, client=pipe)
        pipe.zadd(self._building, {generation: time.time()}, xx=True)
        return int(pipe.execute()[0])

    def _prove(self, generation: str) -> None:
        """Make the main numbers of all that was said about them."""
        key = f"{generation}:claims"
        for rows in _chunks(self._redis.hscan_iter(key, count=CHUNK)):
            found = {main: proven(map(Claim.parse, said.decode().split(RECORD))) for main, said in rows}
            if sure := {main: kept for main, kept in found.items() if kept}:
                self._redis.hset(f"{generation}:mains", mapping=cast("Any", sure))
        self._redis.unlink(key)

    def _sweep(self) -> None:
        """Remove what builders that died have left."""
        abandoned = self._redis.zrangebyscore(self._building, "-inf", time.time() - ABANDONED_SECONDS)
        for generation in cast("list[bytes]", abandoned):
            self._forget(generation.decode())

    def _forget_quietly(self, generation: str) -> None:
        try:
            self._forget(generation)
        except RedisError:
            return  # the next builder sweeps it up

    def _forget(self, generation: str) -> None:
        names = [f"{generation}:{part}" for part in ("long", "mains", "claims", *range(BUCKETS))]
        for some in _chunks(names):
            self._redis.unlink(*some)
        self._redis.zrem(self._building, generation)


def _numbered(contact: Contact) -> list[str]:
    packed = pack(contact.candidate)
    return [part for number in contact.numbers for part in (number[1:], packed)]


def _claims(contact: Contact) -> Iterator[str]:
    for extension in contact.extensions:
        yield extension.main[1:]
        yield str(Claim(extension.digits, reference(contact.candidate), contact.company))


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


_LUA_CONSTANTS: Final = (
    f"local BUCKETS, SHORT, MOST = {BUCKETS}, {LONGEST_SHORT}, {LONGEST}\n"
    f"local US, RS = '\\{ord(UNIT)}', '\\{ord(RECORD)}'\n"
)

_GENERATION_IN_USE: Final = """
local generation = redis.call('GET', KEYS[1])
if not generation then return 0 end
"""

# KEYS: generation, or what is in use. ARGV: number, candidate, number, candidate, … Returns how many numbers are new.
_ADD: Final = """
local new, long = 0, generation .. ':long'
for n = 1, #ARGV, 2 do
  local number, candidate = ARGV[n], ARGV[n + 1]
  local bucket = generation .. ':' .. (tonumber(string.sub(number, -9)) % BUCKETS)
  local known = redis.call('HGET', bucket, number)
  if known == '' then known = redis.call('HGET', long, number) end
  local all = candidate
  if known then
    local record = string.sub(candidate, 1, string.find(candidate, US, 1, true))
    local there = string.find(RS .. known, RS .. record, 1, true)
    all = not there and #known + #candidate < MOST and known .. RS .. candidate
  else
    new = new + 1
  end
  if all then
    redis.call('HSET', bucket, number, #all <= SHORT and all or '')
    if #all > SHORT then redis.call('HSET', long, number, all) end
  end
end
return new
"""

# KEYS: in use. ARGV: number.
_HAS: Final = (
    _GENERATION_IN_USE
    + """
local bucket = generation .. ':' .. (tonumber(string.sub(ARGV[1], -9)) % BUCKETS)
return redis.call('HEXISTS', bucket, ARGV[1]) + redis.call('HEXISTS', generation .. ':mains', ARGV[1])
"""
)

# KEYS: in use. ARGV: number.
_REMOVE: Final = (
    _GENERATION_IN_USE
    + """
redis.call('HDEL', generation .. ':' .. (tonumber(string.sub(ARGV[1], -9)) % BUCKETS), ARGV[1])
redis.call('HDEL', generation .. ':long', ARGV[1])
redis.call('HDEL', generation .. ':mains', ARGV[1])
"""
)

# KEYS: claims. ARGV: main number, claim, main number, claim, …
# When there is much already, only what may change the verdict: the switchboard, and another company.
_CLAIM: Final = (
    _LUA_CONSTANTS
    + """
for n = 1, #ARGV, 2 do
  local main, claim = ARGV[n], ARGV[n + 1]
  local known = redis.call('HGET', KEYS[1], main)
  if not known then
    redis.call('HSET', KEYS[1], main, claim)
  else
    local company = string.match(claim, US .. '([^' .. US .. ']*)$')
    local another = not string.find(known .. RS, US .. company .. RS, 1, true)
    if #known < MOST or another or string.find(claim, '^0+' .. US) then
      redis.call('HSET', KEYS[1], main, known .. RS .. claim)
    end
  end
end
"""
)

# KEYS: in use, building. ARGV: new generation. Returns the old one, or 'lost'.
_SWAP: Final = """
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 'lost' end
local old = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1])
return old
"""
