"""Why what people wrote into a number field gives no number. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, ValidationResult

from shared.boxes import Place
from shared.contacts.problems import Reason
from shared.numbers import SEPARATORS, SERVICE, SHORTEST_LOCAL, numbers_in

_IMPOSSIBLE: Final = {
    ValidationResult.TOO_SHORT: Reason.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Reason.TOO_SHORT,
    ValidationResult.TOO_LONG: Reason.TOO_LONG,
    ValidationResult.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
}
_UNPARSABLE: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
    NumberParseException.TOO_LONG: Reason.TOO_LONG,
}


def unreadable_parts(text: str, place: Place) -> Iterator[tuple[str, Reason]]:
    """The parts of a field's text that give no number, with the reason. A text of mere signs, as "-", says nothing."""
    for part in (part.strip() for part in SEPARATORS.split(text)):
        if re.search(r"\w", part) and not numbers_in(part, place):
            yield part, _reason(part, place)


def _reason(part: str, place: Place) -> Reason:
    digits = re.sub(r"\D", "", part)
    if not digits:
        return Reason.NO_NUMBER
    if part.startswith("**") or SERVICE.match(digits):
        return Reason.NOT_OUTSIDE
    international = re.match(r"[\s(]*\+", part) is not None
    if not international and not digits.startswith("0"):
        if len(digits) < SHORTEST_LOCAL:
            return Reason.TOO_SHORT
        if not place.area_code:
            return Reason.NO_AREA_CODE
        digits = f"0{place.area_code.lstrip('0')}{digits}"
    try:
        number = phonenumbers.parse(f"+{digits}" if international else digits, place.country)
    except NumberParseException as error:
        return _UNPARSABLE.get(error.error_type, Reason.NOT_VALID)
    return _IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), Reason.NOT_VALID)
