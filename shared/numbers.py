"""Phone numbers: what the box and people write becomes E.164, or an honest "cannot".

`phonenumbers` does the parsing. Here is the policy around it: what is no number of the outside world, and which part
of what was written is the number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from shared.boxes import Place

CODES_AHEAD: Final = re.compile(r"^(?:[*#]\d{1,4}[*#])+")
"""Control codes dialled ahead of a number: `*31#` hides one's own, `*121#` picks a line, `#2#` is a phone book code."""
CALL_BY_CALL: Final = {
    "DE": re.compile(r"^(?:0100\d\d|010[1-9]\d)"),
    "AT": re.compile(r"^10\d\d"),
    "CH": re.compile(r"^10[78]\d\d"),
}
"""Carrier prefixes of outgoing calls. Source: FHEM, 72_FB_CALLMONITOR.pm."""
SHORTEST_LOCAL: Final = 4
"""Digits. What is shorter and has no area code is an extension of the box."""
SERVICE: Final = re.compile(r"^11\d+$")
"""110, 112, 115, 116117, 118…: the same everywhere in the country, dialled without an area code."""
SEPARATORS: Final = re.compile(r"[;,\n|]|\s+(?:oder|od\.|or|bzw\.?|und|u\.)\s+", re.IGNORECASE)
NUMBER_LIKE: Final = re.compile(r"[+(]?[\d(][\d\s()/.\-–‑]*\d|\d+")


def to_e164(written: str, place: Place, *, outbound: bool = False) -> str | None:
    """`written`, a single number as the box or a person wrote it, as E.164; None if it is none of the outside world.

    `place` supplies the country and the area code where they were left out. `outbound`: somebody in the office
    dialled it, so that a carrier prefix may stand ahead.
    """
    return _to_e164(written, place.country, place.area_code, outbound)


def numbers_in(text: str, place: Place) -> list[str]:
    """The E.164 numbers in a field as people fill it: `06221/123-45 (privat), mobil 0171 39200 15`."""
    found = []
    for part in SEPARATORS.split(text):
        for written in _written_numbers(part):
            number = to_e164(written, place)
            if number and number not in found:
                found.append(number)
    return found


def readable(e164: str, country: str) -> str:
    """`+4962211234567` as people in `country` write it: `06221 1234567`; foreign ones keep their `+`."""
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_country_code(number.country_code or 0) == country
    style = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


@lru_cache(maxsize=8192)
def _to_e164(written: str, country: str, area_code: str, outbound: bool) -> str | None:
    dialled = _digits(written)
    if dialled is None:
        return None
    if outbound and (prefix := CALL_BY_CALL.get(country)):
        dialled = prefix.sub("", dialled) or dialled
    if dialled[0] not in "0+":
        if len(dialled) < SHORTEST_LOCAL or not area_code or SERVICE.match(dialled):
            return None
        dialled = _with_trunk_prefix(area_code, country) + dialled
    try:
        number = phonenumbers.parse(dialled, country)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _digits(written: str) -> str | None:
    """The number alone: digits, with a `+` ahead if it is international. None if there is none in it."""
    text = written.strip().removeprefix("sip:").removeprefix("tel:").partition("@")[0]
    if text.startswith("**"):  # the box's own phones
        return None
    text = CODES_AHEAD.sub("", text).partition("#")[0]
    if "*" in text or re.search(r"[^\W\d_]", text):
        return None
    if text.lstrip(" (").startswith("+"):
        text = re.sub(r"^([\s(]*\+\s*\d{1,3}[\s)]*)\(\s*0\s*\)", r"\1", text)
        digits = re.sub(r"\D", "", text)
        return f"+{digits}" if digits else None
    return re.sub(r"\D", "", text) or None


def _with_trunk_prefix(area_code: str, country: str) -> str:
    """Without it, Emden's 4921 would be read as the country code 49 and 21."""
    trunk = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    return area_code if area_code.startswith(trunk) else trunk + area_code


def _written_numbers(part: str) -> list[str]:
    """The stretches of a text that look like numbers. Two complete ones around a slash are two."""
    stretches = []
    for match in NUMBER_LIKE.finditer(part):
        halves = match.group().split("/")
        complete = [len(re.sub(r"\D", "", half)) > 6 and half.strip()[:1] in "0+(" for half in halves]
        stretches += halves if len(halves) > 1 and all(complete) else [match.group()]
    return stretches
