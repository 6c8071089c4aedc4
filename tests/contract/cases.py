"""The recordings of a real Limbas, read."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_RECORDINGS: Final = Path(__file__).parent / "recordings"
_CONTACTS: Final = "4"
_FIRST_CALL: Final = "10_insert_full"


@dataclass(frozen=True, slots=True)
class Case:
    """One request and its answer."""

    name: str
    user: str | None
    payload: dict[int | str, Any]
    status: int
    content_type: str
    answer: dict[str, Any] | None
    """Without the session block, with JSON's keys; None where a login page came."""
    request_body: bytes
    """The raw messages; empty where they were not kept."""
    response_body: bytes


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in the order in which they were recorded."""
    return tuple(_read(path) for path in sorted(_RECORDINGS.glob("*.json")))


def contacts() -> dict[int, dict[int, str]]:
    """The contacts of the recorded system, record id → field id → text, as far as any answer shows them."""
    schema = next(case.answer for case in cases() if case.name == "01_schema")
    assert schema
    names = schema["gfield"][_CONTACTS]["argresult_name"]
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for case in cases():
        for table, rows in _rows(case):
            for record_id, fields in rows.items():
                if table in {_CONTACTS, "#KUNDEN"}:
                    shown = {int(names.get(key.removeprefix("*"), key)): text for key, text in fields.items()}
                    found[int(record_id)] |= {key: html.unescape(text) for key, text in shown.items()}
    return dict(found)


def first_call_id() -> int:
    """The id of the first record that the recordings insert into the table of calls."""
    return int(next(case.answer["0"] for case in cases() if case.name == _FIRST_CALL and case.answer))


def with_php_keys(value: Any) -> Any:
    """JSON as PHP sees it: keys that are digits are numbers."""
    if isinstance(value, dict):
        return {int(key) if key.isdigit() else key: with_php_keys(inner) for key, inner in value.items()}
    return [with_php_keys(inner) for inner in value] if isinstance(value, list) else value


def _rows(case: Case) -> list[tuple[str, dict[str, dict[str, str]]]]:
    found = (case.answer or {}).get("0")
    return list((found.get("fresult") or {}).items()) if isinstance(found, dict) else []


def _read(path: Path) -> Case:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    return Case(
        name=recorded["case"],
        user=recorded.get("user", "callmonitor"),
        payload=with_php_keys(recorded["payload"]),
        status=recorded["status"],
        content_type=recorded["content_type"],
        answer=recorded["decoded_without_session"],
        request_body=recorded.get("request_body", "").encode(),
        response_body=recorded.get("response_body", "").encode(),
    )
