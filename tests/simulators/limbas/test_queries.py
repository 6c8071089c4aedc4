"""Searching, beyond what the recordings show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.limbas.search import candidates, condition
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.store import Store
from simulators.limbas.tables import CONTACTS as CONTACTS_TABLE
from tests.simulators.limbas.client import CALLS, CONTACTS, Client, decoded, link, query

CONTAINS, EQUALS, STARTS, ENDS = 1, 2, 3, 5
ALL = 33
"""Contacts in the sample business."""


def found(wanted: dict[Any, Any], **record: str) -> bool:
    """Whether a contact meets a condition."""
    ids = {field.name: field.id for field in CONTACTS_TABLE.fields}
    return condition(CONTACTS_TABLE, wanted)({ids[name]: text for name, text in record.items()})


@pytest.mark.parametrize(
    ("how", "value", "matches"),
    [
        (CONTAINS, "mid", True),
        (CONTAINS, "", True),
        (CONTAINS, "x", False),
        (EQUALS, "schmidt", True),
        (EQUALS, "Schmid", False),
        (STARTS, "SCH", True),
        (STARTS, "midt", False),
        (ENDS, "idt", True),
        (ENDS, "Sch", False),
        (EQUALS, "S%t", True),
        (EQUALS, "S_hmidt", True),
        (EQUALS, "S_midt", False),
        (EQUALS, "S\\%t", False),
        (EQUALS, "  Schmidt", True),
        (EQUALS, "!=Schmidt", False),
        (EQUALS, "! Meyer", True),
        (EQUALS, "%", True),
        (EQUALS, "%%", True),
        (EQUALS, "s%h%d_", True),
        (EQUALS, "%h%h%", False),
        (EQUALS, "S%hmidt%t", False),
        (EQUALS, "_%_%_%_%_%_%_", True),
    ],
)
def test_texts_are_compared_like_sql_does_it(how: int, value: str, matches: bool) -> None:
    assert found({2: {0: value, "txt": {0: how}}}, NAME="Schmidt") is matches


@given(pattern=st.text("ab%_", max_size=8), text=st.text("ab", min_size=1, max_size=8))
def test_wildcards_mean_what_a_plain_regular_expression_says(pattern: str, text: str) -> None:
    plain = re.fullmatch(pattern.replace("%", ".*").replace("_", "."), text)
    if pattern:
        assert found({2: {0: pattern, "txt": {0: EQUALS}}}, NAME=text) is (plain is not None)


def test_no_pattern_makes_the_search_slow() -> None:
    assert not found({2: {0: "%a" * 39 + "c", "txt": {0: EQUALS}}}, NAME="a" * 79 + "b")


def test_only_ascii_letters_are_the_same_in_both_cases() -> None:
    assert found({2: {0: "MÜLLER", "txt": {0: EQUALS}}}, NAME="MüLLER") is False
    assert found({2: {0: "mÜller", "txt": {0: EQUALS}}}, NAME="MÜLLER") is True


@given(text=st.text(max_size=20).filter(lambda text: text == text.lstrip() and "\n" not in text and text[:1] != "!"))
def test_every_text_is_found_by_itself_once_wildcards_are_escaped(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    assert found({2: {0: escaped, "txt": {0: EQUALS}}}, NAME=text)


VALUES = st.sampled_from(["a", "A", "b", "ä", "1", "2", "2.0", "", "%", "a%", "a_", " a", "!a", ">1", "x" * 81])
HOW = st.fixed_dictionaries({}, optional={0: st.sampled_from([1, 2, 3]), 1: st.sampled_from([1, 2, 3])})
FIELD = st.fixed_dictionaries({0: VALUES}, optional={1: VALUES, "txt": HOW, "num": HOW, "andor": HOW})


@given(
    wanted=st.fixed_dictionaries({}, optional={1: FIELD, 2: FIELD, 3: FIELD, "andor": st.sampled_from([1, 2])}),
    records=st.lists(st.fixed_dictionaries({}, optional={2: VALUES, 3: VALUES}), max_size=6),
)
def test_looking_up_finds_what_looking_through_all_finds(wanted: dict[Any, Any], records: list[dict[int, str]]) -> None:
    store = Store()
    for values in records:
        store.write(CONTACTS_TABLE, store.insert(CONTACTS_TABLE), values)
    met = condition(CONTACTS_TABLE, wanted)
    if equal := candidates(CONTACTS_TABLE, wanted):
        looked_up = [record for record in store.having(CONTACTS_TABLE, *equal) if met(record[1])]
        assert looked_up == [record for record in store.records(CONTACTS_TABLE) if met(record[1])]


def test_fields_are_joined_by_and_values_by_what_they_say() -> None:
    both = {2: {0: "Schmidt"}, 3: {0: "Anna"}}
    assert found(both, NAME="Schmidt", VORNAME="Anna")
    assert not found(both, NAME="Schmidt", VORNAME="Bernd")
    assert found({**both, "andor": 2}, NAME="Schmidt", VORNAME="Bernd")
    assert not found({2: {0: "Schm", 1: "Meyer"}}, NAME="Schmidt")
    assert found({2: {0: "Schm", 1: "Meyer", "andor": {1: 2}}}, NAME="Schmidt")
    assert found({2: {0: "x", 1: "Schm", 2: "idt", "andor": {1: 2}}}, NAME="Schmidt")


@pytest.mark.parametrize(
    "wanted",
    [{2: {0: ""}}, {2: {0: "x" * 81}}, {2: {0: "ü" * 41}}, {99: {0: "x"}}, {0: {0: "x"}}, {1: {0: "abc"}}],
    ids=["empty", "longer than the field", "more bytes than the field", "no such field", "no field", "no number"],
)
def test_a_condition_that_limbas_does_not_understand_finds_everything(limbas: Client, wanted: dict[Any, Any]) -> None:
    assert limbas.do(query(CONTACTS, wanted))[0]["result"]["res_count"] == {CONTACTS: ALL}


@pytest.mark.parametrize(("how", "count"), [(1, 1), (2, 28), (3, 4), (4, 5), (5, 29), (6, 32), (None, 1)], ids=str)
def test_numbers_are_compared(limbas: Client, how: int | None, count: int) -> None:
    wanted = {1: {0: "5", "num": {0: how} if how else {}}}
    assert len(limbas.rows(CONTACTS, wanted, count=99)) == count


def test_numbers_have_a_shorthand(limbas: Client) -> None:
    assert len(limbas.rows(CONTACTS, {1: {0: ">=30"}}, count=99)) == 4


def test_dates_are_compared_with_their_seconds(limbas: Client) -> None:
    limbas.insert({7: "2026-11-22 18:00:01"}, {7: "2026-11-22 18:00:02"}, {2: "without"})
    after = {7: {0: "2026-11-22 18:00:01", "num": {0: 2}}}
    assert list(limbas.rows(CALLS, after, count=9)) == [2]
    assert list(limbas.rows(CALLS, {7: {0: "2026-11-23", "num": {0: 3}}}, count=9)) == [1, 2]


def test_without_a_count_come_15_rows(limbas: Client) -> None:
    answer = limbas.do(query(CONTACTS))[0]
    assert answer["result"]["res_count"] == {CONTACTS: ALL}
    assert len(answer["fresult"][CONTACTS]) == 15
    assert len(limbas.rows(CONTACTS, nolimit=1)) == 15


def test_a_count_sticks_to_the_session_and_the_table(limbas: Client, simulator: LimbasSimulator) -> None:
    assert len(limbas.rows(CONTACTS, count=20)) == 20
    assert len(limbas.rows(CONTACTS)) == 20
    assert len(limbas.rows(CONTACTS, res_next=2)) == ALL - 20
    assert len(Client(simulator.url).rows(CONTACTS)) == 15
    limbas.insert(*({2: f"call {number}"} for number in range(17)))
    assert len(limbas.rows(CALLS)) == 15
    assert len(limbas.rows(CONTACTS, nolimit=1)) == 15  # recordings 08 and 09
    limbas.http.cookies.clear()
    assert len(limbas.rows(CONTACTS)) == 15


def test_rows_are_sorted_as_asked(limbas: Client) -> None:
    limbas.insert({2: "b"}, {2: "A"}, {2: "B", 10: "5"}, {10: "7"})
    assert list(limbas.rows(order="2,ASC", count=9)) == [2, 1, 3, 4]
    assert list(limbas.rows(order="10,DESC", count=9)) == [1, 2, 4, 3]
    assert list(limbas.rows(order=["2,ASC", "1,DESC"], count=9)) == [2, 3, 1, 4]
    assert list(limbas.rows(order="2,SIDEWAYS", count=9)) == [1, 2, 3, 4]


def test_text_is_html_encoded_unless_numeric_ids_say_noencode(limbas: Client) -> None:
    fischer = {2: {0: "Fischer"}}
    assert limbas.rows(CONTACTS, fischer, showfields="4")[10] == {4: "Fischer &lt;Consulting&gt; &quot;IT&quot;"}
    assert limbas.rows(CONTACTS, fischer, showfields="4", noencode=1)[10] == {4: 'Fischer <Consulting> "IT"'}
    named = {
        "use_noids": 1,
        0: {
            "getvars": ["fresult"],
            "action": "gtab_erg",
            "gtabid": "#KUNDEN",
            "gsr": {"#KUNDEN": {"*NAME": {0: "Ö"}}},
            "#KUNDEN": {"showfields": "*NAME,*VORNAME", "noencode": 1},
        },
    }
    rows = limbas.ask(named)[0]["fresult"]["#KUNDEN"]
    assert rows[6] == {"*NAME": "&Ouml;zdemir", "*VORNAME": "Ay\u015fe"}


def test_what_was_never_written_is_empty_and_an_empty_date_is_false_where_html_is_encoded(limbas: Client) -> None:
    [record] = limbas.insert({2: "x"})
    shown = "2,3,7,10"
    assert limbas.rows(CALLS, showfields=shown)[record] == {2: "x", 3: "", 7: False, 10: ""}
    assert limbas.rows(CALLS, showfields=shown, noencode=1)[record] == {2: "x", 3: "", 7: "", 10: ""}


def test_seconds_are_kept_and_not_shown(limbas: Client) -> None:
    [record] = limbas.insert({7: "2026-11-22 18:00:59"})
    assert limbas.row(record)[7] == "22.11.2026 18:00"
    assert limbas.simulator("GET", "records/ANRUFE").json()[0]["fields"]["BEGINN"] == "2026-11-22 18:00:59"


def test_linked_contacts_come_nested_in_the_order_of_linking(limbas: Client) -> None:
    [record] = limbas.insert({2: "x", **link("new_0", add="9,7")})
    action = query(CALLS, showfields="2,13", noencode=1) | {CONTACTS: {"showfields": "2", "noencode": 1}}
    linked = limbas.do(action)[0]["fresult"][CALLS][record][13]
    assert linked == {CONTACTS: {9: {2: "Huber"}, 7: {2: "Özdemir"}}}
    assert list(linked[CONTACTS]) == [9, 7]
    one = limbas.do(action | {CONTACTS: {"showfields": "2", "count": 1}})[0]["fresult"][CALLS][record][13]
    assert one == {CONTACTS: {9: {2: "Huber"}}}


def test_a_row_with_nothing_to_show_is_left_out(limbas: Client) -> None:
    limbas.insert({2: "not linked"}, {2: "linked", **link("new_1", add="9")})
    answer = limbas.do(query(CALLS, showfields="13") | {CONTACTS: {"showfields": "2"}})[0]
    assert answer["result"]["res_count"] == {CALLS: 2}
    assert answer["fresult"] == {CALLS: {2: {13: {CONTACTS: {9: {2: "Huber"}}}}}}


def test_a_relation_alone_shows_the_names_and_breaks_where_text_is_not_encoded(limbas: Client) -> None:
    limbas.insert({2: "linked", **link("new_0", add="9")}, {2: "not linked"})
    rows = limbas.rows(CALLS, showfields="13")
    assert rows == {1: {13: {9: "Huber"}}, 2: {13: None}}
    response = limbas.send({0: query(CALLS, showfields="13", noencode=1)})
    assert response.status_code == 500
    assert "html_entity_decode()" in response.text


def test_a_query_without_columns_only_counts(limbas: Client) -> None:
    answer = limbas.do(query(CONTACTS, showfields=""))[0]
    assert answer == {
        "result": {name: {CONTACTS: value} for name, value in (("res_count", ALL), ("max_count", ALL), ("page", None))},
        "fresult": None,
    }


def test_the_session_block_names_the_user(limbas: Client) -> None:
    session = decoded(limbas.send({}))["session"]
    assert {key: session[key] for key in ("username", "user_id", "group_id", "vorname", "name", "maxresult")} == {
        "username": "callmonitor",
        "user_id": 2,
        "group_id": 2,
        "vorname": "Call",
        "name": "Monitor",
        "maxresult": "15",
    }
    assert session["s_id"] == limbas.http.cookies["LMB_SESS_ID"]
