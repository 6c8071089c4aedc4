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

PLACES = {"office": Place(area_code="069"), "kanzlei": Place(area_code="030")}


def a_filter(*, mine: bool = False, calls: str = "own", **rights: Any) -> CallFilter:
    return CallFilter(Rights.parse({"calls": calls, **rights}), mine, lambda box: PLACES.get(box, Place()))


def phone(code: int) -> Extension:
    return Extension(code=code, kind=ExtensionKind.DECT, name=f"DECT {code}")


def called(own_number: str, box: str = "office") -> Call:
    return a_call(own_number=own_number, box=box)


@pytest.mark.parametrize("written", ["069 90009-0", "+49 69 900090", "0049 (69) 900090", "900090", "(0)69 90009 0"])
@pytest.mark.parametrize("sent", ["900090", "069900090", "+4969900090"])
def test_an_own_number_is_the_same_however_it_is_written(written: str, sent: str) -> None:
    assert a_filter(own_numbers=[written]).passes(called(sent))


def test_a_number_without_an_area_code_is_one_where_the_box_is() -> None:
    berlin = a_filter(own_numbers=["030 900090"])
    assert berlin.passes(called("900090", "kanzlei"))
    assert not berlin.passes(called("900090", "office"))


@pytest.mark.parametrize("sent", ["12", "sipgate-1", "(12)"])
def test_what_is_no_number_of_the_outside_world_counts_as_it_is_written(sent: str) -> None:
    assert a_filter(own_numbers=[sent]).passes(called(sent))


@pytest.mark.parametrize(
    ("mine", "sent"),
    [("sipgate1", "1"), ("1", "sipgate1"), ("12", "123"), ("069 900090", "069 900091"), ("-", ""), ("()", "-")],
)
def test_another_number_is_another_number(mine: str, sent: str) -> None:
    assert not a_filter(own_numbers=[mine]).passes(called(sent))


def test_a_phone_counts_at_any_box_or_at_the_one_that_is_named() -> None:
    at_office, at_kanzlei = (a_call(box=box, extension=phone(10)) for box in ("office", "kanzlei"))
    anywhere, there = a_filter(extensions=["10"]), a_filter(extensions=["kanzlei/10"])
    assert [anywhere.passes(at_office), anywhere.passes(at_kanzlei)] == [True, True]
    assert [there.passes(at_office), there.passes(at_kanzlei)] == [False, True]
    assert not a_filter(extensions=["1"]).passes(at_office)


def test_a_call_that_no_phone_has_taken_yet_is_nobodys_by_phone() -> None:
    assert not a_filter(extensions=["0", "10"]).passes(a_call(extension=None))


def test_who_may_see_everything_may_ask_for_the_own_calls_only() -> None:
    other, own = called("900091"), called("900090")
    both = a_filter(calls="all", own_numbers=["069 900090"])
    assert [both.passes(other), both.passes(own)] == [True, True]
    narrowed = a_filter(calls="all", own_numbers=["069 900090"], mine=True)
    assert [narrowed.passes(other), narrowed.passes(own)] == [False, True]


def test_who_names_nothing_as_the_own_has_no_calls_of_the_own() -> None:
    assert not a_filter().passes(a_call())
    assert not a_filter(calls="all", mine=True).passes(a_call())
    assert not EVERYTHING.name_own


@given(own_numbers=st.lists(st.text(min_size=1, max_size=20)), sent=st.text(max_size=20), code=st.integers(0, 99))
def test_whatever_a_token_names_asking_for_less_never_gives_more(own_numbers: list[str], sent: str, code: int) -> None:
    named = [number for number in own_numbers if number.strip()]
    rights: dict[str, Any] = {"own_numbers": named, "extensions": ["10"]}
    call = a_call(own_number=sent, extension=phone(code))
    own = a_filter(**rights).passes(call)
    assert a_filter(calls="all", **rights).passes(call)
    assert a_filter(calls="all", mine=True, **rights).passes(call) == own
    assert a_filter(mine=True, **rights).passes(call) == own
