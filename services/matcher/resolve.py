"""From an event that opens a call to who is calling. Pure but for the look-up that it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard

from shared.consumer import Done, Entry
from shared.events import CallEvent, Candidate, ContactResolved, Event, Source

Lookup = Callable[[Sequence[str]], list[tuple[Candidate, ...]]]
"""The candidates for each of some E.164 numbers."""


def resolve(entries: Sequence[Entry], lookup: Lookup) -> list[Done]:
    """Every call is resolved once, by its first event: the number never changes after it."""
    calls = {entry.id: entry.event.call for entry in entries if opens_a_call(entry.event)}
    numbers = sorted({call.remote.e164 for call in calls.values() if call.remote.e164})
    found = dict(zip(numbers, lookup(numbers), strict=True))
    return [
        # A suppressed number is nobody's: it has no E.164 form, and so it finds nobody.
        Done(entry, [resolved(call.id, found.get(call.remote.e164 or "", ()))] if (call := calls.get(entry.id)) else ())
        for entry in entries
    ]


def resolved(call_id: str, candidates: Sequence[Candidate]) -> ContactResolved:
    """The answer: sure only when one record of Limbas is all there is."""
    sure = len(candidates) == 1 and candidates[0].source is Source.LIMBAS
    return ContactResolved(call_id=call_id, candidates=tuple(candidates), sure=sure)


def opens_a_call(event: Event) -> TypeGuard[CallEvent]:
    """Whether this is the first event of a call."""
    return isinstance(event, CallEvent) and event.call.seq == 1
