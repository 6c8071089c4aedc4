"""A day in an office, from a seed: who calls whom, when, and what comes of it. Pure, and endless."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from simulators.fritzbox.numbers import CUSTOMERS, STRANGERS
from simulators.fritzbox.planned_call import DIRECT_LINE, PlannedCall

FIRST_CALL: Final = 1.0
"""Seconds. Whoever tries it out should not have to wait."""
LONGEST_RINGING: Final = 25.0
LONGEST_TALK: Final = 300.0

_KINDS: Final = {
    "answered": 42,
    "missed": 14,
    "voicemail": 10,
    "blocked": 2,
    "reached": 22,
    "not reached": 10,
}
"""What comes of a call, and how often, in percent."""
_OWN_NUMBERS: Final = ((DIRECT_LINE, "SIP0"), ("4710101", "SIP1"), ("4710102", "SIP2"))
_PHONES: Final = (0, 1, 10, 11, 12, 20, 21)
_ANSWERING_MACHINE: Final = 40
_SUPPRESSED: Final = 0.1
_STRANGER: Final = 0.2


@dataclass(frozen=True, slots=True)
class Office:
    """What a day is like."""

    calls_per_minute: float
    """On average; 0: nobody calls."""
    concurrency: int
    """As many calls at once, and no more: who comes later waits for a free line."""
    numbers: Sequence[str] = CUSTOMERS


def office_day(seed: int, office: Office) -> Iterator[tuple[float, PlannedCall]]:
    """The calls with their starts in seconds, in order. The same seed gives the same day."""
    if not office.calls_per_minute:
        return
    chance = Random(seed)  # noqa: S311 - play, not secrets
    at, ends = FIRST_CALL, list[float]()
    while True:
        if len(ends) == office.concurrency:
            at = max(at, heapq.heappop(ends))
        call = random_call(chance, office.numbers)
        heapq.heappush(ends, at + call.lasts)
        yield at, call
        at += chance.expovariate(office.calls_per_minute / 60)


def burst(seed: int, office: Office, calls: int, rate: float) -> Iterator[tuple[float, PlannedCall]]:
    """Exactly `calls` calls, `rate` of them a second, each so short that no more than the office's overlap."""
    chance = Random(seed)  # noqa: S311 - play, not secrets
    speed = max(1.0, (LONGEST_RINGING + LONGEST_TALK) * rate / office.concurrency)
    for number in range(calls):
        yield number / rate, random_call(chance, office.numbers).faster(speed)


def random_call(chance: Random, numbers: Sequence[str] = CUSTOMERS) -> PlannedCall:
    """One call as an office has them."""
    [kind] = chance.choices(list(_KINDS), weights=list(_KINDS.values()))
    outbound = kind in ("reached", "not reached")
    own_number, line = chance.choice(_OWN_NUMBERS)
    return PlannedCall(
        direction="outbound" if outbound else "inbound",
        remote=_remote(chance, numbers, outbound=outbound),
        own_number=own_number,
        line=line,
        extension=_ANSWERING_MACHINE if kind == "voicemail" else chance.choice(_PHONES),
        answered=kind in ("answered", "voicemail", "reached"),
        rings=0.0 if kind == "blocked" else round(chance.uniform(2, LONGEST_RINGING), 1),
        talks=round(min(LONGEST_TALK, 3 + chance.expovariate(1 / 60)), 1),
    )


def _remote(chance: Random, numbers: Sequence[str], *, outbound: bool) -> str:
    if not outbound and chance.random() < _SUPPRESSED:
        return ""
    return chance.choice(STRANGERS if chance.random() < _STRANGER else numbers)
