"""Malformed lines for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cli.language import Texts
from cli.quarantine.lines import Line
from cli.table import age, table
from shared.logs import mask

COLUMNS: Final = ("id", "age", "box", "reason", "line")


def as_table(lines: Sequence[Line], words: Texts, now: datetime, *, reveal: bool) -> str:
    """A row for each, numbers masked unless they are to be revealed."""
    return table(COLUMNS, [_row(line, words, now, reveal=reveal) for line in lines], words)


def _row(line: Line, words: Texts, now: datetime, *, reveal: bool) -> list[str]:
    since = age((now - line.since).total_seconds(), words)
    reason = words["readable"] if line.readable_now else line.reason
    return [line.id, since, line.box, mask(reason), line.text if reveal else mask(line.text)]
