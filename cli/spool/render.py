"""Spools for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cli.language import Texts
from cli.spool.spools import Spool
from cli.table import age, table
from services.ingest.spool_record import Kind, Record

SPOOLS: Final = ("spool", "state", "waiting", "oldest", "size", "damaged")
RECORDS: Final = ("received", "line")
NUMBERS: Final = slice(3, None)
"""The fields of a line that may hold telephone numbers: those after the time, the event and the connection."""
SHORTEST_SHOWN: Final = 7
"""Digits. Of a shorter number not even its ends are shown."""


def as_table(spools: Sequence[Spool], words: Texts, now: datetime) -> str:
    """A row for each spool."""
    return table(SPOOLS, [_row(spool, words, now) for spool in spools], words)


def as_lines(records: Sequence[Record], words: Texts, *, reveal: bool) -> str:
    """A row for each record, its numbers masked unless they are to be revealed."""
    return table(RECORDS, [[_time(record), _text(record, words, reveal=reveal)] for record in records], words)


def _row(spool: Spool, words: Texts, now: datetime) -> list[str]:
    oldest = age((now - spool.waiting[0].at).total_seconds(), words) if spool.waiting else "–"
    state = words["in-use"] if spool.in_use else words["left"]
    return [spool.name, state, str(len(spool.waiting)), oldest, f"{spool.size:,}", str(spool.damaged)]


def _time(record: Record) -> str:
    return record.at.astimezone().isoformat(timespec="seconds")


def _text(record: Record, words: Texts, *, reveal: bool) -> str:
    text = record.content.decode("ascii", "backslashreplace")
    if record.kind in (Kind.IGNORED, Kind.FREED):
        return words[record.kind.value].format(connection=record.connection)
    if record.kind is Kind.MALFORMED:
        return text if reveal else words["malformed"].format(length=len(record.content))
    if reveal:
        return text
    fields = text.split(";")
    fields[NUMBERS] = [_masked(field) for field in fields[NUMBERS]]
    return ";".join(fields)


def _masked(field: str) -> str:
    digits = sum(letter.isdigit() for letter in field)
    if digits <= 2 or field.startswith(("SIP", "ISDN", "POTS")):  # an extension, a line
        return field
    return f"{field[:3]}…{field[-2:]}" if digits >= SHORTEST_SHOWN else "…"
