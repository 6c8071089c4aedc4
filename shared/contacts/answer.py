"""What is said of a call, given who its other side may be. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.events import Candidate, ContactResolved, Match, Source


def answer(call_id: str, candidates: Sequence[Candidate], *, late: bool = False) -> ContactResolved:
    """The event that says it. `late`: after the call, when contacts were read again or a person said so."""
    return ContactResolved(call_id=call_id, candidates=tuple(candidates), sure=is_sure(candidates), late=late)


def is_sure(candidates: Sequence[Candidate]) -> bool:
    """Whether one record of Limbas is all there is, and has this very number or was named by a person."""
    return (
        len(candidates) == 1
        and candidates[0].source is Source.LIMBAS
        and candidates[0].match in (Match.PINNED, Match.EXACT)
    )
