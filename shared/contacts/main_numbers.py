"""Main numbers of companies: which numbers a company answers, beyond those that stand in its records. Pure.

Germany and Austria have open numbering plans: behind a main number the company gives out extensions as it likes, of
any length. `06221 123-0` is the switchboard, and `06221 123-45` a desk of the same company. A wrong name is worse than
none, so a number counts as a main number only on evidence:

- It is written with the switchboard's extension, `-0` or `-00`. Then everything behind it is the company's.
- Or one company, and no other, has two or more extensions of it, all written with one hyphen. A hyphen may be mere
  style, so then an unknown extension has to be as long as a known one.

Never a mobile number, never a person's without a company, and never one that is shorter than an area code with three
digits of a subscriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from shared.contacts.packing import RECORD, UNIT, unpack
from shared.events import Candidate, Match
from shared.numbers import Number, subscriber_number

SHORTEST_SUBSCRIBER: Final = 3
"""Digits behind the area code."""
SHORTEST: Final = 7
"""Digits of a main number with its country code: the shortest national number of both plans has 5."""
LONGEST_GUESSED_EXTENSION: Final = 3
"""Digits, where only a hyphen tells that it is one."""
CONFIDENCE: Final = 0.7
"""Of a company by an extension nobody has seen: the number block may have been sold, or divided."""
ANY_LENGTH: Final = 0


class Extension(NamedTuple):
    """A number whose writing says where its extension begins."""

    main: str
    """E.164, without the extension."""
    digits: str
    """The extension; of zeros only: the switchboard."""


class Claim(NamedTuple):
    """What one record says about a main number."""

    digits: str
    """The extension that it has."""
    reference: str
    """The record: `KUNDEN:7`."""
    company: str

    def __str__(self) -> str:
        return UNIT.join(self)

    @classmethod
    def parse(cls, text: str) -> Claim:
        """The inverse of `str`."""
        return cls(*text.split(UNIT))


def extensions_in(numbers: Iterable[Number]) -> Iterator[Extension]:
    """Those of a field's numbers that are written with an extension."""
    for number in numbers:
        extension = number.e164.removeprefix(number.main or number.e164)
        subscriber = len(subscriber_number(number.e164)) - len(extension)
        if number.main and extension and subscriber >= SHORTEST_SUBSCRIBER and len(number.main) > SHORTEST:
            yield Extension(number.main, extension)


def proven(claims: Iterable[Claim]) -> str:
    """What the index keeps of a main number, from everything that is said about it; empty: it is none.

    Per company the length of its extensions, its name and a record of it.
    """
    everything = list(claims)
    switchboards = {claim.company: claim for claim in everything if not claim.digits.strip("0")}
    if switchboards:
        return RECORD.join(_text(ANY_LENGTH, claim) for claim in switchboards.values())
    guessed = {claim.digits: claim for claim in everything if len(claim.digits) <= LONGEST_GUESSED_EXTENSION}
    if len({claim.company for claim in everything}) != 1 or len(guessed) < 2:
        return ""
    lengths = {len(digits): claim for digits, claim in guessed.items()}
    return RECORD.join(_text(length, claim) for length, claim in lengths.items())


def companies(kept: str, extension: str) -> tuple[Candidate, ...]:
    """The companies that an unknown extension belongs to, by what `proven` said of the main number."""
    found: dict[str, str] = {}
    for text in kept.split(RECORD):
        length, _, record = text.partition(UNIT)
        if int(length) in (ANY_LENGTH, len(extension)):
            found[record.partition(UNIT)[2]] = record
    return tuple(unpack(record, Match.COMPANY, CONFIDENCE / len(found)) for record in found.values())


def _text(length: int, claim: Claim) -> str:
    return UNIT.join([str(length), claim.reference, claim.company])
