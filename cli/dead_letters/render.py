"""Dead letters for people. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cli.dead_letters.letters import Letter
from cli.language import Texts
from cli.table import age, table
from shared.logs import mask

COLUMNS: Final = ("id", "age", "group", "call", "reason")
NUMBERS: Final = frozenset({"received", "e164", "own_number"})
"""The fields of an event that hold telephone numbers."""
SHORTEST_SHOWN: Final = 7
"""Digits. Of a shorter number not even its ends are shown."""


def as_table(letters: Sequence[Letter], texts: Texts, now: datetime) -> str:
    """A line for each, numbers masked."""
    return table(COLUMNS, [_row(letter, texts, now) for letter in letters], texts)


def as_document(letter: Letter, *, reveal: bool) -> str:
    """All of a letter as JSON, its numbers masked unless they are to be revealed."""
    document: dict[str, Any] = {
        "id": letter.id,
        "since": letter.since.isoformat(timespec="seconds"),
        "group": letter.group,
        "entry": letter.entry,
        "deliveries": letter.deliveries,
        "reason": letter.reason,
        "event": _content(letter.document),
    }
    return json.dumps(document if reveal else _masked(document), ensure_ascii=False, indent=2)


def _row(letter: Letter, texts: Texts, now: datetime) -> list[str]:
    event = letter.event
    since = age((now - letter.since).total_seconds(), texts)
    return [letter.id, since, letter.group, event.call_id if event else "–", mask(letter.reason)]


def _content(document: bytes) -> Any:
    """The document itself, or its text where it is no JSON."""
    try:
        return json.loads(document)
    except ValueError:
        return document.decode(errors="replace")


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name) for inner in value]
    if isinstance(value, str):
        return _ends(value) if name in NUMBERS else mask(value)
    return value


def _ends(number: str) -> str:
    if not number:
        return ""
    return f"{number[:3]}…{number[-2:]}" if len(number) >= SHORTEST_SHOWN else "…"
