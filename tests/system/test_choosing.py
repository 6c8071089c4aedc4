"""A person chooses in the browser which of two it was: on the running system, from the ring to the record in Limbas."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.system.office import SERVICES, Office
from tests.waiting import eventually
from tests.web.event_source import EventSource

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

SCHROEDERS = "06990009330"
"""Two people of the sample business: records 20 and 21."""


@pytest.fixture
def running(office: Office) -> Office:
    """Everything runs, with the contacts read."""
    for service in SERVICES:
        office.start(service)
    office.box.wait_for_client(timeout=30)
    read = office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr
    eventually(lambda: is_ready(office), within=30)
    return office


def is_ready(office: Office) -> bool:
    """Whether the web service is."""
    try:
        return requests.get(f"http://127.0.0.1:{office.web_port}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False


def ask(office: Office, method: str, path: str, body: object = None) -> Any:
    """The API's answer."""
    answer = requests.request(
        method,
        f"http://127.0.0.1:{office.web_port}/api{path}",
        json=body,
        headers={"Authorization": f"Bearer {office.token}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def record(office: Office) -> dict[str, Any]:
    """The newest call's record in Limbas."""
    rows = requests.get(f"{office.limbas.url}/_simulator/records/ANRUFE", timeout=5).json()
    return {**rows[-1]["fields"], **rows[-1]["links"]} if rows else {}


def test_it_is_seen_by_all_linked_in_limbas_and_known_on_the_next_call(running: Office) -> None:
    office = running
    with (
        EventSource(office.web_port, office.token, timeout=20) as one,
        EventSource(office.web_port, office.token, timeout=20) as another,
    ):
        for browser in (one, another):
            browser.next("snapshot")
        office.says(f"RING;0;{SCHROEDERS};4710100;SIP0;")
        unsure = one.next("contact.resolved").data
        assert [each["name"] for each in unsure["candidates"]] == ["Helga Schröder", "Horst Schröder"]
        another.next("contact.resolved")
        eventually(lambda: record(office).get("KONTAKT_NAME") == "Helga Schröder / Horst Schröder", within=15)
        assert record(office)["KUNDE"] == []

        horst = unsure["candidates"][1]
        choice = {"table": horst["table"], "record_id": horst["record_id"]}
        chosen = ask(office, "POST", f"/calls/{unsure['call_id']}/contact", choice)

        assert [each["name"] for each in chosen["contact"]["candidates"]] == ["Horst Schröder"]
        for browser in (one, another):
            told = browser.next("contact.resolved").data
            assert (told["call_id"], told["sure"]) == (unsure["call_id"], True)
            assert [(each["name"], each["match"]) for each in told["candidates"]] == [("Horst Schröder", "pinned")]
        eventually(lambda: record(office)["KUNDE"] == [21], within=15)
        eventually(lambda: record(office)["KONTAKT_NAME"] == "Horst Schröder", within=15)

        office.says("DISCONNECT;0;0;")
        eventually(lambda: record(office)["STATUS"] == "missed", within=15)
        assert record(office)["KUNDE"] == [21]
        one.next("call.ended")
        office.says(f"RING;1;{SCHROEDERS};4710100;SIP0;")
        again = one.next("contact.resolved").data
    assert again["call_id"] != unsure["call_id"]
    assert (again["sure"], [(each["name"], each["match"]) for each in again["candidates"]]) == (
        True,
        [("Horst Schröder", "pinned")],
    )
    eventually(lambda: len(ask(office, "POST", "/calls/search", {"q": "069 90009-330"})["calls"]) == 2)
    eventually(lambda: record(office)["STATUS"] == "ringing" and record(office)["KUNDE"] == [21], within=15)
