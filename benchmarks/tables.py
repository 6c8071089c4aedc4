"""What was found, as Markdown that reads well on a terminal, too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from benchmarks.results import Measure, Result


def report(result: Result) -> str:
    """Everything but the charts: the aims, a table for each measure, and the notes."""
    return "\n\n".join(part for part in (aims(result), *map(table, result.measures), notes(result)) if part)


def aims(result: Result) -> str:
    """Each aim, what was measured, and whether it was met. Nothing where there is none."""
    if not result.aims:
        return ""
    rows = [(aim.text, aim.measured, "yes" if aim.met else "**no**") for aim in result.aims]
    return _markdown(("aim", "measured", "met"), rows, numbers=0)


def table(measure: Measure) -> str:
    """The medians of all competitors, and ours as a multiple of each other one's, or how it grows."""
    head = [measure.axis, *map(named, measure.points)]
    rows = [[name, *(_cell(measure.median(name, point)) for point in measure.points)] for name in measure.rounds]
    if measure.growth:
        head.append("slope")
        for row in rows:
            row.append(slope(measure, row[0]))
    else:
        rows += [_ratios(measure, name) for name in measure.rounds if name != measure.ours]
    return f"{caption(measure)}\n\n{_markdown(head, rows, numbers=len(head) - 1)}"


def notes(result: Result) -> str:
    """A list. Nothing where there is none."""
    return "\n".join(f"- {note}" for note in result.notes)


def caption(measure: Measure) -> str:
    """What is measured, in what, and which way is better."""
    return f"{measure.title} ({measure.unit}, {measure.better} is better)"


def slope(measure: Measure, name: str) -> str:
    """How it grows with the axis: +0.00 not at all, +1.00 in proportion."""
    found = measure.slope(name)
    return "" if found is None else f"{found:+.2f}"


def named(point: str | int) -> str:
    """A point of an axis, for people."""
    return f"{point:,}" if isinstance(point, int) else point


def rounded(value: float) -> str:
    """To three figures, which is more than the noise leaves: 12,345 becomes 12,300, and 0.01234 becomes 0.0123."""
    if value == 0:
        return "0"
    text = f"{float(f'{value:.3g}'):,.6f}"
    return text.rstrip("0").rstrip(".") if abs(value) < 100 else text.partition(".")[0]


def _ratios(measure: Measure, name: str) -> list[str]:
    ratios = [measure.ratio(name, point) for point in measure.points]
    return [f"ours is … of {name}", *("" if each is None else f"{rounded(each)} ×" for each in ratios)]


def _cell(value: float | None) -> str:
    return "" if value is None else rounded(value)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> str:
    """A table whose last columns are numbers, to the right."""
    widths = [max(3, *map(len, column)) for column in zip(*chain([head], rows), strict=True)]
    first = len(head) - numbers

    def line(cells: Sequence[str]) -> str:
        sized = zip(cells, widths, strict=True)
        padded = [cell.rjust(width) if n >= first else cell.ljust(width) for n, (cell, width) in enumerate(sized)]
        return f"| {' | '.join(padded)} |"

    rule = [f"{'-' * (width + 1)}{':' if n >= first else '-'}" for n, width in enumerate(widths)]
    return "\n".join((line(head), f"|{'|'.join(rule)}|", *map(line, rows)))
