"""`callmonitor forget` on the running system, with its own login at Redis: nothing of the person is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.contacts.phonebook import Phonebook
from shared.event_log import EventLog
from tests.guarded_valkey import STREAM, GuardedValkey
from tests.redis_dump import dump
from tests.system.office import SERVICES, Office
from tests.waiting import eventually
from tests.web.event_source import EventSource, Message

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

SCHMIDT, OTHER, STRANGER = "03023125201", "03023125100", "03023125777"
DIGITS = {number: number.removeprefix("0") for number in (SCHMIDT, OTHER, STRANGER)}


@pytest.fixture
def valkey(guarded_valkey: GuardedValkey) -> GuardedValkey:
    return guarded_valkey


@pytest.fixture
def office(guarded_office: Office) -> Office:
    """Everything runs, with its contacts read."""
    for service in SERVICES:
        guarded_office.start(service)
    guarded_office.box.wait_for_client(timeout=30)
    read = guarded_office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr
    return guarded_office


def missed_call(office: Office, number: str) -> None:
    office.says(f"RING;0;{number};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")
    e164 = number.replace("0", "+49", 1)
    eventually(lambda: (office.records().get(e164) or {}).get("STATUS") == "missed", within=20)


def holding(valkey: GuardedValkey, number: str) -> set[str]:
    """The keys that hold a number, in its own digits."""
    return {key for key, content in dump(valkey.observer).items() if DIGITS[number] in key + content}


def numbers_in(snapshot: Message) -> set[str]:
    return {view["call"]["remote"]["received"] for view in snapshot.data["calls"] if view["call"]}


def left_anywhere_else(log: EventLog) -> None:
    """What only happens when something goes wrong, or by hand."""
    entry: Any = log.redis.xadd(log.keys.stream, {"event": f"no event, but {SCHMIDT}"})
    log.bury("logger", entry.decode(), b"", "none of ours", 1)
    log.redis.xadd(log.keys.dead, {"group": "logger", "entry": "1-0", "event": f"noise of {SCHMIDT}", "reason": "odd"})
    log.quarantine("office", f"22.11.26 18:00:00;RING;{SCHMIDT}", "too few fields", "2026-11-22T18:00:00Z")
    log.quarantine("office", "22.11.26 18:00:00;RONG;0;+49 (0)30 23125-201;4710100;SIP0;", "no event", "2026")
    log.quarantine("office", f"22.11.26 18:00:00;RONG;0;{OTHER};4710100;SIP0;", "no event", "2026")
    Phonebook(log).replace("office", {"+493023125201": ["Anna"], "+493023125100": ["Jörg"]})
    Phonebook(log).merge(["office"])


def test_nothing_of_the_person_is_left_in_redis_or_on_a_page_and_others_stay(
    office: Office, valkey: GuardedValkey, tmp_path: Path
) -> None:
    log = EventLog(valkey.observer, STREAM, retention_seconds=7 * 24 * 3600)
    for number in (OTHER, SCHMIDT, SCHMIDT):
        missed_call(office, number)
    pinned = office.callmonitor("contacts", "pin", SCHMIDT, "KUNDEN:1")
    assert pinned.returncode == 0, pinned.stderr
    left_anywhere_else(log)
    beside = holding(valkey, OTHER)
    assert len(holding(valkey, SCHMIDT)) >= 8

    with EventSource(office.web_port, office.token, timeout=30) as page:
        assert numbers_in(page.next("snapshot")) == {OTHER, SCHMIDT}
        result = office.callmonitor("forget", "030 / 23125-201", "--yes")
        again = page.next("snapshot")

    assert result.returncode == 0, result.stderr
    assert numbers_in(again) == {OTHER}
    assert holding(valkey, SCHMIDT) == set()
    assert holding(valkey, OTHER) == beside
    assert valkey.refused() == []
    lines = result.stdout.splitlines()
    calls = sorted(row["ID"] for row in office.rows("ANRUFE") if row["RUFNUMMER"] == "+493023125201")
    assert f"  ANRUFE: {', '.join(map(str, calls))}" in lines
    assert "  KUNDEN: 3" in lines
    assert "Redis is writing its file on disk anew, without it." in lines
    files = tmp_path / "appendonlydir"
    eventually(lambda: not any(DIGITS[SCHMIDT].encode() in file.read_bytes() for file in files.iterdir()), within=20)


def test_a_page_that_was_asleep_meanwhile_forgets_when_it_comes_back(office: Office) -> None:
    missed_call(office, SCHMIDT)
    with EventSource(office.web_port, office.token, timeout=30) as page:
        position = page.next("snapshot").id
    assert office.callmonitor("forget", SCHMIDT, "--yes").returncode == 0

    def seen() -> set[str]:
        with EventSource(office.web_port, office.token, position, timeout=30) as page:
            return numbers_in(page.next("snapshot"))

    eventually(lambda: SCHMIDT not in seen(), within=20)


def test_a_call_that_waits_for_its_contact_is_forgotten_too(office: Office, valkey: GuardedValkey) -> None:
    missed_call(office, STRANGER)
    unknown = f"{{{STREAM}}}:unknown"
    eventually(lambda: unknown in holding(valkey, STRANGER), within=20)

    result = office.callmonitor("forget", STRANGER, "--yes")

    assert result.returncode == 0, result.stderr
    assert holding(valkey, STRANGER) == set()


def test_a_call_in_progress_stays_whole_until_it_has_ended(office: Office, valkey: GuardedValkey) -> None:
    office.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
    eventually(lambda: office.records(), within=20)
    before = valkey.observer.xlen(STREAM)

    result = office.callmonitor("forget", SCHMIDT, "--yes")

    assert result.returncode == 1
    assert "Calls that are in progress, of which nothing was erased: 1." in result.stdout
    assert valkey.observer.xlen(STREAM) >= before
    office.says("DISCONNECT;0;0;")
    eventually(lambda: not valkey.observer.exists(f"{{{STREAM}}}:active"), within=20)
    eventually(lambda: {row["STATUS"] for row in office.rows("ANRUFE")} == {"missed"}, within=20)
    assert office.callmonitor("forget", SCHMIDT, "--yes").returncode == 0
    assert holding(valkey, SCHMIDT) == set()


def test_an_event_that_nobody_has_handled_yet_is_not_handled_any_more(office: Office, valkey: GuardedValkey) -> None:
    """What it says is gone; that it was once delivered to a worker that died must trouble nobody."""
    office.kill("logger")
    log = EventLog(valkey.observer, STREAM, retention_seconds=7 * 24 * 3600)
    office.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")
    eventually(lambda: not log.present().events and len(log.read("0-0", count=10, block_seconds=0.1)) >= 3, within=20)
    log.redis.xreadgroup("logger", "worker that died", {STREAM: ">"})

    assert office.callmonitor("forget", SCHMIDT, "--yes").returncode == 0
    office.start("logger")
    missed_call(office, OTHER)

    assert [row["RUFNUMMER"] for row in office.rows("ANRUFE")] == ["+493023125100"]
    assert holding(valkey, SCHMIDT) == set()
