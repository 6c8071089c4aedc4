"""A stretch of digits and punctuation in a field is cut into numbers, where it holds several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from shared.boxes import Place
from shared.numbers.e164 import LONGEST_DIALLED, read
from shared.numbers.main_numbers import OPEN_PLANS, area_code_length, written_main_number
from shared.numbers.plans import COUNTRIES, LONGEST_E164, is_area_code
from shared.numbers.reason import Reason
from shared.numbers.words import DATE, YEAR

STRAY: Final = " \t)[]/.-'\\_"
"""Punctuation that does not belong to a number if it stands at its end."""
DIGIT: Final = re.compile(r"\d", re.ASCII)
NOTE_BEHIND: Final = re.compile(r"\s\(\s?\d{1,4}$")
LABEL: Final = re.compile(r"\(?\d[.)]\s")
"""It counts the number that follows: `1) 030 23125600 2) 0171 3920006`."""
LABEL_BEHIND: Final = re.compile(r"(?:^|\s)\(?\d[.)]\s{1,4}$")
ZERO_AHEAD: Final = re.compile(r"(?<!\d)0(?=0?\D{0,4}[1-9])")
AREA_CODE: Final = re.compile(r"(?<!\d)(?:0[1-9]\d|00[1-9])")
AREA_ALONE: Final = re.compile(
    r"[(\[ ]*(?:0[1-9]\d{1,4}|0 [1-9]\d{0,4}"
    r"|(?:\+ ?|00 ?)(?P<country>4[139])[)\] /.\-]*(?:[(\[] ?0 ?[)\]] ?)?\(?0?(?P<area>[1-9]\d{0,4}))[)\] /.\-]*"
)
"""What may be an area code and no digit more, with or without the code of Germany, Austria or Switzerland."""
SHORTEST_WHOLE: Final = 7
"""Digits of the shortest number that is told from the one ahead of it by its area code alone."""
TOO_LONG_FOR_ONE: Final = 10
"""Digits that make, with `SHORTEST_WHOLE` more, too many for one number."""
LONGEST_LABEL: Final = 3
"""Digits."""
LONGEST_AREA_CODE: Final = 20
"""Characters, with all that people put around it."""
LONGEST_ASSIGNED: Final = len("+49") + 11
"""Characters of the longest number that Germany assigns. What is longer has an extension, or is two."""


def cut(stretch: str, place: Place, *, extension: bool) -> list[tuple[str, str]]:
    """The pieces of a stretch, each with what stands ahead of it in there: a slash or a space.

    `extension`: a hyphen or a word ahead of the stretch says that it begins with an extension.
    """
    parts: list[tuple[str, str]] = []
    for undated in _without_dates(stretch, place):
        for joint, whole in _cut_at_area_codes(undated, place):
            alternatives = _cut_at_slashes(whole, extension and not is_whole(stretch), place)
            parts.append((joint, alternatives[0]))
            parts += [("/", alternative) for alternative in alternatives[1:]]
    return parts


def is_whole(written: str) -> bool:
    """Whether it begins with 0 or +, as numbers with an area code do."""
    return written.lstrip("([ ")[:1] in {"0", "+"}


def _without_dates(stretch: str, place: Place) -> list[str]:
    """The stretch without dates and notes like `(2)`.

    But `030 23.12.56` is a number, for what is ahead is none alone, and so is `030 231 2.5.60`, which is short enough.
    """
    kept, start = [], 0
    for date in DATE.finditer(stretch):
        ahead = _count(stretch[start : date.start()])
        sure = not ahead or YEAR.search(date.group()) or not _is_one(stretch, place)
        if sure and (not ahead or ahead >= SHORTEST_WHOLE):
            kept.append(stretch[start : date.start()])
            start = date.end()
    rest = stretch[start:]
    if (note := NOTE_BEHIND.search(rest)) and _count(rest[: note.start()]) >= SHORTEST_WHOLE:
        rest = rest[: note.start()]
    return [part for part in (*kept, rest) if _count(part)]


def _cut_at_area_codes(stretch: str, place: Place) -> list[tuple[str, str]]:
    """`030 23125600 0171 3920006` is two: a 0 begins the second, and the first is complete without it.

    Groups of a number begin with 0, too. So it is cut only where that gives numbers from end to end in just one way.
    """
    starts = _starts(stretch, place)
    if len(starts) == 1 or _is_one(stretch, place):
        return [("", stretch)]
    cuts = _only_way(stretch, starts, place)
    bounds = [0, *cuts, len(stretch)]
    parts = [LABEL_BEHIND.sub("", stretch[start:end]) for start, end in pairwise(bounds)]
    joints = ["", *("/" if _ends_with_slash(stretch[max(0, end - 4) : end]) else " " for end in cuts)]
    return [(joint, part) for joint, part in zip(joints, parts, strict=True) if _count(part)]


def _starts(stretch: str, place: Place) -> list[int]:
    """Where a number may begin: at each 0, but not behind a mobile code, as at the second 0 of `0176 04069012`."""
    first_digit = DIGIT.search(stretch)
    zeros = [0, *(zero.start() for zero in ZERO_AHEAD.finditer(stretch, first_digit.end() if first_digit else 0))]
    codes = [_area_code(stretch[before:zero], place) for before, zero in pairwise(zeros)]
    return [0, *(zero for zero, code in zip(zeros[1:], codes, strict=True) if not code or area_code_length(code))]


def _area_code(written: str, place: Place) -> str:
    """The area or mobile code in E.164, if that is all that is written; else nothing."""
    match = AREA_ALONE.fullmatch(written) if len(written) <= LONGEST_AREA_CODE else None
    country = match and (match["country"] or COUNTRIES.get(place.country))
    if not match or not country:
        return ""
    area_code = match["area"] or "".join(DIGIT.findall(written))[1:]
    return f"+{country}{area_code}" if is_area_code(country, area_code) else ""


def _is_one(stretch: str, place: Place) -> bool:
    number = read(stretch.strip(), place)
    if isinstance(number, Reason):
        return False
    if is_whole(stretch):
        return number[:3] not in OPEN_PLANS or len(number) <= LONGEST_ASSIGNED
    return place.country not in OPEN_PLANS.values() or not (AREA_CODE.search(stretch) or LABEL.match(stretch))


def _only_way(stretch: str, starts: list[int], place: Place) -> list[int]:
    """The indices in `starts` that cut the stretch into numbers; none if it can be cut in several ways.

    Worked out from the end: in how many ways the rest can be read from each start, and where its first number ends.
    """
    bounds = [*starts, len(stretch)]
    ways, ends = {len(stretch): 1}, {len(stretch): 0}
    for index in reversed(range(len(starts))):
        start = starts[index]
        ways[start] = 0
        for end in _possible_ends(stretch, bounds[index + 1 : index + 1 + LONGEST_DIALLED], start):
            if ways[end] and end - start < len(stretch) and _is_cut_number(stretch[start:end], place):
                ways[start] += ways[end]
                ends[start] = end
        ways[start] = min(ways[start], 2)
    if not ways[0]:
        return _way_past_a_broken_one(stretch, starts)
    cuts, end = [], ends[0] if ways[0] == 1 else 0
    while 0 < end < len(stretch):
        cuts.append(end)
        end = ends[end]
    return cuts


def _possible_ends(stretch: str, ends: list[int], start: int) -> Iterator[int]:
    """Those of `ends` that are far enough from `start` for a number, and not beyond a slash behind one."""
    digits, counted = 0, start
    for end in ends:
        digits += _count(stretch[counted:end])
        counted = end
        if digits > LONGEST_DIALLED:
            return
        if digits >= SHORTEST_WHOLE or start == 0:
            yield end
        if _ends_with_slash(stretch[start:end]) and digits >= SHORTEST_WHOLE:
            return


def _is_cut_number(written: str, place: Place) -> bool:
    """Whether one of several numbers may read so: it is no longer than one that is assigned, or it is a label."""
    if not is_whole(written):
        return _count(written) <= LONGEST_LABEL or (_is_number(written, place) and not AREA_CODE.search(written))
    number = read(written.strip(STRAY), place)
    return not isinstance(number, Reason) and (number[:3] not in OPEN_PLANS or len(number) <= LONGEST_ASSIGNED)


def _way_past_a_broken_one(stretch: str, starts: list[int]) -> list[int]:
    """Where numbers must end although not all can be read: there are too many digits, and one place to cut them."""
    cuts: list[int] = []
    digits = 0
    for before, start in pairwise(starts):
        digits += _count(stretch[before:start])
        slash = _ends_with_slash(stretch[before:start])
        if digits > LONGEST_E164:
            return []
        if digits >= (SHORTEST_WHOLE if slash else TOO_LONG_FOR_ONE):
            cuts.append(start)
            digits = 0
        elif AREA_CODE.match(stretch, start):
            return []
    return cuts


def _cut_at_slashes(written: str, extension: bool, place: Place) -> list[str]:
    """`030 23125600/601` is two, `030/231/25600` is one, as long as one can be that long.

    To take two for one is safe: no number begins with another one, so what is read then is nobody else's.
    """
    head, *alternatives = [part for part in written.split("/") if _count(part)]
    if extension:
        return [head, *alternatives]
    if alternatives and _area_code(head, place):
        head, *alternatives = f"{head}/{alternatives[0]}", *alternatives[1:]
    if not alternatives:
        return [head]
    first, single = read(head.strip(), place), read(written.strip(), place)
    if isinstance(single, Reason) or (not isinstance(first, Reason) and written_main_number(head.strip(), first)):
        return [head, *alternatives]
    is_one = single[:3] not in OPEN_PLANS or len(single) <= LONGEST_ASSIGNED
    return [written] if is_one else [head, *alternatives]


def _is_number(written: str, place: Place) -> bool:
    return not isinstance(read(written.strip(STRAY), place), Reason)


def _ends_with_slash(written: str) -> bool:
    return written.rstrip(" (").endswith("/")


def _count(text: str) -> int:
    return len(DIGIT.findall(text))
