"""Phone numbers: what the box and people write becomes E.164, or an honest "cannot"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.boxes import Place
from shared.numbers import numbers_in, readable, to_e164

HEIDELBERG = Place(country="DE", area_code="06221")
VIENNA = Place(country="AT", area_code="01", timezone="Europe/Vienna")
ZURICH = Place(country="CH", area_code="044", timezone="Europe/Zurich")


@pytest.mark.parametrize(
    ("written", "place", "e164"),
    [
        ("03023125101", HEIDELBERG, "+493023125101"),
        ("030 / 231 25-101", HEIDELBERG, "+493023125101"),
        ("(030) 23125 101", HEIDELBERG, "+493023125101"),
        ("+49 (0)30 23125-101", HEIDELBERG, "+493023125101"),
        ("+49 (30) 23125101", HEIDELBERG, "+493023125101"),
        ("0049 30 23125101", HEIDELBERG, "+493023125101"),
        ("0 30 . 231 25 101", HEIDELBERG, "+493023125101"),
        ("sip:03023125101@provider.example", HEIDELBERG, "+493023125101"),
        ("0171 39200 15", HEIDELBERG, "+491713920015"),
        ("231251", HEIDELBERG, "+496221231251"),
        ("+43 1 9999123", HEIDELBERG, "+4319999123"),
        ("+43 (0) 664 9999123", HEIDELBERG, "+436649999123"),
        ("9999123", VIENNA, "+4319999123"),
        ("0049 30 23125101", VIENNA, "+493023125101"),
        ("044 000 18 00", ZURICH, "+41440001800"),
        ("0800 3302424", HEIDELBERG, "+498003302424"),
        # What stands ahead of and behind a number on the wire.
        ("03023125101#", HEIDELBERG, "+493023125101"),
        ("*31#03023125101", HEIDELBERG, "+493023125101"),
        ("#31#03023125101", HEIDELBERG, "+493023125101"),
        ("*121#0049302312510#", HEIDELBERG, "+49302312510"),
    ],
)
def test_a_number_becomes_e164(written: str, place: Place, e164: str) -> None:
    assert to_e164(written, place) == e164


@pytest.mark.parametrize(
    "written",
    ["", " ", "-", "62", "110", "112", "116117", "11833", "**610", "**9", "*96*5*", "#96*5*", "kein Telefon", "a123456",
     "+", "+0", "+999123456789", "500@provider.example", "0" * 40, "١٢٣"],
)  # fmt: skip
def test_what_is_no_number_of_the_outside_world_stays_none(written: str) -> None:
    assert to_e164(written, HEIDELBERG) is None


def test_a_local_number_without_a_known_area_code_stays_none() -> None:
    assert to_e164("231251", Place(country="DE")) is None


def test_an_area_code_may_be_set_with_or_without_its_zero() -> None:
    assert to_e164("231251", Place(country="DE", area_code="4921")) == "+494921231251"
    assert to_e164("231251", Place(country="DE", area_code="04921")) == "+494921231251"


@pytest.mark.parametrize(
    ("dialled", "place"),
    [("01013030231251", HEIDELBERG), ("010013030231251", HEIDELBERG), ("10020049302312510", VIENNA)],
)
def test_a_carriers_prefix_is_dropped_on_outgoing_calls_only(dialled: str, place: Place) -> None:
    assert str(to_e164(dialled, place, outbound=True)).startswith("+4930231251")
    assert not str(to_e164(dialled, place)).startswith("+4930231251")


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("030/23125-200 (Zentrale)", ["+493023125200"]),
        ("Tel. 0221 4710-320", ["+492214710320"]),
        ("030 23125400, 030 23125401", ["+493023125400", "+493023125401"]),
        ("030 23125600 / 0171 3920006 (mobil)", ["+493023125600", "+491713920006"]),
        ("030 23125600 oder 0171 3920006", ["+493023125600", "+491713920006"]),
        ("0 69 / 90 00 9 - 200", ["+4969900 09200".replace(" ", "")]),
        ("030 23125600; 030/23125-600", ["+493023125600"]),
        ("kein Telefon", []),
        ("", []),
    ],
)
def test_the_numbers_in_a_field_as_people_fill_it(field: str, numbers: list[str]) -> None:
    assert numbers_in(field, HEIDELBERG) == numbers


@given(st.text(max_size=60))
def test_no_text_raises_and_whatever_comes_out_is_e164(text: str) -> None:
    for number in [to_e164(text, HEIDELBERG), to_e164(text, VIENNA, outbound=True), *numbers_in(text, ZURICH)]:
        assert number is None or (number[0] == "+" and number[1:].isdecimal() and number.isascii())


SEPARATOR = st.sampled_from(["", " ", "-", "/", ".", " / ", " - "])


@given(st.from_regex(r"2[0-9]{6}", fullmatch=True), st.lists(SEPARATOR, min_size=7, max_size=7),
       st.sampled_from(["030", "(030) ", "+49 30", "+49 (0)30 ", "0049 30 "]))  # fmt: skip
def test_however_a_number_is_punctuated_it_is_the_same(digits: str, separators: list[str], prefix: str) -> None:
    written = prefix + "".join(digit + separator for digit, separator in zip(digits, separators, strict=True))
    assert to_e164(written, HEIDELBERG) == f"+4930{digits}"


def test_numbers_are_shown_as_people_in_the_country_write_them() -> None:
    assert readable("+493023125101", "DE") == "030 23125101"
    assert readable("+493023125101", "AT") == "+49 30 23125101"
    assert readable("not a number", "DE") == "not a number"
