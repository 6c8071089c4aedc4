"""What is made of what was measured: medians, ratios, slopes, tables, charts, JSON, and the page in the docs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import archive, docs
from benchmarks.archive import Run
from benchmarks.bench import turns
from benchmarks.chart import svg
from benchmarks.machine import BUSY, Conditions
from benchmarks.results import Aim, Measure, Result
from benchmarks.tables import report, rounded, table

RATES = Measure(
    "Calls into Limbas",
    "calls/s",
    "higher",
    "backlog",
    ["5,000 calls", "none"],
    {"ours": {"5,000 calls": [150, 180, 210]}, "theirs": {"5,000 calls": [29, 31, 30]}},
)
TIMES = Measure(
    "Time",
    "µs",
    "lower",
    "events",
    [1_000, 10_000, 100_000],
    {"publish": {1_000: [50], 10_000: [50], 100_000: [50]}, "sort": {1_000: [1], 10_000: [10], 100_000: [100]}},
    growth=True,
)
AIMS = [Aim("≥ 5 ×", met=True, measured="6 ×"), Aim("flat", met=False, measured="1")]
RESULT = Result("record", [RATES, TIMES], AIMS, ["A note."])
CONDITIONS = Conditions("2026-11-23", "2 cores", "3.11.7", {"redis": "8.1.0"}, {"flask-sse": "1.0.0"}, load=0.1)
RUN = Run(RESULT, CONDITIONS, seconds=12.3)


def test_a_competitor_is_judged_by_the_median_of_its_rounds() -> None:
    assert RATES.median("ours", "5,000 calls") == 180
    assert RATES.ratio("theirs", "5,000 calls") == 6
    assert RATES.median("ours", "none") is None
    assert RATES.ratio("theirs", "none") is None


def test_the_slope_says_how_it_grows() -> None:
    assert TIMES.slope("publish") == pytest.approx(0)
    assert TIMES.slope("sort") == pytest.approx(1)
    assert RATES.slope("ours") is None, "names are not far from each other"


def test_a_table_has_the_medians_and_our_ratios() -> None:
    assert table(RATES).splitlines() == [
        "Calls into Limbas (calls/s, higher is better)",
        "",
        "| backlog             | 5,000 calls | none |",
        "|---------------------|------------:|-----:|",
        "| ours                |         180 |      |",
        "| theirs              |          30 |      |",
        "| ours is … of theirs |         6 × |      |",
    ]


def test_a_table_of_growth_has_slopes_instead() -> None:
    lines = table(TIMES).splitlines()
    assert lines[2].split("|")[-2].strip() == "slope"
    assert lines[4].split() == ["|", "publish", "|", "50", "|", "50", "|", "50", "|", "+0.00", "|"]
    assert lines[5].split() == ["|", "sort", "|", "1", "|", "10", "|", "100", "|", "+1.00", "|"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(12_345, "12,300"), (1_000_000, "1,000,000"), (99.96, "100"), (1.5, "1.5"), (0.012345, "0.0123"), (0, "0")],
)
def test_a_number_has_three_figures(value: float, text: str) -> None:
    assert rounded(value) == text


def test_the_report_says_which_aims_were_met() -> None:
    lines = report(RESULT).splitlines()
    assert lines[2].endswith("| 6 ×      | yes    |")
    assert lines[3].endswith("| 1        | **no** |")
    assert lines[-1] == "- A note."


@pytest.mark.parametrize("measure", [RATES, TIMES], ids=["bars", "lines"])
def test_a_chart_names_everybody_and_shows_every_median(measure: Measure) -> None:
    texts = shown(svg(measure))
    for name in measure.rounds:
        assert any(text == name or text.startswith(f"{name}, slope") for text in texts)
        for point in measure.points:
            value = measure.median(name, point)
            assert value is None or rounded(value) in texts


def test_a_chart_is_readable_in_the_dark() -> None:
    assert "prefers-color-scheme: dark" in svg(RATES)


def test_numbers_upon_each_other_are_moved_apart() -> None:
    same: dict[int | str, list[float]] = {1: [5.0], 10: [5.0]}
    chart = svg(Measure("t", "ms", "lower", "n", [1, 10], {"a": same, "b": same, "c": same}))
    at = [(text.get("x"), float(text.get("y") or 0)) for text in texts_of(chart) if text.text == "5"]
    heights = sorted(y for x, y in at if x == at[-1][0])
    assert len(heights) == 3
    assert all(upper - lower >= 13 for lower, upper in pairwise(heights))


def test_a_bar_that_would_not_be_seen_makes_the_lengths_logarithmic() -> None:
    far: dict[str, dict[int | str, list[float]]] = {"a": {"x": [1.0]}, "b": {"x": [1e6]}}
    assert "The lengths are logarithmic." in shown(svg(Measure("t", "ms", "lower", "n", ["x"], far)))
    assert "The lengths are logarithmic." not in shown(svg(RATES))


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    archive.save(RUN, tmp_path)
    read = archive.load("record", tmp_path)
    assert read is not None
    assert report(read.result) == report(RESULT)
    assert read.result.measures[1].rounds["sort"] == TIMES.rounds["sort"]
    assert read.conditions == CONDITIONS
    assert archive.load("parse", tmp_path) is None


def test_a_new_run_leaves_no_chart_of_an_old_one(tmp_path: Path) -> None:
    archive.save(RUN, tmp_path)
    archive.save(Run(Result("record", [TIMES], []), CONDITIONS, 1), tmp_path)
    assert {file.name for file in tmp_path.glob("*.svg")} == {"record-time.svg"}


def test_the_page_gets_the_tables_between_its_markers_and_the_charts_beside_it(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Before\n<!-- measured: record -->\nold\n<!-- end -->\nAfter.\n")
    archive.save(RUN, tmp_path / "results")
    for _ in range(2):
        docs.write(RUN, tmp_path / "results", page)
    text = page.read_text()
    assert text.startswith("# Before\n<!-- measured: record -->\n\n2026-11-23, 2 cores")
    assert text.endswith("<!-- end -->\nAfter.\n")
    assert "old" not in text
    assert text.count(table(RATES)) == 1
    assert "(images/bench-record-calls-into-limbas.svg)" in text
    assert (tmp_path / "images" / "bench-record-calls-into-limbas.svg").read_text() == svg(RATES)


def test_a_page_without_a_place_for_it_is_told(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Nothing\n")
    archive.save(RUN, tmp_path)
    with pytest.raises(ValueError, match="0 places for record"):
        docs.write(RUN, tmp_path, page)


def test_everybody_has_a_turn_in_each_round_and_another_one_begins() -> None:
    assert "".join(turns("abc", 4)) == "abcbcacababc"


def test_a_machine_with_something_else_to_do_is_busy() -> None:
    assert not CONDITIONS.busy
    assert replace(CONDITIONS, load=BUSY).busy


def shown(chart: str) -> list[str]:
    """What can be read on it."""
    return [text.text or "" for text in texts_of(chart)]


def texts_of(chart: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(chart).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own SVG
