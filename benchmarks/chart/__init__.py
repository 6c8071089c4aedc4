"""A measure as an SVG: numbers as lines on logarithmic axes, names as bars. Readable in light and dark."""

from __future__ import annotations

from benchmarks.chart.bars import draw_bars
from benchmarks.chart.lines import draw_lines
from benchmarks.results import Measure


def svg(measure: Measure) -> str:
    """The document. What was measured at one point only is bars, too: a line needs two."""
    numeric = all(isinstance(point, int) and point > 0 for point in measure.points)
    return draw_lines(measure) if numeric and len(measure.points) > 1 else draw_bars(measure)
