"""Why something that looks like a phone number cannot be read as one."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The values are keys: the sentences for people, in their language, belong to who shows them."""

    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    NO_AREA_CODE = "no area code"
    """A local number, and nothing says of which place: none is set, or the words around it leave in doubt what it is."""
    NO_SUCH_COUNTRY = "no such country code"
    NO_SUCH_NUMBER = "no such number"
    """It has the length of a number, but the country's number plan has none like it: often a digit is missing."""
    LETTERS = "letters in the number"
    """`0171 392OO01`, `0800 FLOWERS`, and any other sign that does not belong between digits."""
    AMBIGUOUS = "ambiguous"
    """It can be read in two ways, and each may be somebody's number."""
    SERVICE = "service number"
    """110, 112, 116117, 118…: the same everywhere in a country, and nobody's own."""
    INTERNAL = "internal number"
    """`**610`: a phone at a FRITZ!Box."""
    NOT_A_NUMBER = "not a phone number"
    """It holds no digit, or the word ahead says that it is something else: an IBAN, a customer number."""
