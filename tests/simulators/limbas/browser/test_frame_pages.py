"""`main.php` in the main frame: records as forms, lists, searches."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.limbas.browser.forms import parse
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS
from tests.simulators.limbas.browser.conftest import LogIn

HOSTILE = 29
MEYER = 8


@pytest.fixture
def store(limbas_in_browser: LimbasSimulator) -> Store:
    return limbas_in_browser.store


def found(page: str) -> list[int]:
    """The records in a list."""
    return [int(number) for number in re.findall(rf"gtabid={CONTACTS.id}&amp;ID=(\d+)\"", page)]


def test_a_records_fields_are_called_as_limbas_calls_them(log_in: LogIn) -> None:
    page = log_in().at(f"main.php?action=gtab_change&gtabid=4&ID={MEYER}")
    assert 'name="g_4_2" value="Meyer"' in page
    assert 'name="g_4_5" value="069-90009100"' in page


def test_markup_in_a_name_stays_text(log_in: LogIn) -> None:
    person = log_in()
    for path in (f"main.php?action=gtab_change&gtabid=4&ID={HOSTILE}", "main.php?action=gtab_erg&gtabid=4"):
        page = person.at(path)
        assert "<script>alert" not in page
        assert '<script>alert("Anruf")</script>' in unescape(page)


def test_a_mere_visit_to_gtab_neu_creates_a_record(log_in: LogIn, store: Store) -> None:
    before = len(store.records(CONTACTS))
    assert f'name="ID" value="{before + 1}"' in log_in().at("main.php?action=gtab_neu&gtabid=4")
    assert len(store.records(CONTACTS)) == before + 1


def test_who_may_not_write_creates_nothing(limbas_in_browser: LimbasSimulator, log_in: LogIn) -> None:
    person = log_in("leser")
    before = len(limbas_in_browser.store.records(CONTACTS))
    assert person.get(f"{person.url}/main.php?action=gtab_neu&gtabid=4", timeout=10).status_code == 404
    assert len(limbas_in_browser.store.records(CONTACTS)) == before


def save(store: Store, log_in: LogIn, user: str = "anna", **values: str) -> object:
    """Save a record's form. Returns the phone number that stands in the record then."""
    form = {"action": "gtab_change", "gtabid": "4", "ID": str(MEYER), **values}
    log_in(user).at("main.php", form)
    return (store.record(CONTACTS, MEYER) or {}).get(5)


def test_only_the_fields_that_the_form_says_were_changed_are_saved(log_in: LogIn, store: Store) -> None:
    number = "030 23125 123"
    assert save(store, log_in, g_4_5=number, history_fields="") == "069-90009100"
    assert save(store, log_in, g_4_5=number, history_fields=f"4,2,{MEYER};5,5,{MEYER};4,5,9;4,99,{MEYER};x") != number
    assert save(store, log_in, user="leser", g_4_5=number, history_fields=f"4,5,{MEYER};") != number
    assert save(store, log_in, g_4_5="1" * 60, history_fields=f"4,5,{MEYER};") == "069-90009100"
    assert save(store, log_in, g_4_5=number, history_fields=f"4,5,{MEYER};") == number


def test_the_search_form_finds_a_pattern_in_any_of_several_fields(log_in: LogIn) -> None:
    form = {"action": "gtab_erg", "gtabid": "4", "gs[4][andor]": "2"}
    for field in ("5", "6"):
        form |= {f"gs[4][{field}][0]": "1%71%39%20002", f"gs[4][{field}][txt][0]": "1"}
    assert found(log_in().at("main.php", form)) == [3]


def test_a_list_without_a_search_is_all_of_the_table(log_in: LogIn, store: Store) -> None:
    assert len(found(log_in().at("main.php?action=gtab_erg&gtabid=4"))) == len(store.records(CONTACTS))


def test_a_record_shows_the_calls_linked_to_it(log_in: LogIn, store: Store) -> None:
    call = store.insert(CALLS)
    relation = next(CALLS.relations())
    store.link(CALLS, relation, call, MEYER)
    person = log_in()
    assert f"gtabid=5&amp;ID={call}" in person.at(f"main.php?action=gtab_deterg&gtabid=4&ID={MEYER}")
    assert f"gtabid=4&amp;ID={MEYER}" in person.at(f"main.php?action=gtab_change&gtabid=5&ID={call}")


@pytest.mark.parametrize(
    "path",
    ["main.php?action=dance", "main.php?action=gtab_erg&gtabid=99", "main.php?action=gtab_change&gtabid=4&ID=999"],
)
def test_what_is_not_there_is_a_404(log_in: LogIn, path: str) -> None:
    person = log_in()
    assert person.get(f"{person.url}/{path}", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1&b=%C3%BC+x", {"a": "1", "b": "ü x"}),
        (
            "gs[4][5][0]=030&gs[4][5][txt][0]=1&gs[4][andor]=2",
            {"gs": {4: {5: {0: "030", "txt": {0: "1"}}, "andor": "2"}}},
        ),
        ("a[]=x&a[]=y", {"a": {0: "x", 1: "y"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
    ],
)
def test_forms_are_read_as_php_reads_them(text: str, expected: dict[str, object]) -> None:
    assert parse(text) == expected


@given(st.text(st.sampled_from("ab[]=&%0129+"), max_size=60))
def test_no_form_is_too_strange_to_be_read(text: str) -> None:
    assert isinstance(parse(text), dict)
