"""Finding calls by what a person types: a name, a company, a number or a part of it, a place. No input or output.

Every word has to be found. Case and accents do not matter, and `ü`, `ue` and `u` are the same, in what is typed as in
what is searched. Numbers are found however they are spelled: `0221/4710-123`, `+49 (0)221 4710123`, `4710 123`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from services.web.projection import CallView
from shared.boxes import Place
from shared.numbers import dialled_at_home, plain, to_e164

MOST_REMEMBERED: Final = 10_000
"""Calls: twice as many as there are, so half may be no more. To make one ready to be searched takes ten times as
long as to search it."""

_NUMBER_WORD: Final = re.compile(r"[\d()+/.\-_\\]+", re.ASCII)
_NO_DIGIT: Final = re.compile(r"\D", re.ASCII)
_ABROAD: Final = re.compile(r"\+|00")
"""What stands ahead of a number with its country's code."""
_PARENTHESISED_ZERO: Final = re.compile(r"\(\s?0\s?\)")
"""Dialled at home only: `+49 (0)221`."""
_LETTERS: Final = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
"""Letters that Unicode does not take for accented ones."""
_UMLAUT_SPELLED_OUT: Final = re.compile(r"([aou])e")
_BETWEEN: Final = "\n"
"""Between two texts, so that nothing is found across them. Nobody can search for it."""


@dataclass(frozen=True, slots=True)
class _Haystack:
    """A call as it is searched."""

    view: CallView
    text: str
    """Its names, companies and places, folded."""
    short_text: str
    """The same with `ue` as `u`."""
    digits: str
    """Its numbers, each in all its spellings, digits only."""
    numbers: tuple[str, ...]
    """Its numbers in E.164."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What has to be in a text."""

    text: str
    short_text: str

    @classmethod
    def of(cls, text: str) -> _Word:
        folded = _folded(text)
        return cls(folded, _shortened(folded))

    def is_in(self, call: _Haystack) -> bool:
        # In the longer text, too: of `Bauer` the shorter one is `baur`, and somebody types `er`.
        return self.text in call.text or self.short_text in call.short_text


@dataclass(frozen=True, slots=True)
class _Number:
    """A number, or a part of one. It may be part of a name as well."""

    e164: str | None
    digits: str
    from_abroad: str
    """What its digits in E.164 begin with, if it was written so that one can tell; else empty."""
    words: tuple[_Word, ...]

    @classmethod
    def of(cls, words: Sequence[str], home: Place) -> _Number:
        written = " ".join(words)
        abroad = _ABROAD.match(written.lstrip("( "))
        whole = _NO_DIGIT.sub("", _PARENTHESISED_ZERO.sub("", written, count=1))
        return cls(
            to_e164(written, home),
            _NO_DIGIT.sub("", written),
            (whole if abroad[0] == "+" else whole[2:]) if abroad else "",
            tuple(map(_Word.of, words)),
        )

    def is_in(self, call: _Haystack) -> bool:
        return (
            (self.e164 is not None and self.e164 in call.numbers)
            or self.digits in call.digits
            or (self.from_abroad != "" and any(number[1:].startswith(self.from_abroad) for number in call.numbers))
            or all(word.is_in(call) for word in self.words)
        )


class Search:
    """Searches the calls of one office. Remembers how they are searched, for the next time."""

    def __init__(self, home: Place) -> None:
        """`home`: where numbers without country and area code belong."""
        self._home = home
        self._haystacks: dict[str, _Haystack] = {}

    def find(self, calls: Iterable[CallView], typed: str) -> Iterator[CallView]:
        """Those of the calls that have all of what was typed, in the same order. Nothing typed: all of them."""
        terms = list(self._terms(typed))
        for view in calls:
            haystack = self._haystack(view)
            if all(term.is_in(haystack) for term in terms):
                yield view

    def _terms(self, typed: str) -> Iterator[_Word | _Number]:
        """What has to be found. Numbers are written with spaces, too; punctuation alone means nothing."""
        for is_number, group in groupby(plain(typed).split(), key=lambda word: bool(_NUMBER_WORD.fullmatch(word))):
            words = tuple(group)
            if not is_number:
                yield from map(_Word.of, words)
            elif _NO_DIGIT.sub("", "".join(words)):
                yield _Number.of(words, self._home)

    def _haystack(self, view: CallView) -> _Haystack:
        call_id = view.call.id if view.call else ""
        known = self._haystacks.get(call_id)
        if known is None or known.view is not view:
            if len(self._haystacks) >= MOST_REMEMBERED:
                self._haystacks.clear()
            known = self._haystacks[call_id] = _haystack(view, self._home)
        return known


def _haystack(view: CallView, home: Place) -> _Haystack:
    call, candidates = view.call, view.contact.candidates if view.contact else ()
    texts = [text for each in candidates for text in (each.name, each.name_en, each.company)]
    numbers: list[str] = []
    digits: list[str] = []
    if call:
        texts.append(call.own_number_name)
        received = call.remote.received, call.own_number
        numbers = [number for number in (call.remote.e164, to_e164(call.own_number, home)) if number]
        digits = [_NO_DIGIT.sub("", text) for text in (*received, *numbers)]
        digits += [at_home for number in numbers if (at_home := dialled_at_home(number, home.country))]
    text = _folded(_BETWEEN.join(filter(None, texts)))
    return _Haystack(view, text, _shortened(text), _BETWEEN.join(dict.fromkeys(digits)), tuple(numbers))


def _folded(text: str) -> str:
    """Without case and accents."""
    simple = plain(text).casefold()
    if simple.isascii():
        return simple
    decomposed = unicodedata.normalize("NFKD", simple.translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _shortened(folded: str) -> str:
    return _UMLAUT_SPELLED_OUT.sub(r"\1", folded)
