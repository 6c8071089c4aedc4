"""One number, as the box or a person wrote it, becomes E.164, and E.164 becomes what people read."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from shared.boxes import Place
from shared.numbers.main_numbers import subscriber_number
from shared.numbers.plain import plain
from shared.numbers.plans import COUNTRIES, LONGEST_E164, in_plan
from shared.numbers.reason import Reason

SCHEME: Final = re.compile(r"(?:sips?|tel|callto):", re.IGNORECASE)
CODES_AHEAD: Final = re.compile(r"^(?:[*#]\d{1,4}#|\*31\*)+")
"""Control codes dialled ahead of a number: `*31#` hides one's own, `*121#` picks a line, `#2#` is a phone book code."""
CALL_BY_CALL: Final = {
    "DE": re.compile(r"^(?:0100\d\d|010[1-9]\d)"),
    "AT": re.compile(r"^10\d\d(?=0)"),
    "CH": re.compile(r"^10[78]\d\d(?=0)"),
}
"""Carrier prefixes of outgoing calls. Source: FHEM, 72_FB_CALLMONITOR.pm. Behind Austria's and Switzerland's there
must be an area code, else they could be local numbers."""
SERVICE: Final = {
    "DE": re.compile(r"^11\d+$"),
    "AT": re.compile(r"^1\d+$"),  # no subscriber's number begins with 1
    "CH": re.compile(r"^1\d+$"),
}
"""110, 112, 115, 116117, 118…: the same everywhere in the country, dialled without an area code."""
SERVICE_ELSEWHERE: Final = re.compile(r"^11\d{1,4}$")
SHORTEST_LOCAL: Final = 4
"""Digits. What is shorter and has no area code is an extension of the box."""
LONGEST_LOCAL: Final = {"DE": 11, "AT": 10}
"""Digits with the area code, up to which a number without one is surely local. The longest that Germany assigns have
11; in Austria a mobile number without its 0 has as many, and could be meant. Elsewhere numbers have a fixed length."""
SHORTEST_WITHOUT_ZERO: Final = 9
"""Digits from which a number may be a whole one whose 0 a spreadsheet has eaten, or that lost its +."""
LONGEST_WRITTEN: Final = 100
"""Characters. What is longer is no number, and not worth the time."""
LONGEST_DIALLED: Final = len("00") + LONGEST_E164
COMPANY_NETWORKS: Final = "+435"
"""Austria's. They have no places, and thus no other ones."""
PARENTHESISED_ZERO: Final = re.compile(r"\(\s?0\s?\)")
"""Dialled at home only: `+49 (0)30`."""
ITALY: Final = "39"
"""There the 0 is part of the number."""
PUNCTUATED: Final = re.compile(r"[\s()]*\+{0,2}[\d\s()/.\-'\\_]*", re.ASCII)
"""A number, and nothing else. A sign in it that is not listed may stand for a digit: `030 231?5600`."""
FLOAT: Final = re.compile(r"([1-9]\d{8,})\.0", re.ASCII)
"""How spreadsheets and data frames show whole numbers."""
NO_DIGIT: Final = re.compile(r"\D", re.ASCII)


def to_e164(written: str, place: Place, *, outbound: bool = False) -> str | None:
    """`written`, a single number as the box or a person wrote it, as E.164; None if it is none of the outside world.

    `place` supplies the country and the area code where they were left out. `outbound`: somebody in the office
    dialled it, so that a carrier prefix may stand ahead.
    """
    number = read(written, place, outbound=outbound)
    return None if isinstance(number, Reason) else number


def read(written: str, place: Place, *, outbound: bool = False) -> str | Reason:
    """As `to_e164`, but says why not."""
    if len(written) > LONGEST_WRITTEN:
        return Reason.TOO_LONG
    return _read(written, place.country, place.area_code, outbound)


@lru_cache(maxsize=8192)
def readable(e164: str, country: str) -> str:
    """`+4962211234567` as people in `country` write it: `06221 1234567`; foreign ones keep their `+`.

    What it writes is read back as the same number. Anything but E.164 is returned as it is.
    """
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    if phonenumbers.region_code_for_country_code(number.country_code or 0) == country:
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        if _read(national, country, "", outbound=False) == e164:
            return national
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def dialled_at_home(e164: str, country: str) -> str | None:
    """The digits that people in `country` dial for one of its own numbers: `062211234567`; None for a foreign one."""
    own, trunk = _prefixes(country)
    return trunk + e164.removeprefix(own) if e164.startswith(own) else None


@cache
def _prefixes(country: str) -> tuple[str, str]:
    """What numbers of a country begin with in E.164, and when they are dialled from within."""
    trunk = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True)
    return f"+{phonenumbers.country_code_for_region(country)}", trunk or ""


