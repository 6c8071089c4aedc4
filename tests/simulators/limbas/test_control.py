"""The control face, by which tests and trials in other processes look at Limbas and change it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.limbas.client import CALLS, CONTACTS, Client, query


def test_contacts_are_added_changed_and_deleted(limbas: Client) -> None:
    new = limbas.simulator("POST", "records/KUNDEN", {"NAME": "Neumann", "TELEFON": "030 23125 999"}).json()["id"]
    assert limbas.rows(CONTACTS, {2: {0: "Neumann"}}, showfields="2,5") == {new: {2: "Neumann", 5: "030 23125 999"}}
    limbas.simulator("PATCH", f"records/KUNDEN/{new}", {"TELEFON": "", "MOBIL": "0171 3920099"})
    assert limbas.rows(CONTACTS, {2: {0: "Neumann"}}, showfields="5,6") == {new: {5: "", 6: "0171 3920099"}}
    limbas.simulator("DELETE", f"records/KUNDEN/{new}")
    assert limbas.rows(CONTACTS, {2: {0: "Neumann"}}) == {}


def test_what_limbas_holds_is_shown_whole(limbas: Client) -> None:
    limbas.insert({2: "x", 7: "2026-11-22 18:00:01", 10: "5"})
    limbas.simulator("PATCH", "records/ANRUFE/1", {"KUNDE": [7, 9]})
    [record] = limbas.simulator("GET", "records/ANRUFE").json()
    assert (record["id"], record["links"]) == (1, {"KUNDE": [7, 9]})
    assert record["fields"] == {
        **dict.fromkeys(
            ("RICHTUNG", "RUFNUMMER", "EIGENE_NUMMER", "NEBENSTELLE", "VERBUNDEN", "ENDE", "STATUS", "KONTAKT_NAME")
        ),
        "ID": 1,
        "CALLID": "x",
        "BEGINN": "2026-11-22 18:00:01",
        "DAUER": 5,
    }


def test_links_that_a_person_makes_replace_those_there_were(limbas: Client) -> None:
    limbas.simulator("POST", "records/ANRUFE", {"CALLID": "x", "KUNDE": [7]})
    limbas.simulator("PATCH", "records/ANRUFE/1", {"KUNDE": [9]})
    linked = limbas.do(query(CALLS, showfields="13") | {CONTACTS: {"showfields": "1"}})[0]["fresult"][CALLS][1][13]
    assert linked == {CONTACTS: {9: {1: "9"}}}


def test_requests_logins_and_actions_are_counted(limbas: Client) -> None:
    limbas.insert({2: "a"}, {2: "b"})
    limbas.do({"getvars": ["gtab"]})
    Client(limbas.url, "callmonitor", "wrong").send({})
    assert limbas.simulator("GET", "counters").json() == {
        "requests": 3,
        "logins": 1,
        "refused_logins": 1,
        "actions": {"gtab_new": 2, "schema": 1},
    }
    limbas.simulator("DELETE", "counters")
    counted = limbas.simulator("GET", "counters").json()
    assert counted == {"requests": 0, "logins": 0, "refused_logins": 0, "actions": {}}


def test_the_schema_can_be_changed_for_sessions_to_come(limbas: Client) -> None:
    assert limbas.simulator("GET", "schema").json()["ANRUFE"]["CALLID"] == {
        "id": 2,
        "kind": "TEXT",
        "size": 64,
        "unique": False,
    }
    limbas.simulator("PATCH", "schema/ANRUFE/CALLID", {"unique": True, "size": 32, "name": "CALL"})
    limbas.simulator("PATCH", "schema/ANRUFE/DAUER", {"kind": "TEXT"})
    limbas.simulator("DELETE", "schema/ANRUFE/STATUS")
    limbas.simulator("DELETE", "schema/TELTEST")
    schema = limbas.do({"getvars": ["gtab", "gfield"]})
    fields = schema["gfield"][CALLS]
    assert (fields["unique"], fields["size"][2], fields["argresult_name"]["CALL"]) == ({2: True}, 32, 2)
    assert (fields["field_type"][10], fields["data_type"][10]) == (1, 1)
    assert "STATUS" not in fields["argresult_name"]
    assert "TELTEST" not in schema["gtab"]["argresult_id"]
    limbas.simulator("DELETE", "schema/KUNDEN")
    limbas.http.cookies.clear()
    assert "KUNDEN" not in limbas.do({"getvars": ["gtab", "gfield"]})["gtab"]["argresult_id"]
    limbas.insert({2: "x"})
    assert limbas.rows(CALLS, showfields="2,13") == {1: {2: "x", 13: None}}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "", None, 404, "There are only records, counters, faults, sessions, users, schema."),
        ("GET", "nonsense", None, 404, "There are only"),
        ("GET", "records/NOTHING", None, 404, "There is no table NOTHING, only KUNDEN, ANRUFE, TELTEST."),
        ("GET", "records", None, 405, "This is not how the control face is asked"),
        ("PUT", "counters", None, 405, "This is not how"),
        ("POST", "sessions", None, 405, "This is not how"),
        ("POST", "faults", None, 405, "This is not how"),
        ("GET", "users/leser", None, 405, "This is not how"),
        ("PUT", "schema/ANRUFE", None, 405, "This is not how"),
        ("PATCH", "records/ANRUFE/1", {}, 404, "ANRUFE has no record 1."),
        ("DELETE", "records/ANRUFE/x", None, 400, "x is no record id."),
        ("POST", "records/KUNDEN", [], 400, "The body has to be a JSON object."),
        ("POST", "records/KUNDEN", {"STRASSE": "x"}, 400, "KUNDEN has no field STRASSE that can be set."),
        ("POST", "records/KUNDEN", {"ID": 5}, 400, "KUNDEN has no field ID that can be set."),
        ("POST", "records/KUNDEN", {"TELEFON": "0" * 51}, 400, "The value for TELEFON does not fit."),
        ("POST", "records/ANRUFE", {"KUNDE": [999]}, 400, "There is no record 999 for KUNDE to lead to."),
        ("POST", "records/ANRUFE", {"KUNDE": "7"}, 400, "KUNDE has to be a list of record ids."),
        ("PUT", "faults/earthquake", {}, 404, "There is no fault earthquake, only down, slow,"),
        ("PUT", "faults/slow", {"seconds": "long"}, 400, "seconds: Input should be a valid number"),
        ("PUT", "faults/slow", {"probability": 2}, 400, "probability: Input should be less than or equal to 1."),
        ("PUT", "users/leser", {"name": "x"}, 400, "name: Extra inputs are not permitted."),
        ("PATCH", "schema/ANRUFE/NOTHING", {}, 404, "ANRUFE has no field NOTHING."),
        ("PATCH", "schema/ANRUFE/CALLID", {"size": 0}, 400, "size: Input should be greater than or equal to 1."),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_a_sentence(
    limbas: Client, method: str, path: str, body: Any, status: int, says: str
) -> None:
    response = limbas.simulator(method, path, body)
    assert response.status_code == status
    assert says in response.json()["error"]
    assert limbas.simulator("GET", "records/ANRUFE").json() == []


def test_a_body_that_is_no_json_is_answered_with_a_sentence(limbas: Client) -> None:
    for body in (b"\xff{", b"[" * 100_000, b'{"x": ' + b"9" * 5000 + b"}"):
        response = limbas.http.post(f"{limbas.url}/_simulator/records/KUNDEN", data=body, timeout=5)
        assert (response.status_code, response.json()) == (400, {"error": "The body has to be a JSON object."})


def test_half_a_character_does_no_harm(limbas: Client) -> None:
    assert limbas.simulator("POST", "records/KUNDEN", {"NAME": "\ud83d"}).ok
    assert limbas.simulator("GET", "records/KUNDEN").json()[-1]["fields"]["NAME"] == "\ud83d"
    assert limbas.rows(CONTACTS, {1: {0: "34"}}) == {34: {1: "34", 2: "?"}}
    assert "34: ?" in limbas.http.get(f"{limbas.url}/main.php?action=gtab_change&gtabid=4&ID=34", timeout=5).text
