"""Bars for what has names: a group for each point, a bar for each competitor."""

from __future__ import annotations

from math import log10
from typing import Final

from benchmarks.chart.canvas import CHARACTER, MARGIN, WIDTH, Canvas
from benchmarks.results import Measure
from benchmarks.tables import caption, named, rounded

BAR: Final = 20
GAP: Final = 5
WIDE: Final = 50.0
"""From this ratio of the longest bar to the shortest on, lengths are logarithmic: else one would see one bar."""


def draw_bars(measure: Measure) -> str:
    """The document."""
    canvas = Canvas(caption(measure))
    names = list(measure.rounds)
    medians = {(name, point): measure.median(name, point) for name in names for point in measure.points}
    values = [value for value in medians.values() if value]
    most, least = max(values, default=1.0), min(values, default=1.0)
    logarithmic = most / least >= WIDE
    y = canvas.legend(names, 56) + 14
    if logarithmic:
        y += 16
        canvas.text(MARGIN, y, "The lengths are logarithmic.", "faint")
    left = MARGIN + CHARACTER * max(len(named(point)) for point in measure.points) + 12
    room = WIDTH - MARGIN - left - 9 * CHARACTER

    def length(value: float) -> float:
        if not logarithmic:
            return room * max(0.0, value) / most
        return room * (log10(max(value, least)) - log10(least) + 0.3) / (log10(most) - log10(least) + 0.3)

    for point in measure.points:
        y += 14
        shown = [(n, value, name) for n, name in enumerate(names) if (value := medians[name, point]) is not None]
        canvas.text(left - 12, y + len(shown) * (BAR + GAP) / 2 + 2, named(point), anchor="end")
        for n, value, name in shown:
            canvas.bar(left, y, length(value), BAR, n)
            rounds = measure.rounds[name][point]
            canvas.line([(left + length(end), y + BAR / 2) for end in (min(rounds), max(rounds))], "whisker")
            end = max(length(value), length(max(rounds)))
            canvas.text(left + end + 6, y + BAR - 5, rounded(value))
            y += BAR + GAP
    return canvas.document(y + MARGIN)
