"""Main number and extension: in Germany and Austria one company has all numbers that begin with its main number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.boxes import Place
from shared.numbers import Number, read_field, shortest_main, shortest_national
from tests.shared.number_spellings import LINES, PLACES, spellings


@given(
    st.sampled_from([line for line in LINES if line[1] in {"30", "69", "221", "1"}]),
    st.from_regex(r"[0-9]{1,3}", fullmatch=True),
    st.sampled_from(["-{}", " - {}", " DW {}", ", Durchwahl {}", "x{}"]),
)
def test_an_extension_set_off_in_any_way_gives_the_main_number(
    line: tuple[str, str, str, int], extension: str, style: str
) -> None:
    code, area_code, block, _ = line
    place, main = PLACES[code], f"+{code}{area_code}{block}"
    written = f"0{area_code} {block}{style.format(extension)}"

    if block.endswith("0") and "-" not in style:  # is the 0 the operator's?
        assert read_field(written, place).numbers == (Number(main),)
    else:
        assert read_field(written, place).numbers == (Number(main + extension, main),)
        assert len(main) - 1 >= shortest_main(main + extension) > 0


@pytest.mark.parametrize(
    ("e164", "digits"),
    [
        pytest.param("+493023125601", len("4930231"), id="five digits are the longest extension"),
        pytest.param("+4930231256", len("4930231"), id="no German landline number is shorter"),
        pytest.param("+4962214711", len("496221") + 1, id="a main number is more than its area code"),
        pytest.param("+4319999", len("431999"), id="no Austrian landline number is shorter"),
        pytest.param("+4357999100", len("435799"), id="an Austrian company's own network"),
        pytest.param("+491713920001", 0, id="a mobile number"),
        pytest.param("+436649999123", 0, id="an Austrian one"),
        pytest.param("+498003302424", 0, id="a service number"),
        pytest.param("+41440001800", 0, id="a closed number plan"),
        pytest.param("+12025550123", 0, id="another one"),
    ],
)
def test_a_main_number_has_at_least_so_many_digits(e164: str, digits: int) -> None:
    assert shortest_main(e164) == digits


@given(spellings())
def test_no_main_number_is_shorter_than_a_national_number_can_be(spelling: tuple[str, str, Place]) -> None:
    e164 = spelling[0]
    if shortest := shortest_main(e164):
        assert len("49") + shortest_national({"+49": "DE", "+43": "AT"}[e164[:3]]) <= shortest < len(e164)


def test_the_shortest_national_number_is_known_where_numbers_have_extensions() -> None:
    assert (shortest_national("DE"), shortest_national("AT")) == (5, 4)
    with pytest.raises(ValueError, match="XX"):
        shortest_national("XX")
