"""Writing, and how little of it Limbas tells, beyond what the recordings show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.limbas.actions import NOT_LINKED
from simulators.limbas.server import USERS, LimbasSimulator
from tests.simulators.limbas.client import CALLS, CONTACTS, Client, change, link


@pytest.fixture
def call(limbas: Client) -> int:
    """A call that is there."""
    return limbas.insert({2: "call", 10: "5"})[0]


def links(limbas: Client, record_id: int) -> list[int]:
    records = limbas.simulator("GET", "records/ANRUFE").json()
    found: list[int] = next(record["links"]["KUNDE"] for record in records if record["id"] == record_id)
    return found


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (6, "x" * 20, "x" * 20),
        (6, "x" * 21, ""),
        (6, "ü" * 10, "ü" * 10),
        (6, "ü" * 11, ""),
        (12, "two\nlines", ""),
        (12, "one line\n", "one line"),
        (10, "81", "81"),
        (10, "-81", "-81"),
        (10, "soon", "0"),
        (10, "1.5", ""),
        (10, "12345678901", ""),
        (7, "2026-11-22 18:00:01", "22.11.2026 18:00"),
        (7, "2026-02-30 18:00:01", ""),
        (7, "2026-11-22T18:00:01+01:00", ""),
        (7, "2026-11-22 18:00", ""),
        (7, "22.11.2026 18:00:01", ""),
        (1, "99", "1"),
    ],
)
def test_what_does_not_fit_is_dropped_without_a_word(limbas: Client, field: int, value: str, stored: str) -> None:
    assert limbas.insert({2: "x", field: value}) == [1]
    assert limbas.row(1)[field] == stored


def test_a_new_record_cannot_be_given_a_zero(limbas: Client) -> None:
    [record] = limbas.insert({2: "x", 10: "0"})
    assert limbas.row(record)[10] == ""
    limbas.do(change({f"{CALLS},10,{record}": "0"}))
    assert limbas.row(record)[10] == "0"


def test_an_update_answers_false_only_if_nothing_of_it_fits(limbas: Client, call: int) -> None:
    too_long = {f"{CALLS},6,{call}": "x" * 21}
    assert limbas.do(change(too_long)) == {0: False}
    assert limbas.do(change({**too_long, f"{CALLS},11,{call}": "missed"})) == {0: True}
    assert limbas.do(change({f"{CALLS},99,{call}": "x", "nonsense": "x"})) == {0: True}
    assert limbas.row(call)[11] == "missed"


def test_one_update_changes_many_records(limbas: Client) -> None:
    first, second = limbas.insert({2: "a"}, {2: "b"})
    assert limbas.do(change({f"{CALLS},11,{first}": "one", f"{CALLS},11,{second}": "two"})) == {0: True}
    assert [limbas.row(first)[11], limbas.row(second)[11]] == ["one", "two"]


def test_numbers_and_dates_can_be_cleared(limbas: Client, call: int) -> None:
    limbas.do(change({f"{CALLS},7,{call}": "2026-11-22 18:00:01"}))
    limbas.do(change({f"{CALLS},7,{call}": "", f"{CALLS},10,{call}": ""}))
    assert [limbas.row(call)[field] for field in (7, 10)] == ["", ""]


def test_without_the_unique_mark_a_call_id_can_be_there_twice(limbas: Client) -> None:
    limbas.insert({2: "same"}, {2: "same"})
    assert len(limbas.rows(CALLS, {2: {0: "same", "txt": {0: 2}}})) == 2


def test_a_unique_value_that_is_taken_leaves_an_empty_record_and_reports_success(limbas: Client) -> None:
    limbas.simulator("PATCH", "schema/ANRUFE/CALLID", {"unique": True})
    assert limbas.insert({2: "same", 11: "first"}, {2: "same", 11: "second"}) == [1, 2]
    assert [limbas.row(2)[field] for field in (2, 11)] == ["", ""]


def test_a_unique_value_cannot_be_written_again_not_even_to_its_own_record(limbas: Client) -> None:
    limbas.simulator("PATCH", "schema/ANRUFE/CALLID", {"unique": True})
    [record] = limbas.insert({2: "x", 11: "ringing"})
    assert limbas.do(change({f"{CALLS},2,{record}": "x", f"{CALLS},11,{record}": "ended"})) == {0: False}
    assert limbas.row(record)[11] == "ringing"
    assert limbas.do(change({f"{CALLS},11,{record}": "ended"})) == {0: True}


def test_a_link_answers_null_and_after_an_update_in_the_same_request_true(limbas: Client, call: int) -> None:
    assert limbas.do(change(gnup=link(call, add="7"))) == {0: None}
    answer = limbas.do(change({f"{CALLS},11,{call}": "ended"}), change(gnup=link(call, add="9")))
    assert answer == {0: True, 1: True}
    assert links(limbas, call) == [7, 9]


def test_after_a_link_that_failed_all_further_links_answer_false_though_they_are_made(
    limbas: Client, call: int
) -> None:
    limbas.do(change(gnup=link(call, add="7")))
    answer = limbas.do(change(gnup=link(call, add="7")), change(gnup=link(call, add="9")))
    assert answer == {0: False, 1: False, "error": {0: {0: NOT_LINKED}}}
    assert links(limbas, call) == [7, 9]


def test_one_action_unlinks_and_links(limbas: Client, call: int) -> None:
    limbas.do(change(gnup=link(call, add="7")))
    assert limbas.do(change(gnup=link(call, add="9", remove="7"))) == {0: None}
    assert links(limbas, call) == [9]


def test_what_is_not_linked_can_be_unlinked(limbas: Client, call: int) -> None:
    assert limbas.do(change(gnup=link(call, remove="7"))) == {0: None}


def test_a_link_to_or_from_nothing_fails(limbas: Client, call: int) -> None:
    assert limbas.do(change(gnup=link(call, add="999"))) == {0: False, "error": {0: {0: NOT_LINKED}}}
    assert limbas.do(change(gnup=link(999, add="7"))) == {0: False, "error": {0: {0: NOT_LINKED}}}
    assert limbas.do(change(gnup=link("nobody", add="7"))) == {0: False}
    assert limbas.do(change(gnup={**link(call, add="7"), "verkn_fieldid": [12]})) == {0: False}


def test_a_link_that_is_partly_there_is_made_and_complained_of(limbas: Client, call: int) -> None:
    limbas.do(change(gnup=link(call, add="7")))
    assert limbas.do(change(gnup=link(call, add="7,9"))) == {0: None, "error": {0: {0: NOT_LINKED}}}
    assert links(limbas, call) == [7, 9]


def test_only_two_digits_of_a_new_id_are_read(limbas: Client) -> None:
    inserts = [{"action": "gtab_new", "gtabid": CALLS, "gnup": {2: f"call {number}"}} for number in range(101)]
    limbas.do(*inserts, change(gnup=link("new_100", add="7")))
    assert links(limbas, 101) == []
    assert links(limbas, 11) == [7]


def test_deleting_takes_the_links_along(limbas: Client, call: int) -> None:
    limbas.do(change(gnup=link(call, add="7,9")))
    assert limbas.do({"action": "gtab_delete", "gtabid": CONTACTS, "id": 7}) == {0: True}
    assert links(limbas, call) == [9]
    assert limbas.do({"action": "gtab_delete", "gtabid": CALLS, "id": call}) == {0: True}
    assert limbas.do({"action": "gtab_delete", "gtabid": CALLS, "id": call}) == {0: False}
    assert limbas.insert({2: "next"}) == [call + 1]
    assert links(limbas, call + 1) == []


def test_who_may_only_read_writes_nothing(limbas: Client, call: int) -> None:
    reader = Client(limbas.url, "leser")
    answer = reader.do(
        {"action": "gtab_new", "gtabid": CALLS, "gnup": {2: "x"}},
        change({f"{CALLS},11,{call}": "x"}, link(call, add="7")),
        {"action": "gtab_delete", "gtabid": CALLS, "id": call},
        {"action": "gtab_hide", "gtabid": CALLS, "id": call},
        {"action": "dance"},
    )
    assert answer == {2: False, 3: False}
    assert (reader.row(call)[11], links(limbas, call)) == ("", [])
    schema = reader.do({"getvars": ["gtab", "gfield"]})
    assert schema["gtab"]["add"][CALLS] == schema["gfield"][CALLS]["perm_edit"][2] == 0


def test_writing_at_once_from_many_threads_gives_each_record_an_id_of_its_own(limbas: Client) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def insert(number: int) -> list[int]:
        return Client(limbas.url).insert({2: f"{number} a"}, {2: f"{number} b"})

    with ThreadPoolExecutor(8) as pool:
        ids = [record_id for pair in pool.map(insert, range(24)) for record_id in pair]
    assert sorted(ids) == list(range(1, 49))


def test_without_the_menu_rights_nobody_writes_whatever_the_rights_to_the_table_are(
    simulator: LimbasSimulator, limbas: Client, call: int
) -> None:
    limbas.do(change(gnup=link(call, add="7")))
    simulator.sessions.set_user(replace(USERS[0], menu_rights=frozenset()))
    simulator.sessions.end_all()

    answer = limbas.do(
        {"getvars": ["perms"], "action": "gtab_new", "gtabid": CALLS},
        {"action": "gtab_delete", "gtabid": CALLS, "id": call},
        change(gnup=link(call, add="9")),
        change(gnup=link(call, remove="7")),
    )

    assert answer == {"perms": {}, 1: False, 2: False, 3: False}
    assert links(limbas, call) == [7]
