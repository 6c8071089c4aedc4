"""One question to Redis about some numbers, and what the answer means.

The order: what a person pinned; the records that have the number; the company whose main number it begins with; the
FRITZ!Box's phonebook. What is found first counts, and all of it is asked for in one round trip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from shared.contacts.main_numbers import companies
from shared.contacts.packing import RECORD, unpack_all
from shared.contacts.pins import Pin
from shared.events import Candidate, Match, Source
from shared.numbers import shortest_main

BUCKETS: Final = 16_381
"""Hashes that the numbers are spread over: a prime, so that no numbering plan fills some and leaves others empty.

A million numbers are 61 in each. Up to eight million fit the 512 that Valkey keeps as a listpack.
"""
PHONEBOOK_CONFIDENCE: Final = 0.9
"""Somebody typed it into the box, who knows when."""
_STEP: Final = "\x1c"
_GROUP: Final = "\x1d"
_E164: Final = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)


def arguments(numbers: Sequence[str]) -> list[str | int]:
    """What `LOOK_UP` is called with. What is no E.164 number is asked as the empty text, and finds nobody."""
    given: list[str | int] = []
    for number in numbers:
        given += (number, shortest_main(number)) if _E164.fullmatch(number) else ("", 0)
    return given


def candidates(answer: bytes, number: str) -> tuple[Candidate, ...]:
    """Who `number` may be, from the part of the answer that is about it."""
    if not answer:
        return ()
    pin, records, mains, phonebook = answer.decode().split(_STEP)
    if pin:
        return (Pin.model_validate_json(pin).candidate,)
    if records:
        return unpack_all(records, Match.EXACT)
    for kept, extension in _longest_first(mains, number):
        if found := companies(kept, extension):
            return found
    return _in_phonebook(phonebook)


def _longest_first(mains: str, number: str) -> Iterator[tuple[str, str]]:
    """The main numbers that `number` begins with, and the extension of each that it would be."""
    for main in filter(None, mains.split(_GROUP)):
        digits, _, kept = main.partition(":")
        yield kept, number[1 + int(digits) :]


def _in_phonebook(names: str) -> tuple[Candidate, ...]:
    each = names.split(RECORD) if names else []
    confidence = PHONEBOOK_CONFIDENCE / max(1, len(each))
    return tuple(
        Candidate(source=Source.PHONEBOOK, match=Match.PHONEBOOK, confidence=confidence, name=name) for name in each
    )


# KEYS: in use, pins, phonebook. ARGV: per number itself, and how many digits its main number has at least (0: none).
# The keys of a generation are in the same slot: their names begin with the hash tag.
LOOK_UP: Final = """
local generation = redis.call('GET', KEYS[1])
if not generation then return false end
local answers = {}
for n = 1, #ARGV, 2 do
  local number, shortest, answer = ARGV[n], tonumber(ARGV[n + 1]), ''
  local digits = string.sub(number, 2)
  if digits ~= '' then
    local pin, records, mains, entry = redis.call('HGET', KEYS[2], number), false, {}, false
    if not pin then
      local bucket = generation .. ':' .. (tonumber(string.sub(digits, -9)) % BUCKETS)
      records = redis.call('HGET', bucket, digits)
      if records == '' then records = redis.call('HGET', generation .. ':long', digits) end
    end
    if not pin and not records then
      if shortest > 0 and #digits >= shortest then
        local prefixes = {}
        for length = #digits, shortest, -1 do prefixes[#prefixes + 1] = string.sub(digits, 1, length) end
        for p, kept in ipairs(redis.call('HMGET', generation .. ':mains', unpack(prefixes))) do
          if kept then mains[#mains + 1] = #prefixes[p] .. ':' .. kept end
        end
      end
      entry = redis.call('HGET', KEYS[3], number)
    end
    if pin or records or #mains > 0 or entry then
      answer = table.concat({pin or '', records or '', table.concat(mains, '\\29'), entry or ''}, '\\28')
    end
  end
  answers[#answers + 1] = answer
end
return answers
""".replace("BUCKETS", str(BUCKETS))
