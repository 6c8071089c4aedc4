"""From an event that opens a call to who is calling. Pure but for the look-ups that it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard

from shared.consumer import Done, Entry
from shared.contacts.answer import answer
from shared.events import CallEvent, Candidate, ContactResolved, Event, Match

Lookup = Callable[[Sequence[str]], list[tuple[Candidate, ...]]]
"""The candidates for each of some E.164 numbers."""
PlaceOf = Callable[[str], Candidate | None]
"""Where an E.164 number belongs."""


def resolve(entries: Sequence[Entry], lookup: Lookup, place_of: PlaceOf) -> list[Done]:
    """Every call is resolved once, by its first event: the number never changes after it."""
    calls = {entry.id: entry.event.call for entry in entries if opens_a_call(entry.event)}
    # A suppressed number is nobody's, whatever the line said.
    numbers = {i: call.remote.e164 for i, call in calls.items() if call.remote.e164 and not call.remote.suppressed}
    asked = sorted(set(numbers.values()))
    found = dict(zip(asked, lookup(asked), strict=True))
    return [
        Done(entry, [_answer(call.id, numbers.get(entry.id), found, place_of)] if (call := calls.get(entry.id)) else ())
        for entry in entries
    ]


def opens_a_call(event: Event) -> TypeGuard[CallEvent]:
    """Whether this is the first event of a call."""
    return isinstance(event, CallEvent) and event.call.seq == 1


def is_a_miss(event: Event) -> TypeGuard[ContactResolved]:
    """Whether this says of a call that no contact has its number."""
    known = (Match.PINNED, Match.EXACT)
    return isinstance(event, ContactResolved) and not any(found.match in known for found in event.candidates)


def _answer(
    call_id: str, number: str | None, found: dict[str, tuple[Candidate, ...]], place_of: PlaceOf
) -> ContactResolved:
    candidates = found[number] if number else ()
    if number and not candidates and (place := place_of(number)):
        candidates = (place,)
    return answer(call_id, candidates)
