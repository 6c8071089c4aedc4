"""The folder of results: for each benchmark a JSON file with every round, and a chart for each measure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.chart import svg
from benchmarks.machine import Conditions
from benchmarks.results import Aim, Measure, Result


@dataclass(frozen=True, slots=True)
class Run:
    """One benchmark, and how it came about."""

    result: Result
    conditions: Conditions
    seconds: float
    """That it took altogether."""


def save(run: Run, folder: Path) -> None:
    """Write it, in place of what an earlier run of the same benchmark has left."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{run.result.name}-*.svg"):
        old.unlink()
    for measure in run.result.measures:
        (folder / chart_name(run.result, measure)).write_text(svg(measure))
    document = json.dumps(_document(run), indent=1, ensure_ascii=False)
    (folder / f"{run.result.name}.json").write_text(f"{document}\n")


def load(name: str, folder: Path) -> Run | None:
    """The latest run of a benchmark, or None where there is none."""
    try:
        document: Mapping[str, Any] = json.loads((folder / f"{name}.json").read_text())
    except FileNotFoundError:
        return None
    found = document["result"]
    measures = [Measure(**each | {"rounds": _rounds(each)}) for each in found["measures"]]
    result = Result(found["name"], measures, [Aim(**each) for each in found["aims"]], found["notes"])
    return Run(result, Conditions(**document["conditions"]), document["seconds"])


def chart_name(result: Result, measure: Measure) -> str:
    """Such as `matching-resolves-at-once.svg`."""
    return f"{result.name}-{re.sub('[^a-z0-9]+', '-', measure.title.lower()).strip('-')}.svg"


def _document(run: Run) -> dict[str, Any]:
    result = asdict(replace(run.result, measures=()))
    # The rounds in the order of the points: JSON's keys are no numbers.
    result["measures"] = [
        asdict(replace(measure, rounds={}))
        | {"rounds": {name: [at.get(point) for point in measure.points] for name, at in measure.rounds.items()}}
        for measure in run.result.measures
    ]
    return {"result": result, "conditions": asdict(run.conditions), "seconds": run.seconds}


def _rounds(measure: Mapping[str, Any]) -> dict[str, dict[str | int, list[float]]]:
    return {
        name: {point: values for point, values in zip(measure["points"], series, strict=True) if values is not None}
        for name, series in measure["rounds"].items()
    }
