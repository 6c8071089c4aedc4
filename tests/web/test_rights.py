"""Which calls a token opens, and which of them are its holder's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.rights import EVERYTHING, CallFilter, Rights
from shared.boxes import Place
from shared.events import Call, Extension, ExtensionKind
from tests.shared.making import a_call

PLACES = {"office": Place(area_code="069"), "kanzlei": Place(area_code="0221")}


def a_filter(*, mine: bool = False, calls: str = "own", **rights: Any) -> CallFilter:
    return CallFilter(Rights.parse({"calls": calls, **rights}), mine, lambda box: PLACES.get(box, Place()))


def phone(code: int) -> Extension:
    return Extension(code=code, kind=ExtensionKind.DECT, name=f"DECT {code}")


def called(own_number: str, box: str = "office") -> Call:
    return a_call(own_number=own_number, box=box)


def goes_through(call_filter: CallFilter, call: Call) -> bool:
    return call_filter.passes(call, [call.extension.code] if call.extension else [])


@pytest.mark.parametrize("written", ["069 90009-0", "+49 69 900090", "0049 (69) 900090", "900090", "(0)69 90009 0"])
@pytest.mark.parametrize("sent", ["900090", "069900090", "+4969900090"])
def test_an_own_number_is_the_same_however_it_is_written(written: str, sent: str) -> None:
    assert goes_through(a_filter(own_numbers=[written]), called(sent))


def test_a_number_without_an_area_code_is_one_where_the_box_is() -> None:
    cologne = a_filter(own_numbers=["0221 4710123"])
    assert goes_through(cologne, called("4710123", "kanzlei"))
    assert not goes_through(cologne, called("4710123", "office"))


@pytest.mark.parametrize("sent", ["12", "sipgate-1", "(12)"])
def test_what_is_no_number_of_the_outside_world_counts_as_it_is_written(sent: str) -> None:
    assert goes_through(a_filter(own_numbers=[sent]), called(sent))


@pytest.mark.parametrize(
    ("mine", "sent"),
    [("sipgate1", "1"), ("1", "sipgate1"), ("12", "123"), ("069 900090", "069 900091"), ("-", ""), ("()", "-")],
)
def test_another_number_is_another_number(mine: str, sent: str) -> None:
    assert not goes_through(a_filter(own_numbers=[mine]), called(sent))


def test_a_phone_counts_at_any_box_or_at_the_one_that_is_named() -> None:
    at_office, at_kanzlei = (a_call(box=box, extension=phone(10)) for box in ("office", "kanzlei"))
    anywhere, there = a_filter(extensions=["10"]), a_filter(extensions=["kanzlei/10"])
    assert [goes_through(anywhere, at_office), goes_through(anywhere, at_kanzlei)] == [True, True]
    assert [goes_through(there, at_office), goes_through(there, at_kanzlei)] == [False, True]
    assert not goes_through(a_filter(extensions=["1"]), at_office)


def test_a_call_counts_for_each_phone_that_took_part() -> None:
    call = a_call(extension=phone(11))
    assert a_filter(extensions=["10"]).passes(call, [10, 11])
    assert not a_filter(extensions=["12"]).passes(call, [10, 11])


def test_a_call_that_no_phone_has_taken_yet_is_nobodys_by_phone() -> None:
    assert not goes_through(a_filter(extensions=["0", "10"]), a_call(extension=None))


def test_who_may_see_everything_may_ask_for_the_own_calls_only() -> None:
    other, own = called("900091"), called("900090")
    both = a_filter(calls="all", own_numbers=["069 900090"])
    assert [goes_through(both, other), goes_through(both, own)] == [True, True]
    narrowed = a_filter(calls="all", own_numbers=["069 900090"], mine=True)
    assert [goes_through(narrowed, other), goes_through(narrowed, own)] == [False, True]


def test_who_names_nothing_as_the_own_has_no_calls_of_the_own() -> None:
    assert not goes_through(a_filter(), a_call())
    assert not goes_through(a_filter(calls="all", mine=True), a_call())
    assert not EVERYTHING.name_own


@given(own_numbers=st.lists(st.text(min_size=1, max_size=20)), sent=st.text(max_size=20), code=st.integers(0, 99))
def test_whatever_a_token_names_asking_for_less_never_gives_more(own_numbers: list[str], sent: str, code: int) -> None:
    named = [number for number in own_numbers if number.strip()]
    rights: dict[str, Any] = {"own_numbers": named, "extensions": ["10"]}
    call = a_call(own_number=sent, extension=phone(code))
    own = goes_through(a_filter(**rights), call)
    assert goes_through(a_filter(calls="all", **rights), call)
    assert goes_through(a_filter(calls="all", mine=True, **rights), call) == own
    assert goes_through(a_filter(mine=True, **rights), call) == own
