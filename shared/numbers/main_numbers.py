"""Main number and extension: in Germany and Austria one company has all the numbers that begin with its main number.

Both number plans are open: no number's length is fixed, and no number begins with another one. So whoever calls from
`+49 6221 123…` belongs to the company whose main number is `+49 6221 123`. Other countries' numbers have a fixed
length, and what they begin with says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

OPEN_PLANS: Final = {"+49": "DE", "+43": "AT"}
LONGEST_EXTENSION: Final = 5
"""Digits."""
LAST_GROUP: Final = re.compile(r"-\s?([\d ]{1,9})$", re.ASCII)
LONGEST_AREA_CODE: Final = 5
"""Digits, without the leading 0. As many decide in both plans how long the area code is."""


def shortest_main(e164: str) -> int:
    """How many digits a main number has at least of which `e164` is an extension, with the country's code.

    0 for mobile and service numbers, and for countries where numbers have no extensions. Never less than an area code
    and a digit more, nor than `shortest_national`, nor than `e164` without `LONGEST_EXTENSION` digits.
    """
    area_code = area_code_length(e164)
    if not area_code:
        return 0
    national = max(area_code + 1, shortest_national(OPEN_PLANS[e164[:3]]))
    return max(len("49") + national, len(e164) - len("+") - LONGEST_EXTENSION)


@lru_cache
def shortest_national(country: str) -> int:
    """The digits of the shortest landline number in `country`, with the area code, without the leading 0.

    Source: phonenumbers' metadata; 5 in Germany, 4 in Austria. Raises ValueError for a country it does not know.
    """
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.fixed_line is None:
        raise ValueError(f"phonenumbers knows no landlines in {country}.")
    return int(min(metadata.fixed_line.possible_length))


def written_main_number(written: str, e164: str) -> str | None:
    """The main number in `written`, which was read as `e164`, if a hyphen sets off an extension; else None.

    DIN 5008 has no other use for a hyphen in a number. People have: `06221-123456` sets off the area code,
    `030 23-12-56` and `030 2312-5600` only make it easier to read. So there must be just one hyphen behind the area
    code, and the extension must be shorter than what is ahead of it, unless it is the operator's 0.
    """
    last = LAST_GROUP.search(written)
    if not last:
        return None
    extension = last.group(1).replace(" ", "")  # in pairs, as DIN 5008 once had it: `(0 30) 2 31 25-6 00`
    if len(extension) > LONGEST_EXTENSION:
        return None
    subscriber = len(subscriber_number(e164))
    ahead = subscriber - len(extension)
    if ahead < 1 or (ahead <= len(extension) and extension not in {"0", "00"}):
        return None
    behind_other_hyphens = sum(map(str.isdecimal, written[written.find("-", _area_end(written, subscriber)) :]))
    return e164.removesuffix(extension) if behind_other_hyphens == len(extension) else None


def subscriber_number(e164: str) -> str:
    """What follows the area code; empty for numbers that have none, or that have no extensions."""
    area_code = area_code_length(e164)
    return e164[len("+49") + area_code :] if area_code else ""


def area_code_length(e164: str) -> int:
    """In digits, without the leading 0; 0 for numbers that have none, or that have no extensions."""
    if e164[:3] not in OPEN_PLANS:
        return 0
    return _area_code_length(e164[:3], e164[3 : 3 + LONGEST_AREA_CODE])


@lru_cache(maxsize=32768)
def _area_code_length(country_code: str, beginning: str) -> int:
    """By the way `phonenumbers` would write a number that begins so. Its length does not matter for that."""
    number = PhoneNumber(country_code=int(country_code), national_number=int(beginning.ljust(8, "0")))
    if phonenumbers.number_type(number) == PhoneNumberType.VOIP and beginning.startswith("5"):
        return 1  # Austria's networks of companies: 05, and what follows is the company's
    return int(phonenumbers.length_of_geographical_area_code(number))


def _area_end(written: str, subscriber: int) -> int:
    """The index in `written` of the first digit behind the area code: that is, `subscriber` digits from its end."""
    digits = [index for index, character in enumerate(written) if character.isdecimal()]
    return digits[-subscriber]
