"""What several commands show people: tables, and how long ago something was. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cli.language import Texts

UNITS: Final = (("days", 24 * 3600), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], words: Texts) -> str:
    """As wide as the widest cells, under the titles `column.…` in `words`."""
    cells = [[words[f"column.{name}"] for name in columns], *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )


def age(seconds: float, words: Texts) -> str:
    """In the largest unit that fits, by the words `age.…`. What is still to come is no time ago."""
    unit, length = next((each for each in UNITS if seconds >= each[1]), UNITS[-1])
    return words[f"age.{unit}"].format(count=max(0, int(seconds // length)))


def printable(text: str) -> str:
    """What stands in Redis must not steer the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
