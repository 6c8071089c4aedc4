"""What docs/events.md says, in a form that can be compared with what a server does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

TEXT: Final = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
_BLOCK: Final = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE: Final = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)


def examples(language: str) -> list[str]:
    """The examples in one language: `http`, `json` or `sse`."""
    return [text.rstrip("\n") for found, text in _BLOCK.findall(TEXT) if found == language]


def requirements() -> set[str]:
    """The numbers of all that a server must do."""
    return set(re.findall(r"\*\*(E\d+)\*\*", TEXT))


def event_example(name: str) -> dict[str, Any]:
    """The data of the example of an event."""
    (example,) = [block for block in examples("sse") if block.startswith(f"event: {name}\n")]
    data = "\n".join(line.removeprefix("data: ") for line in example.splitlines() if line.startswith("data: "))
    found: dict[str, Any] = json.loads(data)
    return found


def published(name: str) -> dict[str, Any]:
    """The example of an event as it stands in the event log."""
    return {field: value for field, value in event_example(name).items() if field != "shown"}


def claims() -> dict[str, Any]:
    """The example of a token's claims."""
    (example,) = examples("json")
    found: dict[str, Any] = json.loads(example)
    return found


def tables(heading: str) -> list[dict[str, list[str]]]:
    """The tables below a heading: the cells after the first one, by each name in the first."""
    (section,) = re.findall(rf"^#+ [^\n]*{re.escape(heading)}[^\n]*\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    found = []
    for table in _TABLE.findall(section):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        found.append({name: row[1:] for row in rows for name in re.findall(r"`([^`]+)`", row[0])})
    return found
