"""A call is found by what people type: names, companies, places, and numbers however they are spelled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.api.search import Search
from services.web.projection import CallView
from shared.events import Candidate, ContactResolved, Match, RemoteNumber, Source
from tests.shared.making import a_call
from tests.shared.number_spellings import HEIDELBERG, spellings

COLOGNE = Candidate(source=Source.NUMBERING_PLAN, match=Match.PLACE, name="Köln", name_en="Cologne")


def person(name: str, company: str = "") -> Candidate:
    return Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, company=company)


def a_view(*who: Candidate, number: str | None = "+492214710123", **changes: Any) -> CallView:
    remote = RemoteNumber(received=(number or "").replace("+49", "0"), e164=number, suppressed=not number)
    call = a_call(remote=remote, **{"own_number": "4710100"} | changes)
    return CallView((1, 0), (1, 0), call, ContactResolved(call_id=call.id, candidates=who))


def finds(view: CallView, typed: str) -> bool:
    return list(Search(HEIDELBERG).find([view], typed)) == [view]


@pytest.mark.parametrize(
    "typed",
    ["Müller", "mÜLLER", "mueller", "MUELLER", "muller", "üll", "jörg", "Joerg", "Jörg Müller", "müller jörg",
     "bäckerei", "baeckerei", "gmbh", "  Müller  ", "Müller - Bäckerei", "Mu\u0308ller", "ＭÜＬＬＥＲ", ""],
)  # fmt: skip
def test_by_a_name_or_a_company_whatever_the_case_and_the_umlauts(typed: str) -> None:
    assert finds(a_view(person("Jörg Müller", "Bäckerei Müller GmbH")), typed)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Mueller", "Müller"), ("Weiß", "weiss"), ("Weiss", "WEIẞ"), ("Bauer", "er"), ("Bauer", "aue"),
     ("Ayşe Özdemir", "ayse ozdemir"), ("Øystein Łukasz", "oystein lukasz"), ("Işık", "isik"), ("René", "rene"),
     ("O'Connor & Daughters", "o'connor & d"), ("Studio 54", "54"), ("Studio 54", "studio 54")],
)  # fmt: skip
def test_by_a_name_with_letters_that_not_every_keyboard_has(name: str, typed: str) -> None:
    assert finds(a_view(person(name)), typed)


@pytest.mark.parametrize(
    "typed",
    ["0221 4710123", "0221/4710-123", "(0221) 4710 123", "+49 221 4710123", "+49 (0)221 4710-123", "0049 221 4710123",
     "+49(0)221/4710", "+49 221", "0049221", "+4", "0221", "02214710", "0221-47", "221 4710", "4710123", "4710-123",
     "0123", "2214710", "\u202a+49\u00a0221\u20114710123\u202c", "０２２１ ４７１０"],
)  # fmt: skip
def test_by_a_number_or_a_part_of_it_however_it_is_spelled(typed: str) -> None:
    assert finds(a_view(), typed)


@pytest.mark.parametrize("typed", ["4710100", "471 01 00", "06221 4710100", "+49 6221 4710100", "Zentrale"])
def test_by_the_offices_own_number_and_its_name(typed: str) -> None:
    assert finds(a_view(own_number_name="Zentrale"), typed)


@pytest.mark.parametrize("typed", ["Köln", "koeln", "koln", "Cologne", "Köln 0221 4710", "0221 köln"])
def test_by_the_place_and_by_several_words_at_once(typed: str) -> None:
    assert finds(a_view(COLOGNE), typed)


@pytest.mark.parametrize(
    "typed",
    ["Meyer", "Müller Meyer", "Müller 0222", "MüllerBäckerei", "0222", "+43", "4710124", "+49 221 4710124",
     "0123 4710 221", "GmbH Jörg x", "47101230"],
)  # fmt: skip
def test_not_by_what_it_does_not_have(typed: str) -> None:
    assert not finds(a_view(person("Jörg Müller", "Bäckerei Müller GmbH")), typed)


def test_a_suppressed_number_is_found_by_no_digits() -> None:
    assert not finds(a_view(number=None, own_number=""), "0")


def test_what_was_found_out_later_is_found_at_the_next_search() -> None:
    search, before, after = Search(HEIDELBERG), a_view(), a_view(person("Anna Schmidt"))
    assert list(search.find([before], "Anna")) == []
    assert list(search.find([after], "Anna")) == [after]


@given(spellings())
def test_a_whole_number_is_found_in_every_spelling_that_people_use(spelling: tuple[str, str, Any]) -> None:
    e164, written, place = spelling
    view = a_view(number=e164)
    assert list(Search(place).find([view], written)) == [view]


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_is_too_odd_and_a_name_is_found_by_itself(name: str, typed: str) -> None:
    view = a_view(person(name))
    list(Search(HEIDELBERG).find([view], typed))
    assert finds(view, name)
