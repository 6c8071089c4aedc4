"""The five services as processes: started in any order, killed in the middle of calls, many workers at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system.browser import Browser
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

MUELLER, SCHMIDT = "03023125100", "03023125201"
"""Jörg Müller and Anna Schmidt of the sample business, records 1 and 3."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


@pytest.fixture
def running(office: Office) -> Iterator[Office]:
    """An office in which everything runs."""
    office.valkey.start()
    with office.limbas, office.box:
        for service in SERVICES:
            office.start(service)
        office.box.wait_for_client(timeout=30)
        yield office


@pytest.fixture
def browser(running: Office) -> Iterator[Browser]:
    browser = Browser(running)
    eventually(lambda: browser.position, within=15)
    yield browser
    browser.leave()


def test_a_line_from_the_box_becomes_a_popup_and_a_linked_record(running: Office, browser: Browser) -> None:
    running.says(f"RING;0;{MUELLER};4710100;SIP0;")
    eventually(lambda: running.records().get("+493023125100", {}).get("KUNDE") == [1])
    running.says(f"CONNECT;0;10;{MUELLER};")
    running.says("DISCONNECT;0;7;")
    eventually(lambda: running.records()["+493023125100"]["STATUS"] == "answered")
    eventually(lambda: browser.life(MUELLER) == ["call.ringing", "call.connected", "call.ended"])
    assert browser.told(MUELLER) == {"contact.resolved", "call.recorded"}
    assert running.records()["+493023125100"]["KONTAKT_NAME"] == "Jörg Müller"


def test_the_services_start_before_everything_else_and_stop_within_five_seconds(office: Office) -> None:
    for service in SERVICES:
        office.start(service)
    time.sleep(2)  # they have found that nothing is there, and go on looking
    with ExitStack() as stack:
        stack.enter_context(office.box)
        office.box.wait_for_client(timeout=30)
        office.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
        office.valkey.start()
        stack.enter_context(office.limbas)
        eventually(lambda: office.records().get("+493023125201", {}).get("KUNDE") == [3], within=45)
        assert office.stop() == {service: [0] for service in SERVICES}
    for service in SERVICES:
        assert "Traceback" not in office.log_of(service)


@pytest.mark.parametrize("service", SERVICES)
def test_killing_a_service_in_the_middle_of_a_call_loses_and_doubles_nothing(
    running: Office, browser: Browser, service: str
) -> None:
    running.says(f"RING;0;{MUELLER};4710100;SIP0;")
    eventually(lambda: browser.life(MUELLER))
    running.kill(service)
    running.start(service)
    if service == "ingest":
        running.box.wait_for_no_client(timeout=30)
        running.box.wait_for_client(timeout=30)
    running.says(f"CONNECT;0;10;{MUELLER};")
    running.says("DISCONNECT;0;7;")
    running.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
    running.says("DISCONNECT;0;0;")
    eventually(lambda: browser.life(MUELLER) == ["call.ringing", "call.connected", "call.ended"], within=20)
    eventually(lambda: browser.life(SCHMIDT) == ["call.ringing", "call.ended"])
    for number, status, contact in (("+493023125100", "answered", 1), ("+493023125201", "missed", 3)):
        eventually(lambda n=number, s=status: running.records().get(n, {}).get("STATUS") == s, within=30)  # type: ignore[misc]
        eventually(lambda n=number, c=contact: running.records()[n]["KUNDE"] == [c], within=30)  # type: ignore[misc]
    assert len(browser.life(MUELLER)) + len(browser.life(SCHMIDT)) == 5, "nothing came twice"


def test_five_hundred_calls_at_speed_with_many_workers_are_five_hundred_records(office: Office) -> None:
    office.valkey.start()
    with office.limbas, office.box:
        for service, workers in (("ingest", 1), ("jobs", 2), ("matcher", 3), ("logger", 2)):
            office.start(service, workers=workers)
        office.box.wait_for_client(timeout=30)
        linked = {f"+493023125{n}": [record] for n, record in ((100, 1), (200, 2), (201, 3), (202, 4))}
        for number in range(500):
            caller = f"030{2312510000 + number}" if number >= len(linked) else list(linked)[number].replace("+49", "0")
            office.says(f"RING;{number % 10};{caller};4710100;SIP0;")
            if number % 2:
                office.says(f"CONNECT;{number % 10};10;{caller};")
            office.says(f"DISCONNECT;{number % 10};{number % 2};")
        eventually(lambda: len(office.records()) == 500, within=60)
        eventually(lambda: all(r["STATUS"] in ("answered", "missed") for r in office.records().values()), within=60)
        eventually(lambda: {n: r["KUNDE"] for n, r in office.records().items() if r["KUNDE"]} == linked, within=30)
        statuses = [record["STATUS"] for record in office.records().values()]
        assert statuses.count("answered") == statuses.count("missed") == 250
        assert office.stop() == {"ingest": [0], "jobs": [0] * 2, "matcher": [0] * 3, "logger": [0] * 2}
