"""Who is calling, on the running system: contacts that come late, people's corrections, and calls to look away from."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from shared.contacts.sync_state import Stage, SyncState
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

STRANGER, SCHROEDERS = "03023125777", "06990009330"
"""Nobody of the sample business, and two people of it: records 20 and 21."""


@pytest.fixture
def running(office: Office) -> Office:
    """An office in which everything but the page runs, with its contacts read."""
    for service in SERVICES:
        if service != "web":
            office.start(service)
    office.box.wait_for_client(timeout=30)
    read = office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr
    return office


def a_missed_call(office: Office, number: str) -> None:
    office.says(f"RING;0;{number};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")


def record(office: Office, number: str) -> dict[str, Any]:
    return office.records().get(number.replace("0", "+49", 1), {})


def test_a_call_of_a_stranger_is_linked_when_a_sync_brings_the_contact(running: Office) -> None:
    a_missed_call(running, STRANGER)
    eventually(lambda: record(running, STRANGER).get("STATUS") == "missed", within=15)
    assert (record(running, STRANGER)["KUNDE"], record(running, STRANGER)["KONTAKT_NAME"]) == ([], None)
    made = running.new_contact(NAME="Wolf", VORNAME="Ida", TELEFON="030/23125-777 (neu)")

    read = running.callmonitor("contacts", "sync")

    assert "somebody who was unknown before: 1." in read.stdout, read.stderr
    eventually(lambda: record(running, STRANGER)["KUNDE"] == [made], within=15)
    assert record(running, STRANGER)["KONTAKT_NAME"] == "Ida Wolf"
    assert record(running, STRANGER)["STATUS"] == "missed"
    who = running.callmonitor("contacts", "who", "030 23125777")
    assert (who.returncode, "Ida Wolf" in who.stdout) == (0, True)


def test_a_contact_that_was_just_made_is_found_on_its_first_call_without_a_sync(running: Office) -> None:
    made = running.new_contact(NAME="Wolf", VORNAME="Ida", MOBIL="030 23125 777")
    running.says(f"RING;0;{STRANGER};4710100;SIP0;")
    eventually(lambda: record(running, STRANGER).get("KUNDE") == [made], within=15)


def test_a_person_says_which_of_two_it_is_and_that_holds_for_past_and_coming_calls(running: Office) -> None:
    a_missed_call(running, SCHROEDERS)
    eventually(lambda: record(running, SCHROEDERS).get("STATUS") == "missed", within=15)
    assert record(running, SCHROEDERS)["KUNDE"] == []
    unsure = running.callmonitor("contacts", "who", SCHROEDERS)
    assert (unsure.returncode, unsure.stdout.count("Schröder")) == (1, 2)

    pinned = running.callmonitor("contacts", "pin", "069/90009-330", "kunden:21")

    assert pinned.stdout.splitlines()[0] == "+496990009330 is Horst Schröder from now on."
    eventually(lambda: record(running, SCHROEDERS)["KUNDE"] == [21], within=15)
    assert record(running, SCHROEDERS)["KONTAKT_NAME"] == "Horst Schröder"
    sure = running.callmonitor("contacts", "who", SCHROEDERS)
    assert (sure.returncode, "pinned by a person" in sure.stdout) == (0, True)
    assert "KUNDEN:21" in running.callmonitor("contacts", "pins").stdout
    assert running.callmonitor("contacts", "unpin", SCHROEDERS).returncode == 0
    assert running.callmonitor("contacts", "who", SCHROEDERS).returncode == 1
    assert running.callmonitor("contacts", "unpin", SCHROEDERS).returncode == 1


def test_what_is_no_number_can_be_looked_up_with_its_record_and_why(running: Office) -> None:
    made = running.new_contact(NAME="Wolf", TELEFON="bitte mailen")
    assert "contacts problems lists them" in running.callmonitor("contacts", "sync").stdout

    problems = running.callmonitor("contacts", "problems").stdout

    [line] = [line for line in problems.splitlines() if f"KUNDEN:{made}" in line]
    assert line.split("  ")[1:] == ["TELEFON", "bitte mailen", "there are no digits in it"]


def test_the_jobs_stop_in_the_middle_of_a_sync_and_leave_the_next_one_free(office: Office) -> None:
    requests.put(f"{office.limbas.url}/_simulator/faults/slow", json={"seconds": 20}, timeout=5).raise_for_status()
    with connect(office.valkey.url) as redis:
        state = SyncState(EventLog(redis, "callmonitor:events", 60))
        office.start("jobs", workers=2)
        eventually(lambda: state.progress() and office.log_of("jobs").count("started") == 2, within=15)

        assert office.stop() == {"jobs": [0, 0]}

        progress = state.progress()
        assert progress
        assert (progress.stage, progress.because) == (Stage.FAILED, "the jobs service was stopped")
        assert not state.running()
    assert "Traceback" not in office.log_of("jobs")
    assert "failed" not in office.log_of("jobs")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["pin", "17", "KUNDEN:1"], "17 is no telephone number of the outside world."),
        (["pin", STRANGER, "KUNDEN:999"], "The Limbas table KUNDEN has no record 999."),
        (["pin", STRANGER, "ARTIKEL:1"], "ARTIKEL is no table of contacts; these are: KUNDEN."),
        (["pin", STRANGER, "KUNDEN"], "'KUNDEN' is no record; write it as KUNDEN:17."),
        (["who", STRANGER], "The contacts have not been read from Limbas yet"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(office: Office, arguments: list[str], sentence: str) -> None:
    result = office.callmonitor("contacts", *arguments)
    assert result.returncode in (1, 2)
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_an_ignored_call_is_neither_shown_nor_recorded_even_if_ingest_restarts_in_its_middle(office: Office) -> None:
    office.configure('[ignore]\nnumbers = ["030 23125-777"]\nown_numbers = ["4710190"]\n')
    for service in ("ingest", "jobs", "matcher", "logger"):
        office.start(service)
    office.box.wait_for_client(timeout=30)
    office.says(f"RING;0;{STRANGER};4710100;SIP0;")
    office.says("RING;1;03023125100;4710190;SIP0;")
    office.says("RING;2;03023125201;4710100;SIP0;")
    eventually(lambda: list(office.records()) == ["+493023125201"], within=15)
    office.kill("ingest")
    office.start("ingest")
    office.box.wait_for_no_client(timeout=30)
    office.box.wait_for_client(timeout=30)
    for connection in (0, 1, 2):
        office.says(f"CONNECT;{connection};10;;")
        office.says(f"DISCONNECT;{connection};7;")
    eventually(lambda: office.records()["+493023125201"]["STATUS"] == "answered", within=15)
    assert list(office.records()) == ["+493023125201"]
    assert STRANGER[3:] not in office.log_of("ingest")
