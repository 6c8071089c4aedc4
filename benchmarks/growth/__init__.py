"""Whether one more event, box or contact costs the same, however many there are already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.bench import Bench
from benchmarks.growth import boxes, contacts, events
from benchmarks.results import Aim, Measure, Result

FLAT: Final = 0.1
"""The steepest slope: it costs twice as much at a thousand times as many. Noise alone is about half of that."""


def total(quick: bool) -> int:
    """Rounds at every size, and every size."""
    return events.total(quick) + boxes.total(quick) + contacts.total(quick)


def run(bench: Bench) -> Result:
    """Each by itself."""
    measures: Sequence[Measure] = (*events.run(bench), *boxes.run(bench), *contacts.run(bench))
    return Result("growth", measures, [aim for measure in measures for aim in _aims(measure)])


def _aims(measure: Measure) -> Iterator[Aim]:
    for name in measure.rounds:
        slope = measure.slope(name)
        if slope is not None:
            yield Aim(f"{measure.title.lower()}, {name}: slope ≤ {FLAT}", slope <= FLAT, f"{slope:+.2f}")
