"""A field of a record, as people fill it: its numbers are found, and what cannot be read is reported with a reason."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.boxes import Place
from shared.numbers import Reason, numbers_in, read_field, to_e164
from tests.shared.number_spellings import HEIDELBERG, PLACES, rows, spellings

AHEAD = [
    "",
    "Tel. ",
    "Tel.:",
    "T",
    "mobil ",
    "privat: ",
    "Frau Beispiel, ",
    "ab 18 Uhr ",
    "12.05.2024 ",
    "1. ",
    "2) ",
    "Büro 3: ",
]
BEHIND = [
    "",
    " (privat)",
    " privat",
    ", Frau Beispiel",
    " ab 18 Uhr",
    " 8-17 Uhr",
    " (12.05.2024)",
    " seit 2019",
    ";",
    "\n",
    ".",
]
BETWEEN = [", ", "; ", "\n", " / ", "/", " oder ", " und ", " | ", " & ", " "]


@pytest.mark.parametrize(("written", "place", "expected"), rows("fields"))
def test_a_field_is_read_as_the_table_of_spellings_says(written: str, place: Place, expected: str) -> None:
    field = read_field(written, place)

    numbers = [
        number.e164 if number.main is None else f"{number.main}-{number.e164.removeprefix(number.main)}"
        for number in field.numbers
    ]
    assert " ".join([*numbers, *(f"! {problem.reason}" for problem in field.problems)]) == expected
    assert numbers_in(written, place) == [number.e164 for number in field.numbers]


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


@given(spellings(), st.sampled_from(AHEAD), st.sampled_from(BEHIND))
def test_any_spelling_of_a_number_with_any_note_around_finds_it(
    spelling: tuple[str, str, Place], ahead: str, behind: str
) -> None:
    e164, written, place = spelling
    assert to_e164(written, place) == e164
    assert numbers_in(ahead + written + behind, place) == [e164]


@given(spellings(HEIDELBERG, zero_begins_group=False), spellings(HEIDELBERG), st.sampled_from(BETWEEN))
def test_two_numbers_in_a_field_are_told_apart_however_they_are_written(
    first: tuple[str, str, Place], second: tuple[str, str, Place], between: str
) -> None:
    expected = list(dict.fromkeys([first[0], second[0]]))
    assert numbers_in(first[1] + between + second[1], HEIDELBERG) == expected


@given(spellings(HEIDELBERG), spellings(HEIDELBERG), st.sampled_from([*BETWEEN, " - "]))
def test_two_numbers_in_a_field_never_make_a_third(
    first: tuple[str, str, Place], second: tuple[str, str, Place], between: str
) -> None:
    """`022147100 012 0171 3920001` may be cut in two ways. Then it is left uncut, and reported or nobody's number."""
    for e164 in numbers_in(first[1] + between + second[1], HEIDELBERG):
        assert e164.startswith(first[0]) or e164 == second[0]


@given(spellings())
def test_the_quick_way_for_fields_that_hold_one_number_finds_what_the_long_way_does(
    spelling: tuple[str, str, Place],
) -> None:
    _, written, place = spelling
    assert read_field(written, place) == read_field(f"{written};", place)


JUNK = st.sampled_from([
    "kein Telefon", "n/a", "-", "???", "siehe Zentrale", "12.05.2024", "1.2.24", "2024-05-12", "14:30", "8-17 Uhr",
    "8.00-17.00", "2. OG", "24/7", "12,50 €", "Zimmer 112", "Haus 3", "62", "110", "112", "116117", "**610", "*96*5*",
    "0", "00", "000000", "030", "0800 FLOWERS", "0171 392OO01", "info@firma24.example",
    "500@provider.example", "https://firma.example/03023125600", "DE89 3704 0044 0532 0130 00", "Kd.-Nr. 030231251",
    "IBAN 0370 4004 4053", "69115 Heidelberg", "100000 €", "Ticket #030231251", "+999 123456", "+", "gelöscht 2019",
])  # fmt: skip


@given(st.lists(JUNK, max_size=5), st.sampled_from([", ", "; ", "\n", " | "]), st.sampled_from(list(PLACES.values())))
def test_junk_never_becomes_a_number(junk: list[str], between: str, place: Place) -> None:
    assert numbers_in(between.join(junk), place) == []


@given(st.text(max_size=80).filter(lambda text: sum(map(str.isdecimal, text)) < 4))
def test_what_has_less_than_four_digits_never_becomes_a_number(text: str) -> None:
    assert numbers_in(text, HEIDELBERG) == []
    assert to_e164(text, HEIDELBERG) is None


@given(spellings(), st.sampled_from(["", "Tel. ", "?", "ü"]), st.sampled_from(["", " privat", "x", "O1"]))
def test_a_piece_is_read_or_reported_but_never_lost(spelling: tuple[str, str, Place], ahead: str, behind: str) -> None:
    e164, written, place = spelling
    field = read_field(ahead + written + behind, place)
    assert [number.e164 for number in field.numbers] == [e164] or field.problems


TYPED = st.text("0123456789+()/.-– ,;:*#@xDWabO€\n", max_size=60)


@given(
    st.one_of(TYPED, st.text(max_size=60)),
    st.sampled_from([*PLACES.values(), Place(country="US"), Place(country="XX")]),
)
def test_nothing_that_somebody_types_raises(text: str, place: Place) -> None:
    field = read_field(text, place)
    for e164 in [to_e164(text, place, outbound=True), *(number.e164 for number in field.numbers)]:
        assert e164 is None or (e164[0] == "+" and e164[1:].isdecimal() and e164.isascii() and len(e164) <= 16)
    for number in field.numbers:
        assert number.main is None or number.e164.startswith(number.main)
    assert all(problem.written and problem.reason in set(Reason) for problem in field.problems)


HOSTILE = [
    "0", "0 ", "(", "+", "((((1", "1.1.20 ", "030/", "0 0123456 ", "030 23125600 ", "@", "a@", "DW 1", "\u0300", "-xx",
    "kd-", "030 23125-600/-601,", "1x", "*31#", "18 Uhr ", "8.00-", "12:", "12.05.2024 0301234567 ", "+49",
    "12345,", "01 02 ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_hostile_text_takes_no_time_to_speak_of(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    started = time.process_time()
    read_field(text, HEIDELBERG)
    to_e164(text, HEIDELBERG)
    assert time.process_time() - started < 3  # quadratic time would be minutes