@lru_cache(maxsize=8192)
def _read(written: str, country: str, area_code: str, outbound: bool) -> str | Reason:
    dialled = _dialled(written)
    if isinstance(dialled, Reason):
        return dialled
    if outbound and (prefix := CALL_BY_CALL.get(country)):
        dialled = prefix.sub("", dialled) or dialled
    if dialled[0] in "0+":
        return _number(dialled, country)
    if SERVICE.get(country, SERVICE_ELSEWHERE).match(dialled):
        return Reason.NOT_OUTSIDE
    if len(dialled) < SHORTEST_LOCAL:
        return Reason.TOO_SHORT
    trunk = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    if trunk == "0":
        return _local(dialled, country, area_code.removeprefix(trunk))
    whole = _number(dialled, country)
    return _number(area_code + dialled, country) if isinstance(whole, Reason) and area_code else whole


def _dialled(written: str) -> str | Reason:
    """The digits alone, with a `+` ahead if the number is international."""
    text = plain(written).strip()
    if scheme := SCHEME.match(text):
        text = text[scheme.end() :].partition(";")[0]
    text = text.partition("@")[0]
    if text.startswith("**"):
        return Reason.NOT_OUTSIDE
    text = CODES_AHEAD.sub("", text).partition("#")[0].replace("[", "(").replace("]", ")").strip()
    if not PUNCTUATED.fullmatch(text):
        return Reason.LETTERS
    if shown_as_float := FLOAT.fullmatch(text):
        text = shown_as_float.group(1)
    digits = NO_DIGIT.sub("", text)
    if not digits:
        return Reason.NO_NUMBER
    if len(digits) > LONGEST_DIALLED:
        return Reason.TOO_LONG
    international = "+" in text or digits.startswith("00")
    if international and "(" in text and not digits.lstrip("0").startswith(ITALY):
        digits = NO_DIGIT.sub("", PARENTHESISED_ZERO.sub("", text, count=1))
    return f"+{digits}" if "+" in text and digits[0] != "0" else digits  # no country's code begins with 0


def _local(dialled: str, country: str, area_code: str) -> str | Reason:
    """A number without a 0 ahead, where area codes have one.

    If it is too long to be surely local, it may also be a whole number whose 0 or + got lost. Then it counts only if
    a single one of these readings makes a number.
    """
    if not area_code:
        return Reason.NO_AREA_CODE
    local = _number(f"0{area_code}{dialled}", country)
    if not isinstance(local, Reason) and len(area_code + dialled) <= LONGEST_LOCAL.get(country, LONGEST_E164):
        return local
    if len(dialled) < SHORTEST_WITHOUT_ZERO:
        return local if isinstance(local, Reason) else Reason.AMBIGUOUS
    whole = (_number(ahead + dialled, country) for ahead in ("0", "+"))
    readings = {number for number in (local, *whole) if not isinstance(number, Reason) and _exists(number)}
    if len(readings) > 1:
        return Reason.AMBIGUOUS
    return readings.pop() if readings else Reason.TOO_LONG


def _exists(e164: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(e164, None))


def _number(dialled: str, country: str) -> str | Reason:
    """A number that begins with 0, + or an area code."""
    from_here = country in COUNTRIES
    if from_here and dialled[0] == "0" and dialled[1:2] != "0":
        return _in_plan(COUNTRIES[country], dialled[1:])
    international = dialled[1:] if dialled[0] == "+" else dialled[2:] if from_here and dialled[0] == "0" else ""
    if international[:2] in COUNTRIES.values():
        return _in_plan(international[:2], international[2:].removeprefix("0"))
    return _foreign(dialled, country)


def _in_plan(country_code: str, national: str) -> str | Reason:
    """As `in_plan`, but a landline number begins with no 0 behind its area code: there, one dials to another place."""
    number = in_plan(country_code, national)
    if "0" in national and subscriber_number(number).startswith("0") and not number.startswith(COMPANY_NETWORKS):
        return Reason.NOT_VALID
    return number


def _foreign(dialled: str, country: str) -> str | Reason:
    """Other number plans change more often than our tables: only the length counts."""
    try:
        number = phonenumbers.parse(dialled, country)
    except NumberParseException as error:
        return _UNPARSABLE.get(error.error_type, Reason.NO_NUMBER)
    length = phonenumbers.is_possible_number_with_reason(number)
    if length == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return Reason.TOO_SHORT if dialled[0] in "0+" else Reason.NO_AREA_CODE
    if length != ValidationResult.IS_POSSIBLE:
        return _IMPOSSIBLE.get(length, Reason.NOT_VALID)
    if number.italian_leading_zero and not phonenumbers.is_valid_number(number):
        return Reason.NOT_VALID
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


_UNPARSABLE: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
    NumberParseException.TOO_LONG: Reason.TOO_LONG,
}
_IMPOSSIBLE: Final = {
    ValidationResult.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    ValidationResult.TOO_SHORT: Reason.TOO_SHORT,
    ValidationResult.TOO_LONG: Reason.TOO_LONG,
}
