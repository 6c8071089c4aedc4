"""A field of a record, as people fill it, becomes its numbers, and a list of what in it cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shared.boxes import Place
from shared.numbers.e164 import SHORTEST_LOCAL, read
from shared.numbers.main_numbers import LONGEST_EXTENSION, OPEN_PLANS, subscriber_number, written_main_number
from shared.numbers.pieces import Piece, pieces
from shared.numbers.plain import plain
from shared.numbers.reason import Reason
from shared.numbers.words import (
    CAPITALS,
    EXTENSION_WORD,
    PLACEHOLDER,
    WORD,
    YEAR,
    is_plain_context,
    without_other_figures,
)

ONE_NUMBER: Final = re.compile(
    r"(?:\(?0[1-9]\d{1,4}\)?(?: ?[/ -] ?)?|(?:\+|00)[1-9]\d{0,2} ?(?:\(0\) ?)?\(?\d{1,5}\)?[ -]?)"
    r"\d[\d ]{3,14}(?: ?- ?\d{1,5})?",
    re.ASCII,
)
"""Most fields hold just this, written well. There is nothing to find out then, and it takes a quarter of the time."""
TWO_NUMBERS: Final = 14
"""Digits, from which two may stand behind each other."""
ONLY_DELIMITERS: Final = re.compile(r"[\s,;:|()/]*")
SURE_PROBLEMS: Final = frozenset({Reason.AMBIGUOUS, Reason.NOT_OUTSIDE})
"""They are reported however short the piece is."""
OPERATOR: Final = frozenset({"0", "00"})
BREAK: Final = re.compile(r"[,;|\n]")
SHORTEST_WHOLE: Final = 3
"""Digits. A number that begins with 0 and has fewer is not meant as one."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands in a field."""

    e164: str
    main: str | None = None
    """The company's main number, in E.164, where an extension is set off in writing: `+496221123` for `06221 123-45`
    and `06221 123 DW 45`. None where nothing says so. Whoever calls from a number that begins so calls from there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A piece of a field that looks like a number and cannot be read as one."""

    written: str
    """As it stands in the field, but with plain characters and cut to what may be the number."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Field:
    """What a field holds."""

    numbers: tuple[Number, ...]
    problems: tuple[Problem, ...]


def numbers_in(text: str, place: Place) -> list[str]:
    """The E.164 numbers in a field as people fill it: `06221/123-45 (privat), mobil 0171 39200 15`."""
    return [number.e164 for number in read_field(text, place).numbers]


def read_field(text: str, place: Place) -> Field:
    """The numbers in a field, in the order in which they stand there, each once, and what cannot be read.

    `place` supplies the country and the area code where they were left out. Notes, dates, times and the like are no
    problems; any text is accepted.
    """
    if not text or text.isspace():
        return Field((), ())
    if ONE_NUMBER.fullmatch(text) and sum(map(str.isdecimal, text)) < TWO_NUMBERS:
        number = read(text, place)
        if not isinstance(number, Reason):
            return Field((Number(number, written_main_number(text, number)),), ())
    reader = _Reader(place)
    for piece in pieces(without_other_figures(plain(text)), place):
        reader.read(piece)
    return Field(tuple(reader.numbers.values()), tuple(reader.problems))


class _Reader:
    """Reads the pieces of one field in turn. What a piece means may depend on the ones before it."""

    def __init__(self, place: Place) -> None:
        self.numbers: dict[str, Number] = {}
        self.problems: list[Problem] = []
        self._place = place
        self._last: Number | None = None
        self._area_code: Piece | None = None
        """An area code that stands alone. A number without one may belong to it."""
        self._unread = False
        """The piece before was no number."""

    def read(self, piece: Piece) -> None:
        """Take the next piece: a number, an extension of the one before, a problem, or nothing of the kind."""
        found = len(self.numbers)
        self._read(piece)
        self._unread = len(self.numbers) == found

    def _read(self, piece: Piece) -> None:
        if piece.spoilt:
            self._complain(piece, piece.spoilt)
        elif self._last and EXTENSION_WORD.fullmatch(piece.ahead):
            self._read_extension(piece, self._last)
        elif piece.whole:
            self._read_whole(piece)
        elif alternative := self._alternative(piece):
            self._found(alternative)
        elif len(piece.digits) >= SHORTEST_LOCAL:
            self._read_without_area_code(piece)
        elif self._last and (piece.alternative or piece.hyphen):
            self._complain(piece, Reason.AMBIGUOUS)
        elif _stands_alone(piece) and read(piece.written, self._place) == Reason.NOT_OUTSIDE:
            self._complain(piece, Reason.NOT_OUTSIDE)

    def _read_whole(self, piece: Piece) -> None:
        number = read(piece.written, self._place)
        if not isinstance(number, Reason):
            main = number if PLACEHOLDER.match(piece.behind) and subscriber_number(number) else None
            self._found(Number(number, main or written_main_number(piece.written, number)))
            return
        if number == Reason.TOO_SHORT:
            self._area_code = piece
        self._complain(piece, Reason.LETTERS if CAPITALS.match(piece.behind) else number)

    def _read_extension(self, piece: Piece, last: Number) -> None:
        """`06221 123-0, DW 45` has two numbers, `06221 123 DW 45` one; in `06221 1230 DW 45` the 0 may go or stay."""
        if not subscriber_number(last.e164):
            return  # a mobile number, or one of a country where the number is complete without the extension
        operator = last.main is not None and last.e164.removeprefix(last.main) in OPERATOR
        main = last.main if last.main and operator else last.e164
        extended = read(main + piece.digits, self._place)
        clear = operator or (last.main is None and not last.e164.endswith("0"))
        if not clear or len(piece.digits) > LONGEST_EXTENSION or isinstance(extended, Reason):
            self._complain(piece, Reason.AMBIGUOUS)
            return
        if not operator:
            del self.numbers[last.e164]
        self._found(Number(extended, main))

    def _alternative(self, piece: Piece) -> Number | None:
        """What shares its beginning with the number before: `030 23125-600/-601`, `0621 12345/45678`."""
        if not self._last:
            return None
        last, digits = self._last, piece.digits
        beginning, main = "", None
        if last.main and len(digits) <= LONGEST_EXTENSION:
            as_long = len(last.main + digits) == len(last.e164)
            if piece.hyphen or (as_long and (piece.alternative or len(digits) < SHORTEST_LOCAL)):
                beginning = main = last.main
        elif piece.alternative and not piece.hyphen and len(digits) == len(subscriber_number(last.e164)):
            beginning = last.e164[: -len(digits)]
        number = read(beginning + digits, self._place) if beginning else Reason.AMBIGUOUS
        return None if isinstance(number, Reason) else Number(number, main)

    def _read_without_area_code(self, piece: Piece) -> None:
        number = read(piece.written, self._place)
        if number == Reason.NOT_OUTSIDE:
            pass
        elif not _stands_alone(piece):
            number = Reason.NO_AREA_CODE
        elif self._area_code:
            number = self._completed(self._area_code, piece)
        elif YEAR.fullmatch(piece.digits) or (piece.alternative and self._unread):
            number = Reason.AMBIGUOUS
        elif not isinstance(number, Reason):
            number = self._local(piece, number)
        if isinstance(number, Reason):
            self._complain(piece, number)
        else:
            self._found(Number(number, written_main_number(piece.written, number)))

    def _completed(self, area_code: Piece, piece: Piece) -> str | Reason:
        """`030, 23125600`: surely one number, if nothing but punctuation stands between."""
        if piece.ahead != area_code.behind or not ONLY_DELIMITERS.fullmatch(piece.ahead):
            return Reason.AMBIGUOUS
        self._area_code = None
        self.problems = [problem for problem in self.problems if problem.written != area_code.written]
        return read(f"{area_code.written} {piece.written}", self._place)

    def _local(self, piece: Piece, number: str) -> str | Reason:
        """`number`: what `piece` is with the area code of the place. But another number's area code may be meant."""
        if not self._last:
            return number
        last, digits = self._last.e164, piece.digits
        subscriber = subscriber_number(last)
        if number.startswith(last[: -len(subscriber)] if subscriber else last[: len("+4144")]):
            return number
        half = len(subscriber) // 2
        if subscriber and len(digits) == len(subscriber) and digits[:half] == subscriber[:half]:
            return read(last[: -len(subscriber)] + digits, self._place)
        is_mobile = not subscriber and last[:3] in OPEN_PLANS
        return number if is_mobile and last[:3] == number[:3] and not piece.alternative else Reason.AMBIGUOUS

    def _found(self, number: Number) -> None:
        self._last = number
        known = self.numbers.get(number.e164)
        if not known or not known.main:
            self.numbers[number.e164] = number

    def _complain(self, piece: Piece, reason: Reason) -> None:
        """Unless it is too short to be meant as a number. A year among words is none either."""
        if YEAR.fullmatch(piece.digits) and WORD.search(piece.ahead + piece.behind):
            return
        if reason in SURE_PROBLEMS or len(piece.digits) >= (SHORTEST_WHOLE if piece.whole else SHORTEST_LOCAL):
            internal = "**" if piece.ahead.endswith("**") else ""
            self.problems.append(Problem(internal + piece.written, reason))


def _stands_alone(piece: Piece) -> bool:
    """Nothing beside a number without an area code, up to the next comma, may hint that it is something else."""
    ahead, behind = BREAK.split(piece.ahead)[-1], BREAK.split(piece.behind, maxsplit=1)[0]
    return piece.behind != " " and is_plain_context(ahead) and is_plain_context(behind)
