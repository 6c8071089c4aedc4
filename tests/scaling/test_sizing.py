"""The worked example in docs/scaling.md is worked out from the inputs that stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
NUMBER = r"([\d,.]+)"
ROWS = re.findall(rf"^\| `(\w+)` \| {NUMBER} \|", PAGE, re.MULTILINE)
INPUTS = {name: float(value.replace(",", "")) for name, value in ROWS}
STEPS = re.findall(rf"^\| `(\w+)` \| `([^`]+)` \| {NUMBER} \|", PAGE, re.MULTILINE)


def worked_out() -> dict[str, float]:
    known = dict(INPUTS)
    for name, formula, _ in STEPS:
        assert re.fullmatch(r"[\w\s.+*/()-]+", formula), formula
        known[name] = eval(formula, {"__builtins__": {}}, known)  # noqa: S307 - of a page of ours
    return known


@pytest.mark.parametrize(("name", "shown"), [(name, shown) for name, _, shown in STEPS])
def test_what_follows_is_what_stands_there(name: str, shown: str) -> None:
    """To as many digits as are shown."""
    decimals = len(shown.partition(".")[2])

    assert f"{worked_out()[name]:,.{decimals}f}" == shown


def test_every_input_is_used() -> None:
    formulas = " ".join(formula for _, formula, _ in STEPS)

    assert {name for name in INPUTS if not re.search(rf"\b{name}\b", formulas)} == set()
