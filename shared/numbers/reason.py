"""Why something that looks like a phone number cannot be read as one."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The values are keys: the sentences for people, in their language, belong to who shows them."""

    NO_NUMBER = "no-number"
    """There are no digits in it."""
    NO_AREA_CODE = "no-area-code"
    """A local number, and no area code is set; or one that may be something else, by the words around it."""
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    UNKNOWN_COUNTRY = "unknown-country"
    """No country has this code."""
    NOT_OUTSIDE = "not-outside"
    """Not a number of the outside world: an internal, emergency or service number, as `**610`, 112 and 116117."""
    NOT_VALID = "not-valid"
    """None of that; still the country's number plan has no such number. Often a digit is missing."""
    LETTERS = "letters"
    """`0171 392OO01`, `0800 FLOWERS`, and any other sign that does not belong between digits."""
    AMBIGUOUS = "ambiguous"
    """It can be read in two ways, and each may be somebody's number."""
    SOMETHING_ELSE = "something-else"
    """A word or sign beside it says that it is no phone number: an IBAN, a customer's number, a price."""
