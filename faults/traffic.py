"""Who calls when in a run, from its seed. Pure, and endless."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from faults.announced import PHONES
from faults.callers import CALLERS, IGNORED
from simulators.fritzbox.planned_call import PlannedCall

MOST_NUMBERS: Final = 100
"""A request's header has room for some more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box is."""

    box: str
    numbers: str
    """What all of its own numbers begin with."""
    calls_per_second: float

    def own_number(self, number: int) -> str:
        """That of the call of this number, beginning with 0."""
        return f"{self.numbers}{number:06}"


OFFICE: Final = Place("office", "4710", 1.0)
BRANCH: Final = Place("branch", "4720", 0.2)
"""The second box is here."""
_KINDS: Final = {"answered": 40, "missed": 20, "voicemail": 10, "reached": 15, "not reached": 10, "ignored": 5}
"""What comes of a call, and how often, in percent."""
_MACHINE: Final = 40
_SUPPRESSED: Final = 0.1
_SHORTEST: Final = 1.1
"""Seconds. No connection does the same thing twice in a second: docs/reliability.md says where that ends."""
_LINES: Final = 10
"""The box knows so many calls at once."""


def traffic(seed: int, place: Place = OFFICE) -> Iterator[tuple[float, PlannedCall]]:
    """The calls with their starts in seconds, in order. Each is to or from another number of the place."""
    chance, at = Random(f"{seed} traffic{place.numbers}"), 0.0  # noqa: S311 - repeatable on purpose
    for number in count():
        at += chance.expovariate(place.calls_per_second)
        yield at, _call(chance, place.own_number(number))


def some_numbers(seconds: float) -> frozenset[str]:
    """The own numbers of a third of the office's calls in such a run, or of as many as a token has room for."""
    calls = math.ceil(seconds * OFFICE.calls_per_second)
    return frozenset(OFFICE.own_number(number) for number in range(0, calls, max(3, calls // MOST_NUMBERS)))


def last_calls(place: Place = OFFICE) -> list[PlannedCall]:
    """One on every connection of the box. So every earlier call has ended, even if nobody heard its end."""
    numbers = [f"9{place.own_number(number)}" for number in range(_LINES)]
    return [PlannedCall(own_number=number, answered=False, rings=3) for number in numbers]


def _call(chance: Random, own_number: str) -> PlannedCall:
    [kind] = chance.choices(list(_KINDS), weights=list(_KINDS.values()))
    outbound = kind in ("reached", "not reached")
    remote = IGNORED if kind == "ignored" else chance.choice(CALLERS).number
    if not outbound and kind != "ignored" and chance.random() < _SUPPRESSED:
        remote = ""
    return PlannedCall(
        direction="outbound" if outbound else "inbound",
        remote=remote,
        own_number=own_number,
        extension=_MACHINE if kind == "voicemail" else chance.choice([each for each in PHONES if each != _MACHINE]),
        answered=kind not in ("missed", "not reached"),
        rings=round(chance.uniform(_SHORTEST, 2.5), 2),
        talks=round(chance.uniform(0.05, 4.0), 2),
        duration=chance.randrange(1, 1000),
    )
