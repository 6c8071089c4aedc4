"""Puts what was measured into docs/benchmarks.md, between the markers of each benchmark."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from benchmarks.archive import Run, chart_name
from benchmarks.peers import ROOT
from benchmarks.tables import caption, report

PAGE: Final = ROOT / "docs" / "benchmarks.md"


def write(run: Run, folder: Path, page: Path = PAGE) -> None:
    """Replace what stands between `<!-- measured: NAME -->` and `<!-- end -->`, and its pictures beside the page.

    `folder` has the charts. Raises `ValueError` where the page has no such place.
    """
    pictures = page.parent / "images"
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob(f"bench-{run.result.name}-*.svg"):
        old.unlink()
    shown = []
    for measure in run.result.measures:
        name = chart_name(run.result, measure)
        shutil.copyfile(folder / name, pictures / f"bench-{name}")
        shown.append(f"![{caption(measure)}](images/bench-{name})")
    measured = "\n\n".join((f"{run.conditions.line()}; {run.seconds:.0f} s altogether.", report(run.result), *shown))
    place = re.compile(rf"(<!-- measured: {run.result.name} -->\n).*?(<!-- end -->)", re.DOTALL)
    text, count = place.subn(lambda found: f"{found[1]}\n{measured}\n\n{found[2]}", page.read_text())
    if count != 1:
        raise ValueError(f"{page} has {count} places for {run.result.name}")
    page.write_text(text)
