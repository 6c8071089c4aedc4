"""Lines for what has numbers: logarithmic axes, a line for each competitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, floor, log, log10
from typing import Final

from benchmarks.chart.canvas import MARGIN, WIDTH, Canvas
from benchmarks.results import Measure
from benchmarks.tables import caption, named, rounded, slope

LEFT: Final = 80
HEIGHT: Final = 260
NEAR: Final = 14
"""Two numbers at one point are at least so far from each other."""
LEAST_SPAN: Final = 10.0
"""From the bottom to the top of what shows growth: else a flat line would look steep."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic axis, from one value at one place to another one at another."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * (log(value) - log(self.low)) / (log(self.high) - log(self.low))


def draw_lines(measure: Measure) -> str:
    """The document."""
    canvas = Canvas(caption(measure))
    names = list(measure.rounds)
    points = [point for point in measure.points if isinstance(point, int)]
    drawn = {
        name: [(point, value) for point in points if (value := measure.median(name, point))] for name in names
    }  # fmt: skip
    slopes = {name: f"{name}, slope {slope(measure, name)}" for name in names} if measure.growth else {}
    top = canvas.legend([slopes.get(name, name) for name in names], 56) + 34
    bottom = top + HEIGHT
    ticks = _ticks([value for series in drawn.values() for _, value in series], LEAST_SPAN if measure.growth else 1)
    x = _Scale(min(points), max(points), LEFT + 30, WIDTH - MARGIN - 40)
    y = _Scale(ticks[0], ticks[-1], bottom, top)
    for tick in ticks:
        canvas.line([(LEFT, y(tick)), (WIDTH - MARGIN, y(tick))], "rule")
        canvas.text(LEFT - 8, y(tick) + 4, rounded(tick), "faint", "end")
    for point in points:
        canvas.text(x(point), bottom + 20, named(point), "faint", "middle")
    canvas.text(WIDTH - MARGIN, bottom + 40, measure.axis, "faint", "end")
    for n, (name, series) in enumerate(drawn.items()):
        if measure.growth:
            _draw_fit(canvas, series, measure.slope(name), x, y)
        canvas.line([(x(point), y(value)) for point, value in series], f"s{n}", 2)
        for point, value in series:
            canvas.dot(x(point), y(value), n)
    for point in points:
        values = [value for series in drawn.values() for at, value in series if at == point]
        for value, height in _apart([(value, y(value) - 9) for value in values]):
            canvas.text(x(point), height, rounded(value), anchor="middle")
    return canvas.document(bottom + 56)


def _draw_fit(canvas: Canvas, series: Sequence[tuple[int, float]], rise: float | None, x: _Scale, y: _Scale) -> None:
    """The straight line of that slope through the middle of our points."""
    if rise is None:
        return
    middle_x = sum(log(point) for point, _ in series) / len(series)
    middle_y = sum(log(value) for _, value in series) / len(series)
    ends = [(point, exp(middle_y + rise * (log(point) - middle_x))) for point in (x.low, x.high)]
    canvas.line([(x(point), y(value)) for point, value in ends], "fit", 1.5)


def _ticks(values: Sequence[float], least_span: float) -> list[float]:
    """1, 2, 5, 10 … around all values, or only powers of ten where that would be many."""
    low, high = min(values, default=1.0), max(values, default=1.0)
    missing = max(1.0, least_span / (high / low)) ** 0.5
    low, high = low / missing, high * missing
    exponents = range(floor(log10(low)) - 1, floor(log10(high)) + 2)
    steps = (1, 2, 5) if high / low < 200 else (1,)
    every = [step * 10.0**exponent for exponent in exponents for step in steps]
    first = max(n for n, tick in enumerate(every) if tick <= low)
    last = min((n for n, tick in enumerate(every) if tick >= high), default=len(every) - 1)
    return every[max(0, first) : max(last, first + 1) + 1]


def _apart(labels: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same labels, upwards from the lowest, moved up where they would be upon each other."""
    placed: list[tuple[float, float]] = []
    for value, height in sorted(labels, key=lambda label: -label[1]):
        placed.append((value, min(height, placed[-1][1] - NEAR) if placed else height))
    return placed
