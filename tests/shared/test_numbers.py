"""Phone numbers: what the box and people write becomes E.164, or an honest "cannot"."""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from shared.boxes import Place
from shared.numbers import dialled_at_home, numbers_in, readable, to_e164
from shared.numbers.plans import COUNTRIES, in_plan
from tests.shared.number_spellings import HEIDELBERG, VIENNA, ZURICH, rows, spellings


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


@pytest.mark.parametrize(("written", "place", "expected"), rows("calling"))
def test_the_number_of_a_caller_is_read_as_the_table_says(written: str, place: Place, expected: str) -> None:
    assert (to_e164(written, place) or "") == expected


@pytest.mark.parametrize(("written", "place", "expected"), rows("dialled"))
def test_a_dialled_number_is_read_as_the_table_says(written: str, place: Place, expected: str) -> None:
    assert (to_e164(written, place, outbound=True) or "") == expected


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


def test_what_is_dialled_within_a_country_is_told_of_its_own_numbers_only() -> None:
    assert dialled_at_home("+493023125101", "DE") == "03023125101"
    assert dialled_at_home("+4319999123", "DE") is None
    assert dialled_at_home("+390612345678", "IT") == "0612345678"


def examples() -> list[Any]:
    """A landline and a mobile number of every country that `phonenumbers` knows."""
    found = (
        (region, phonenumbers.example_number_for_type(region, kind))
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    )
    return [(region, phonenumbers.format_number(number, PhoneNumberFormat.E164)) for region, number in found if number]


def test_in_every_country_e164_and_what_people_read_are_read_back_as_the_same_number() -> None:
    for country, e164 in examples():
        place = Place(country=country)
        assert to_e164(e164, place) == to_e164(readable(e164, country), place) == e164
        assert numbers_in(e164, place) == [e164]
        assert to_e164(readable(e164, "DE"), HEIDELBERG) == e164


@given(spellings())
def test_a_number_is_read_back_from_e164_and_from_what_people_read(spelling: tuple[str, str, Place]) -> None:
    e164, _, place = spelling
    assert numbers_in(e164, place) == numbers_in(readable(e164, place.country), place) == [e164]


@given(st.sampled_from(list(COUNTRIES.values())), st.from_regex(r"[1-9][0-9]{2,12}", fullmatch=True))
def test_the_quick_check_of_a_number_plan_agrees_with_phonenumbers(code: str, national: str) -> None:
    number = phonenumbers.PhoneNumber(country_code=int(code), national_number=int(national))
    is_number = phonenumbers.is_valid_number(number) and len(code + national) <= 15
    assert (in_plan(code, national) == f"+{code}{national}") is is_number
