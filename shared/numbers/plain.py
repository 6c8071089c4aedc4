"""Characters as people paste them, made plain: only ASCII digits, hyphens and spaces, and nothing invisible."""

from __future__ import annotations

import unicodedata
from typing import Final

DASHES: Final = "\N{MINUS SIGN}\N{HYPHEN BULLET}"
SLASHES: Final = "\N{FRACTION SLASH}\N{DIVISION SLASH}"
APOSTROPHES: Final = "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{PRIME}"
TELEPHONES: Final = "☎☏✆📞📟📠📱🕻🕾🕿🖀🖁🖷🏠🏢"
FULL_WIDTH: Final = range(0xFF01, 0xFF5F)
"""ASCII's `!` to `~` once more, as wide as a Chinese character."""
FULL_WIDTH_OFFSET: Final = 0xFEE0


def plain(text: str) -> str:
    """`text` with every kind of digit, dash, space and slash as the ASCII one, and without invisible characters."""
    return text if text.isascii() else text.translate(_PLAIN)


class _Plain(dict[int, str]):
    """A translation table that fills itself: normalising forms (NFKC) would take quadratic time on hostile text."""

    def __missing__(self, code: int) -> str:
        character = self[code] = _plain_character(chr(code))
        return character


_PLAIN: Final = _Plain()


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in FULL_WIDTH:
        return chr(ord(character) - FULL_WIDTH_OFFSET)
    by_name = {DASHES: "-", SLASHES: "/", APOSTROPHES: "'", "·": ".", TELEPHONES: " "}
    for characters, same in by_name.items():
        if character in characters:
            return same
    return _by_category(character)


def _by_category(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cf" | "Mn" | "Me":  # soft hyphens, zero-width and direction marks; accents and key caps on top of others
            return ""
    return character
