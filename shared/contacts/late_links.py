"""Calls that were unknown, looked through again: said of each that is now sure who it was. Logger links them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from shared.contacts.answer import answer, is_sure
from shared.event_log import EventLog
from shared.events import Candidate
from shared.unknown_calls import UnknownCall, UnknownCalls

CHUNK: Final = 500
"""Numbers that are looked up in one round trip."""


def link_late(
    event_log: EventLog,
    unknown: UnknownCalls,
    lookup: Callable[[Sequence[str]], Sequence[Sequence[Candidate]]],
    *,
    only: str = "",
) -> list[str]:
    """Publish who it was for each unknown call of which that is sure now; of one number `only`, if given.

    Returns their ids. `lookup` gives the candidates for each of some numbers. Dying in the middle costs
    nothing: a call that is said twice is linked once.
    """
    by_number: dict[str, list[UnknownCall]] = {}
    for call in unknown.of(only) if only else unknown.all():
        by_number.setdefault(call.number, []).append(call)
    numbers = list(by_number)
    linked: list[str] = []
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        for number, candidates in zip(some, lookup(some), strict=True):
            if is_sure(candidates):
                for call in by_number[number]:
                    event_log.publish(answer(call.call_id, candidates, late=True))
                unknown.forget(by_number[number])
                linked += [call.call_id for call in by_number[number]]
    return linked
