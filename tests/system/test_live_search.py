"""A new contact in Limbas, on the running system: the next call finds it, and no sync has been."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.office import Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

STRANGER = "+493023125777"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box:
        for service in ("ingest", "matcher", "logger", "jobs"):
            office.start(service)
        office.box.wait_for_client(timeout=30)
        yield office
    office.close()


def test_a_contact_that_was_just_created_is_found_and_linked_on_the_next_call(office: Office) -> None:
    read = office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr
    made = office.new_contact(NAME="Wolf", VORNAME="Ida", TELEFON="Tel. 030 / 23 12 57-77")

    office.says("RING;0;03023125777;4710100;SIP0;")

    eventually(lambda: office.records().get(STRANGER, {}).get("KUNDE") == [made], within=15)
    assert office.records()[STRANGER]["KONTAKT_NAME"] == "Ida Wolf"
    who = office.callmonitor("contacts", "who", "03023125777")
    assert "Ida Wolf" in who.stdout, "the index knows it by now"
