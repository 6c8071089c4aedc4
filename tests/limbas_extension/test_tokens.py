"""The token that Limbas' server side mints: what the event service reads in it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.web.rights import Rights, Scope
from services.web.tokens import Identity, verify
from tests.limbas_extension.in_limbas import ANNA, GROUPS, InLimbas
from tests.limbas_extension.limbas_folder import SECRET, configure

HOSTILE = ("O'Connor", 'a"b', "</script><img src=x onerror=alert(1)>", "<!--<script>", "Jörg Müller", "a\\b", "{count}")


def identity(in_limbas: InLimbas, session: Mapping[str, Any] = ANNA) -> Identity:
    return verify(SECRET, in_limbas.token(session)["token"])


def rights(in_limbas: InLimbas, session: Mapping[str, Any] = ANNA) -> Rights:
    return identity(in_limbas, session).rights


def everyone(in_limbas: InLimbas, **who_sees: Any) -> InLimbas:
    configure(in_limbas.limbas, secret=SECRET, who_sees=who_sees)
    return in_limbas


def test_the_event_service_takes_it_for_the_logged_in_user_and_for_an_hour(in_limbas: InLimbas) -> None:
    before = time.time()
    found = identity(in_limbas)
    assert found.user == "anna"
    assert before + 3599 <= found.expires_at <= time.time() + 3600


def test_it_says_that_it_is_signed_with_hs256(in_limbas: InLimbas) -> None:
    assert jwt.get_unverified_header(in_limbas.token()["token"]) == {"alg": "HS256", "typ": "JWT"}


def test_who_is_not_named_sees_everything_unless_the_configuration_says_otherwise(in_limbas: InLimbas) -> None:
    assert rights(in_limbas) == Rights(calls=Scope.ALL)
    assert rights(everyone(in_limbas, everyone="own")).calls is Scope.OWN


@pytest.mark.parametrize(
    ("phone", "own_numbers", "extensions"),
    [
        ("0221 4710101", {"0221 4710101"}, set()),
        ("+49 (0)221 / 4710-101, **610", {"+49 (0)221 / 4710-101"}, {"10"}),
        (" 4710101 ; kanzlei/20 , 11", {"4710101"}, {"kanzlei/20", "11"}),
        ("**1, **3, **600, **604, **619, **620, **629", set(), {"0", "2", "40", "44", "19", "20", "29"}),
        ("**9, **630, **, **6100, x, 12 a, ,;", set(), set()),
        ("Zimmer 12; Kanzlei/20", set(), set()),
        ("0" * 65, set(), set()),
        ("", set(), set()),
    ],
)
def test_own_numbers_and_phones_stand_in_the_users_field_for_the_phone(
    in_limbas: InLimbas, phone: str, own_numbers: set[str], extensions: set[str]
) -> None:
    expected = Rights(calls=Scope.ALL, own_numbers=frozenset(own_numbers), extensions=frozenset(extensions))
    assert rights(in_limbas, {**ANNA, "phone": phone}) == expected


def test_what_is_said_of_a_user_counts_before_the_phone_field(in_limbas: InLimbas) -> None:
    said = {"calls": "own", "own_numbers": ["0221 4710102"], "extensions": ["10", "kanzlei/20"]}
    found = rights(everyone(in_limbas, users={"anna": said}), {**ANNA, "phone": "0221 4710101"})
    assert found == Rights.model_validate(said)


def test_a_user_for_whom_only_the_scope_is_said_keeps_the_phone_field(in_limbas: InLimbas) -> None:
    found = rights(everyone(in_limbas, users={"anna": "own"}), {**ANNA, "phone": "0221 4710101"})
    assert found == Rights(calls=Scope.OWN, own_numbers=frozenset({"0221 4710101"}))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"Büro": "own"}, Scope.OWN),
        ({"Verkauf": "own"}, Scope.OWN),
        ({"Büro": "own", "Verkauf": "all"}, Scope.ALL),
        ({"Büro": "none", "Verkauf": "own"}, Scope.OWN),
        ({"Lager": "own"}, Scope.ALL),
    ],
)
def test_of_several_groups_the_one_counts_that_sees_most(
    in_limbas: InLimbas, groups: dict[str, str], expected: Scope
) -> None:
    assert rights(everyone(in_limbas, groups=groups)).calls is expected


def test_what_is_said_of_a_user_counts_before_the_groups(in_limbas: InLimbas) -> None:
    found = rights(everyone(in_limbas, everyone="none", groups={"Büro": "all"}, users={"anna": {"calls": "own"}}))
    assert found.calls is Scope.OWN


@pytest.mark.parametrize(
    "who_sees", [{"everyone": "none"}, {"groups": {"Büro": "none"}}, {"users": {"anna": {"calls": "none"}}}]
)
def test_who_is_to_see_nothing_gets_no_token_and_no_entry(in_limbas: InLimbas, who_sees: dict[str, Any]) -> None:
    everyone(in_limbas, **who_sees)
    assert in_limbas.token() == {"error": "Für Sie ist der Anrufmonitor nicht eingerichtet."}
    ran = in_limbas.sidebar()
    assert (ran.output, ran.complaints, ran.globals["elid"]) == ("", [], 3)
    assert in_limbas.preview().output == ""


@pytest.mark.parametrize(
    "session",
    [
        {},
        None,
        "nonsense",
        {"user_id": 0, "username": "anna"},
        {"user_id": 4, "username": ""},
        {"user_id": 4, "username": ["anna"]},
        {"username": "anna"},
    ],
)
def test_who_is_not_logged_in_gets_no_token(in_limbas: InLimbas, session: Any) -> None:
    assert in_limbas.token(session) == {"error": "The call monitor is not set up for you."}
    assert in_limbas.sidebar(session).output == ""


@pytest.mark.parametrize("groupdat", [None, "x", {}, {"name": "x"}, {"name": {7: ["x"]}}])
def test_a_limbas_without_groups_is_one_in_which_nobody_is_in_a_group(in_limbas: InLimbas, groupdat: Any) -> None:
    everyone(in_limbas, everyone="own", groups={"Büro": "all"})
    assert rights(replace(in_limbas, variables={"groupdat": groupdat})).calls is Scope.OWN


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_arrives_as_it_is_whatever_it_contains(in_limbas: InLimbas, name: str) -> None:
    assert identity(in_limbas, {**ANNA, "username": name}).user == name


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
    phone=st.text(st.sampled_from("0123456789 */,;+()-aä"), max_size=100),
    group=st.sampled_from([*GROUPS["name"].values(), "'; DROP TABLE --"]),
)
def test_whatever_people_write_into_a_user_there_is_a_good_token_or_none(
    in_limbas: InLimbas, name: str, phone: str, group: str
) -> None:
    session = {**ANNA, "username": name, "phone": phone}
    answer = replace(in_limbas, variables={"groupdat": {"name": {7: group}}}).token(session)
    if name.strip(" "):
        assert verify(SECRET, answer["token"]).user
    else:
        assert set(answer) == {"error"}


def test_a_name_that_is_no_utf_8_does_no_harm(in_limbas: InLimbas) -> None:
    """Limbas 5 can run in Latin-1. JSON cannot bring such a name to the harness, so a file of PHP does."""
    (in_limbas.limbas.extension / "ext_ajax.inc").write_bytes(
        (in_limbas.limbas.extension / "ext_ajax.inc").read_bytes() + b"\n$session['username'] = \"J\xf6rg\";\n"
    )
    assert identity(in_limbas).user == "J�rg"


def test_the_answer_is_json_that_no_browser_takes_for_a_page(in_limbas: InLimbas) -> None:
    text = json.dumps(in_limbas.token({**ANNA, "username": "<b>"}))
    assert "<" not in text
