"""The pieces of a field that may be numbers, each with what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.boxes import Place
from shared.numbers.main_numbers import LONGEST_EXTENSION
from shared.numbers.reason import Reason
from shared.numbers.stretches import STRAY, cut, is_whole
from shared.numbers.words import EXTENSION_WORD, spoilt_by

STRETCH: Final = re.compile(r"(?:[+(\[] ?){0,3}\d(?:[ \t()\[\]/.\-'\\_]*\d)*", re.ASCII)
"""Digits and what may stand between them. Commas, semicolons and line breaks end it."""
DIGITS: Final = re.compile(r"\d", re.ASCII)
DELIMITER: Final = re.compile(r"[\s,;|:()<>\[\]/\"&]")
HYPHEN_AHEAD: Final = re.compile(r"(?:^|[\s,;|/(])- ?$")


class Piece(NamedTuple):
    """A part of a field that is one number, or one extension."""

    written: str
    """Digits and what stands between them."""
    ahead: str
    """What stands between it and the piece before."""
    behind: str
    alternative: bool
    """A slash joins it to the piece before."""
    hyphen: bool
    """One stands ahead, as it does ahead of an extension."""
    spoilt: Reason | None
    """Why it is not even to be read as a number."""

    @property
    def digits(self) -> str:
        """Nothing else."""
        return "".join(DIGITS.findall(self.written))

    @property
    def whole(self) -> bool:
        """It begins with 0 or +, as numbers with an area code do, and extensions may."""
        may_be_extension = (self.hyphen or self.alternative) and len(self.written) <= LONGEST_EXTENSION
        return is_whole(self.written) and not may_be_extension


def pieces(text: str, place: Place) -> Iterator[Piece]:
    """The pieces of `text`, which was made plain and has no other figures in it, written at `place`."""
    stretches = list(STRETCH.finditer(text))
    ends = [0, *(stretch.end() for stretch in stretches)]
    starts = [*(stretch.start() for stretch in stretches), len(text)]
    gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    joined = [False, *map(_joins, gaps[1:-1]), False]
    for number, stretch in enumerate(stretches):
        ahead, behind = gaps[number], gaps[number + 1]
        hyphen = bool(HYPHEN_AHEAD.search(ahead))
        parts = cut(stretch.group(), place, extension=hyphen or bool(EXTENSION_WORD.fullmatch(ahead)))
        broken = joined[number] or joined[number + 1]
        label = ahead
        for index, (joint, written) in enumerate(parts):
            label = "" if index and "/" in joint else label
            is_last = index + 1 == len(parts)
            yield Piece(
                written=written.strip(STRAY),
                ahead=joint if index else ahead,
                behind=behind if is_last else parts[index + 1][0],
                alternative=index > 0 and "/" in joint,
                hyphen=written.lstrip().startswith("-") if index else hyphen,
                spoilt=Reason.LETTERS if broken else spoilt_by(label, behind if is_last else ""),
            )


def _joins(gap: str) -> bool:
    """Letters or other signs make one word of the digits on both sides: a part of it is unreadable."""
    return bool(gap) and not DELIMITER.search(gap) and not EXTENSION_WORD.fullmatch(gap)
