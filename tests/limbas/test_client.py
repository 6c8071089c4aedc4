"""Reading and writing records, against the simulated Limbas."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from shared.limbas import errors
from shared.limbas.actions import MOST_ACTIONS, Delete, Insert, Inserted, Link, Refused, Result, Sent, Unlink, Update
from shared.limbas.client import MOST_VALUES, Limbas
from shared.limbas.query import Compare
from shared.limbas.values import Value
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.tables import CALLS, CONTACTS
from tests.limbas.conftest import Clock, settings


def ids(results: list[Result]) -> list[int]:
    assert all(isinstance(result, Inserted) for result in results)
    return [result.id for result in results if isinstance(result, Inserted)]


def calls(simulator: LimbasSimulator) -> dict[str, int]:
    """The records of the calls table: call id → record id."""
    return {str(values.get(2)): record_id for record_id, values in simulator.store.records(CALLS)}


def asked(simulator: LimbasSimulator) -> dict[str, int]:
    """How often what was asked of the simulator, apart from the schema."""
    counted = dict(simulator.endpoint.counters.actions)
    counted.pop("schema", None)
    return counted


# Reading


@pytest.mark.parametrize("page_size", [1, 4, 16, 31, 32, 500])
def test_all_rows_come_in_pages_ordered_by_id(simulator: LimbasSimulator, limbas: Limbas, page_size: int) -> None:
    stored = [record_id for record_id, _ in simulator.store.records(CONTACTS)]
    pages = list(limbas.rows("KUNDEN", ["NAME", "TELEFON"], page_size=page_size))
    assert [row.id for page in pages for row in page] == stored
    assert all(len(page) == page_size for page in pages[:-1])
    assert asked(simulator)["gtab_erg"] == len(pages)


def test_texts_come_as_they_are_and_not_as_html(limbas: Limbas) -> None:
    rows = [row for page in limbas.rows("KUNDEN", ["NAME", "FIRMA"]) for row in page]
    assert {"O'Connor", "Weiß", '<script>alert("Anruf")</script>'} <= {row.values["NAME"] for row in rows}
    assert {"O'Connor & Daughters", 'Fischer <Consulting> "IT"'} <= {row.values["FIRMA"] for row in rows}


def test_rows_that_come_and_go_meanwhile_neither_hide_nor_double_others(
    simulator: LimbasSimulator, limbas: Limbas
) -> None:
    stored = [record_id for record_id, _ in simulator.store.records(CONTACTS)]
    pages = limbas.rows("KUNDEN", ["NAME"], page_size=10)
    seen = [row.id for row in next(pages)]
    simulator.store.delete(CONTACTS, stored[0])
    simulator.store.delete(CONTACTS, stored[10])
    new = simulator.store.insert(CONTACTS)
    seen += [row.id for page in pages for row in page]
    assert seen == stored[:10] + stored[11:] + [new]


def test_an_empty_table_has_no_page(limbas: Limbas) -> None:
    assert list(limbas.rows("ANRUFE", ["CALLID"])) == []


def test_names_are_found_in_whatever_case(limbas: Limbas) -> None:
    [row] = limbas.find("kunden", ["Firma"], "name", ["Meyer"])
    assert row.values == {"Firma": "Meyer Sanitär", "name": "Meyer"}


@pytest.mark.parametrize(("table", "field"), [("KEINE", "NAME"), ("KUNDEN", "KEIN_FELD")])
def test_a_name_that_limbas_lacks_is_said(limbas: Limbas, table: str, field: str) -> None:
    for ask in (lambda: list(limbas.rows(table, [field])), lambda: limbas.find(table, [], field, ["x"])):
        with pytest.raises(errors.SchemaLacks, match="KEIN"):
            ask()


def test_many_values_are_found_in_one_request(simulator: LimbasSimulator, limbas: Limbas) -> None:
    wanted = [f"call-{number}" for number in range(MOST_VALUES)]
    for start in range(0, MOST_VALUES, MOST_ACTIONS):
        limbas.write([Insert("ANRUFE", {"CALLID": call_id}) for call_id in wanted[start : start + MOST_ACTIONS]])
    simulator.endpoint.counters.reset()
    rows = limbas.find("ANRUFE", ["CALLID"], "CALLID", [*wanted[:60], "no such call"])
    assert [row.values["CALLID"] for row in rows] == wanted[:60]
    assert asked(simulator) == {"gtab_erg": 1}


def test_more_values_than_fit_a_request_are_found_all_the_same(limbas: Limbas) -> None:
    wanted = [f"call-{number}" for number in range(MOST_VALUES + 50)]
    for start in range(0, len(wanted), MOST_ACTIONS):
        limbas.write([Insert("ANRUFE", {"CALLID": call_id}) for call_id in wanted[start : start + MOST_ACTIONS]])
    assert len(limbas.find("ANRUFE", [], "CALLID", wanted)) == len(wanted)


def test_what_limbas_finds_too_much_is_left_out(limbas: Limbas) -> None:
    """Limbas does not mind case, and takes `_` and `%` for anything."""
    limbas.write([Insert("ANRUFE", {"CALLID": call_id}) for call_id in ("box_1", "box-1", "BOX_1", "100%", "100 Euro")])
    for call_id in ("box_1", "BOX_1", "100%"):
        assert [row.values["CALLID"] for row in limbas.find("ANRUFE", [], "CALLID", [call_id])] == [call_id]


def test_a_wildcard_that_meets_more_rows_than_a_page_hides_none(
    simulator: LimbasSimulator, limbas: Limbas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.limbas.client.PAGE_SIZE", 3)
    limbas.write([Insert("ANRUFE", {"CALLID": call_id}) for call_id in [*(f"box-{n}" for n in range(8)), "box__"]])
    assert [row.values["CALLID"] for row in limbas.find("ANRUFE", [], "CALLID", ["box__"])] == ["box__"]
    assert asked(simulator)["gtab_erg"] > 1


def test_records_are_found_by_their_ids(limbas: Limbas) -> None:
    first, second, third = ids(limbas.write([Insert("ANRUFE", {"CALLID": f"call-{n}"}) for n in range(3)]))
    rows = limbas.find("ANRUFE", ["CALLID"], "ID", [third, first, 999999])
    assert [(row.id, row.values["CALLID"]) for row in rows] == [(first, "call-0"), (third, "call-2")]
    assert second not in {row.id for row in rows}


def test_a_value_longer_than_its_field_is_in_no_record(simulator: LimbasSimulator, limbas: Limbas) -> None:
    assert limbas.find("ANRUFE", [], "NEBENSTELLE", ["x" * 21, "ü" * 11]) == []
    assert asked(simulator) == {}


@pytest.mark.parametrize("value", ["", "  ", "#NULL#", "!=call", "! call", "IS NULL", "call\x00", "\ud800"])
def test_a_value_that_limbas_takes_for_a_command_is_not_sent(
    simulator: LimbasSimulator, limbas: Limbas, value: str
) -> None:
    with pytest.raises(ValueError, match="cannot look for"):
        limbas.find("ANRUFE", [], "CALLID", ["call", value])
    assert limbas.search("KUNDEN", ["NAME"], "NAME", value) == []
    assert "gtab_erg" not in asked(simulator)


def test_people_search_by_parts_and_beginnings(limbas: Limbas) -> None:
    parts = limbas.search("KUNDEN", ["NAME"], "FIRMA", "schmidt")
    assert [row.values["NAME"] for row in parts] == ["", "Schmidt", "Schmidt"]
    beginnings = limbas.search("KUNDEN", ["NAME"], "NAME", "Sch", Compare.STARTS_WITH)
    assert {row.values["NAME"] for row in beginnings} == {"Schmidt", "Schäfer", "Schröder"}
    assert len(limbas.search("KUNDEN", ["NAME"], "TELEFON", "0", limit=7)) == 7


# Writing


def test_a_call_is_written_and_read_back(simulator: LimbasSimulator, limbas: Limbas) -> None:
    written: dict[str, Value] = {
        "CALLID": "fritzbox-1",
        "RUFNUMMER": "+4930231250",
        "BEGINN": datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC),
        "ENDE": None,
        "DAUER": 0,
        "KONTAKT_NAME": 'Łukasz O\'Brien <b>李</b> ☎ "q" \\ %',
    }
    [record] = ids(limbas.write([Insert("ANRUFE", written, links={"KUNDE": 3})]))
    [row] = limbas.find("ANRUFE", [*written, "KUNDE"], "CALLID", ["fritzbox-1"])
    assert row.id == record
    assert row.values["BEGINN"] == "22.11.2026 18:00", "in the zone of the office"
    assert row.values["DAUER"] == "0"
    assert row.values["KONTAKT_NAME"] == written["KONTAKT_NAME"]
    assert row.links == {"KUNDE": frozenset({3})}
    assert limbas.differences("ANRUFE", written, row) == []
    assert asked(simulator) == {"gtab_new": 1, "gtab_erg": 1}


def test_a_batch_is_one_request_and_every_action_has_its_result(simulator: LimbasSimulator, limbas: Limbas) -> None:
    first, second = ids(limbas.write([Insert("ANRUFE", {"CALLID": "a"}), Insert("ANRUFE", {"CALLID": "b"})]))
    limbas.write([Link("ANRUFE", first, "KUNDE", 3)])
    simulator.endpoint.counters.reset()
    results = limbas.write(
        [
            Update("ANRUFE", first, {"STATUS": "missed", "KONTAKT_NAME": None}),
            Link("ANRUFE", first, "KUNDE", 3),  # linked already
            Link("ANRUFE", second, "KUNDE", 4),
            Insert("ANRUFE", {"CALLID": "c"}, links={"KUNDE": 5}),
            Update("ANRUFE", second, {"DAUER": "no number"}),
            Unlink("ANRUFE", first, "KUNDE", 3),
            Delete("ANRUFE", second),
        ]
    )
    assert [type(result) for result in results] == [Sent, Refused, Sent, Inserted, Refused, Sent, Sent]
    assert [type(result.error) for result in results if isinstance(result, Refused)] == [
        errors.ErrorReported,
        errors.DoesNotFit,
    ]
    assert simulator.endpoint.counters.requests == 1
    rows = limbas.find("ANRUFE", ["STATUS", "KUNDE"], "CALLID", ["a", "b", "c"])
    assert [(row.values["CALLID"], row.values["STATUS"], set(row.links["KUNDE"])) for row in rows] == [
        ("a", "missed", set()),
        ("c", "", {5}),
    ]


def test_fifty_actions_go_into_one_request_and_links_of_new_records_find_theirs(
    simulator: LimbasSimulator, limbas: Limbas
) -> None:
    limbas.write([Insert("ANRUFE", {"CALLID": f"call-{n}"}, links={"KUNDE": n % 30 + 1}) for n in range(MOST_ACTIONS)])
    assert simulator.endpoint.counters.actions["gtab_new"] == MOST_ACTIONS
    rows = limbas.find("ANRUFE", ["KUNDE"], "CALLID", [f"call-{n}" for n in range(MOST_ACTIONS)])
    assert [row.links["KUNDE"] for row in rows] == [frozenset({n % 30 + 1}) for n in range(MOST_ACTIONS)]


def test_more_actions_than_limbas_counts_are_not_sent(simulator: LimbasSimulator, limbas: Limbas) -> None:
    with pytest.raises(ValueError, match="50"):
        limbas.write([Insert("ANRUFE", {"CALLID": str(n)}) for n in range(MOST_ACTIONS + 1)])
    assert simulator.endpoint.counters.requests == 0


def test_nothing_to_write_is_no_request(simulator: LimbasSimulator, limbas: Limbas) -> None:
    assert limbas.write([]) == []
    [refused] = limbas.write([Insert("ANRUFE", {"DAUER": "no number"})])
    assert isinstance(refused, Refused)
    assert asked(simulator) == {}


def test_a_missing_field_stops_the_whole_batch_before_it_is_sent(simulator: LimbasSimulator, limbas: Limbas) -> None:
    with pytest.raises(errors.SchemaLacks, match="KEIN_FELD"):
        limbas.write([Insert("ANRUFE", {"CALLID": "a"}), Insert("ANRUFE", {"KEIN_FELD": "b"})])
    assert calls(simulator) == {}


@pytest.mark.parametrize("relation", ["KEINE", "STATUS"])
def test_a_link_needs_a_relation(limbas: Limbas, relation: str) -> None:
    with pytest.raises(errors.SchemaLacks):
        limbas.write([Link("ANRUFE", 1, relation, 3)])


def test_too_long_a_text_is_cut_and_the_log_says_so_without_it(limbas: Limbas) -> None:
    """Limbas would store nothing at all (recordings 24, 25), and it counts bytes."""
    long = "Schröder" * 30
    with capture_logs() as logs:
        limbas.write([Insert("ANRUFE", {"CALLID": "a", "KONTAKT_NAME": long})])
        [row] = limbas.find("ANRUFE", ["KONTAKT_NAME"], "CALLID", ["a"])
        assert limbas.differences("ANRUFE", {"KONTAKT_NAME": long}, row) == []
    assert row.values["KONTAKT_NAME"] == long[:142]
    assert len(long[:142].encode()) == 160
    assert [(entry["event"], entry["field"]) for entry in logs] == [
        ("text cut to the size of its Limbas field", "KONTAKT_NAME")
    ]
    assert "Schröder" not in str(logs)


def test_a_user_who_may_only_read_is_told_so_and_nothing_is_sent(simulator: LimbasSimulator) -> None:
    with Limbas(settings(simulator.url, limbas_user="leser")) as reader:
        assert reader.find("KUNDEN", ["NAME"], "NAME", ["Meyer"])
        for action in (
            Insert("ANRUFE", {"CALLID": "a"}),
            Update("ANRUFE", 1, {"CALLID": "a"}),
            Link("ANRUFE", 1, "KUNDE", 3),
            Unlink("ANRUFE", 1, "KUNDE", 3),
            Delete("ANRUFE", 1),
        ):
            [result] = reader.write([action])
            assert isinstance(result, Refused)
            assert type(result.error) is errors.NotAllowed
    assert asked(simulator) == {"gtab_erg": 1}


def test_a_right_that_somebody_grants_counts_without_a_restart(simulator: LimbasSimulator, clock: Clock) -> None:
    user = simulator.sessions.user("leser")
    assert user
    with Limbas(settings(simulator.url, limbas_user="leser"), clock) as limbas:
        assert isinstance(limbas.write([Insert("ANRUFE", {"CALLID": "a"})])[0], Refused)
        simulator.sessions.set_user(replace(user, may_write=True))
        assert isinstance(limbas.write([Insert("ANRUFE", {"CALLID": "a"})])[0], Inserted)


def test_a_changed_record_shows_its_differences(limbas: Limbas) -> None:
    begun = datetime(2026, 11, 22, 17, 0, 59, tzinfo=UTC)
    [record] = ids(limbas.write([Insert("ANRUFE", {"CALLID": "a", "BEGINN": begun, "DAUER": 81, "STATUS": "ringing"})]))
    [row] = limbas.find("ANRUFE", ["BEGINN", "DAUER", "STATUS"], "ID", [record])
    assert (
        limbas.differences("ANRUFE", {"BEGINN": begun.replace(second=3), "DAUER": 81, "STATUS": "ringing"}, row) == []
    )
    newer: dict[str, Value] = {"BEGINN": begun.replace(minute=1), "DAUER": 82, "STATUS": None}
    assert limbas.differences("ANRUFE", newer, row) == ["BEGINN", "DAUER", "STATUS"]
