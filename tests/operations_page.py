"""The tables of docs/operations.md, for the tests that compare them with what is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = (Path(__file__).parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
SERVICES: Final = ("ingest", "matcher", "jobs", "logger", "web")


@dataclass(frozen=True)
class Metric:
    """A row of the table of metrics."""

    name: str
    """With the suffix that counters have."""
    type: str
    labels: frozenset[str]
    services: frozenset[str]


def table(first_column: str) -> list[list[str]]:
    """The rows of the table whose first column has that title."""
    lines = PAGE.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_column} |")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def metrics() -> list[Metric]:
    return [
        Metric(name.strip("`"), kind, _words(labels), _words(services) if services != "all" else frozenset(SERVICES))
        for name, kind, labels, services, _ in table("metric")
    ]


def parts(service: str) -> set[str]:
    """What a service's readiness consists of."""
    return {part.strip("`") for name, part, _ in table("service") if name == service}


def alerts() -> set[str]:
    return {row[0] for row in table("alert")}


def _words(cell: str) -> frozenset[str]:
    return frozenset(word.strip(" `") for word in cell.split(",") if word.strip())
