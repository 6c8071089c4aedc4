"""Phone numbers for tests, in the many ways in which people write them: by a table, and by chance."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from shared.boxes import Place

HEIDELBERG = Place(country="DE", area_code="06221")
VIENNA = Place(country="AT", area_code="01", timezone="Europe/Vienna")
ZURICH = Place(country="CH", area_code="044", timezone="Europe/Zurich")
OFFICES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "spellings.toml").read_text())["office"]


def rows(kind: str) -> list[Any]:
    """The table's rows of one kind, each with the place where it was written, named by the reason that it gives."""
    return [
        pytest.param(written, Place(country=office["country"], area_code=office["area_code"]), expected,
                     id=f"{office['name']}: {why}")
        for office in OFFICES
        for written, expected, why in office.get(kind, ())
    ]  # fmt: skip


LINES = [  # country code, area code, block of numbers, digits behind it
    ("49", "30", "23125", 3), ("49", "69", "90009", 3), ("49", "221", "4710", 3), ("49", "171", "39200", 2),
    ("49", "176", "040690", 2), ("43", "1", "9999", 3), ("43", "664", "9999", 3), ("41", "44", "000", 4),
    ("41", "79", "000", 4),
]  # fmt: skip
PLACES = {"49": HEIDELBERG, "43": VIENNA, "41": ZURICH}
ABROAD = ["+{} ", "+{}", "00{} ", "00{}", "+{} (0)", "+{}(0) ", "(+{}) ", "+{}-", "+{}/", "+{}.", "+{} 0", "+ {} "]
BEHIND_AREA_CODE = ["", " ", "/", " / ", "-", " - ", ".", ") "]
GROUPED_BY = ["", " ", ".", "-", "\u00a0", "\u2011"]
INVISIBLE = ["", "\u200b", "\u00ad", "\u202a", "\u2069", "\ufeff"]
SCRIPTS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"]


@st.composite
def spellings(draw: st.DrawFn, place: Place | None = None, *, zero_begins_group: bool = True) -> tuple[str, str, Place]:
    """A number, one of the many ways to write it, and where it is written so."""
    code, area_code, block, more = draw(st.sampled_from(LINES))
    place = place or draw(st.sampled_from(list(PLACES.values())))
    subscriber = block + draw(st.text("0123456789", min_size=more, max_size=more))
    at_home = place == PLACES[code] and draw(st.booleans())
    behind_area_code = draw(st.sampled_from(BEHIND_AREA_CODE))
    beginning = "0" if at_home else draw(st.sampled_from(ABROAD)).format(code)
    opening = "(" if behind_area_code == ") " else ""
    gap = draw(st.sampled_from(GROUPED_BY))
    gaps = draw(st.lists(st.sampled_from(["", gap]), min_size=len(subscriber) - 1, max_size=len(subscriber) - 1))
    grouped = "".join(gap + digit for gap, digit in zip(["", *gaps], subscriber, strict=True))
    if gap and not zero_begins_group:
        grouped = grouped.replace(f"{gap}0", "0")
    written = f"{opening}{beginning}{area_code}{behind_area_code}{grouped}"
    written = written.translate(str.maketrans(SCRIPTS[0], draw(st.sampled_from(SCRIPTS))))
    index = draw(st.integers(0, len(written)))
    written = written[:index] + draw(st.sampled_from(INVISIBLE)) + written[index:]
    return f"+{code}{area_code}{subscriber}", written, place
