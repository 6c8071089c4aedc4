"""Candidates as the index keeps them: short texts, because there is one for every number.

    KUNDEN:7 <US> Anna Schmidt <US> Schmidt & Söhne GmbH          a candidate
    <candidate> <RS> <candidate>                                  all with one number

A template leaves no control character in a name, so the separators cannot stand in one.
"""

from __future__ import annotations

from typing import Final

from shared.events import Candidate, Match, Source

UNIT: Final = "\x1f"
RECORD: Final = "\x1e"


def pack(candidate: Candidate) -> str:
    """A record of Limbas, without how it was found. The company is left out where there is none."""
    parts = [reference(candidate), candidate.name, candidate.company]
    return UNIT.join(parts if candidate.company else parts[:2])


def reference(candidate: Candidate) -> str:
    """Which record it is: `KUNDEN:7`."""
    return f"{candidate.table}:{candidate.record_id}"


def unpack(text: str, match: Match, confidence: float = 1.0) -> Candidate:
    """The inverse of `pack`, with how it was found. A record without a name goes by its table and id."""
    record, name, company = (*text.split(UNIT), "", "")[:3]
    table, _, record_id = record.rpartition(":")
    return Candidate(
        source=Source.LIMBAS,
        match=match,
        confidence=confidence,
        name=name or f"{table} {record_id}",
        company=company,
        table=table,
        record_id=int(record_id),
    )


def unpack_all(text: str, match: Match) -> tuple[Candidate, ...]:
    """All candidates in a text. None of several is likelier than the others."""
    each = text.split(RECORD)
    return tuple(unpack(one, match, 1 / len(each)) for one in each)
