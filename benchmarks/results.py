"""What a benchmark finds. Pure: how it is shown is for `tables`, `chart` and `archive`."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

Point = str | int
"""Where on the axis: a number of something, or a name."""
Rounds = Mapping[str, Mapping[Point, Sequence[float]]]
"""Competitor to point to the value of each round. The first competitor is ours. A point that was not run is missing."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity, of all competitors, along one axis. A table and a chart."""

    title: str
    unit: str
    better: Literal["higher", "lower"]
    axis: str
    """What the points are: "calls/s", "clients", "workers", "events" …"""
    points: Sequence[Point]
    """Numbers make a chart of lines on logarithmic axes, names one of bars."""
    rounds: Rounds
    growth: bool = False
    """Whether the question is how it grows. Then all of `rounds` are ours, and the chart has a straight line through
    the points of each, with its slope."""

    @property
    def ours(self) -> str:
        """The first competitor."""
        return next(iter(self.rounds))

    def median(self, competitor: str, point: Point) -> float | None:
        """Of the rounds, or None where there were none."""
        values = self.rounds[competitor].get(point)
        return statistics.median(values) if values else None

    def ratio(self, competitor: str, point: Point) -> float | None:
        """Our median as a multiple of the competitor's, or None where one of them is missing or 0."""
        ours, other = self.median(self.ours, point), self.median(competitor, point)
        return None if ours is None or not other else ours / other

    def slope(self, competitor: str) -> float | None:
        """How it grows: 0 where it stays the same, 1 where it doubles as the points do. Needs two points, else None.

        It is the slope of the straight line through the medians on logarithmic axes.
        """
        medians = [(point, self.median(competitor, point)) for point in self.points]
        known = [(log(x), log(y)) for x, y in medians if isinstance(x, int) and x > 0 and y is not None and y > 0]
        if len(known) < 2:
            return None
        return statistics.linear_regression([x for x, _ in known], [y for _, y in known]).slope


@dataclass(frozen=True, slots=True)
class Aim:
    """What was to be reached, and whether it was."""

    text: str
    """Such as "p99 at 50 calls/s and 200 clients ≤ 25 ms"."""
    met: bool
    measured: str
    """Such as "11 ms"."""


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark."""

    name: str
    measures: Sequence[Measure]
    aims: Sequence[Aim]
    notes: Sequence[str] = ()
    """What to know of this run, a sentence each. What holds of every run stands in docs/benchmarks.md."""
