"""Backup and restore of Redis, step by step as docs/operations.md says, while the services run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.redis_client import connect
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

BEFORE, GOING_ON, LATER, MEANWHILE, AFTER = (f"0302312520{n}" for n in range(1, 6))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box:
        for service in SERVICES:
            office.start(service)
        office.box.wait_for_client(timeout=30)
        eventually(lambda: all('"started"' in office.log_of(service) for service in SERVICES), within=30)
        yield office
    office.close()


def statuses(office: Office) -> dict[str, list[str]]:
    """Of the records in Limbas, by number. (For a moment a call may have two: the newer one is deleted.)"""
    found: dict[str, list[str]] = {}
    for row in requests.get(f"{office.limbas.url}/_simulator/records/ANRUFE", timeout=5).json():
        fields = row["fields"]
        found.setdefault(fields["RUFNUMMER"].replace("+49", "0"), []).append(fields["STATUS"])
    return found


def kept_of(office: Office) -> Path:
    return office.valkey.folder / "appendonlydir"


def all_is_done(office: Office) -> bool:
    """Whether both groups have handled all events."""
    with connect(office.valkey.url) as redis:
        groups: Any = redis.xinfo_groups("callmonitor:events")
    return len(groups) == 2 and all(group["pending"] == group["lag"] == 0 for group in groups)


def test_everything_goes_on_from_the_backup_and_no_call_is_recorded_twice(office: Office, tmp_path: Path) -> None:
    office.says(f"RING;0;{BEFORE};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")
    office.says(f"RING;1;{GOING_ON};4710100;SIP0;")
    eventually(lambda: statuses(office) == {BEFORE: ["missed"], GOING_ON: ["ringing"]}, within=30)

    office.valkey.stop()
    shutil.copytree(kept_of(office), tmp_path / "backup")
    office.valkey.start()

    office.says(f"RING;0;{LATER};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")
    eventually(lambda: statuses(office).get(LATER) == ["missed"], within=30)

    office.valkey.stop()
    shutil.rmtree(kept_of(office))
    shutil.copytree(tmp_path / "backup", kept_of(office))
    office.says(f"RING;0;{MEANWHILE};4710100;SIP0;")
    office.valkey.start()
    office.says("DISCONNECT;1;0;")
    office.says("DISCONNECT;0;0;")
    office.says(f"RING;2;{AFTER};4710100;SIP0;")

    expected = {number: ["missed"] for number in (BEFORE, GOING_ON, LATER, MEANWHILE)} | {AFTER: ["ringing"]}
    eventually(lambda: statuses(office) == expected, within=60)
    eventually(lambda: all_is_done(office), within=30)
    assert statuses(office) == expected


def test_an_empty_redis_costs_what_is_over_and_nothing_that_is_going_on(office: Office) -> None:
    office.says(f"RING;0;{BEFORE};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")
    office.says(f"RING;1;{GOING_ON};4710100;SIP0;")
    eventually(lambda: statuses(office) == {BEFORE: ["missed"], GOING_ON: ["ringing"]}, within=30)

    office.valkey.stop()
    shutil.rmtree(kept_of(office))
    office.valkey.start()
    office.says("DISCONNECT;1;0;")
    office.says(f"RING;0;{AFTER};4710100;SIP0;")

    expected = {BEFORE: ["missed"], GOING_ON: ["missed"], AFTER: ["ringing"]}
    eventually(lambda: statuses(office) == expected, within=60)
    eventually(lambda: all_is_done(office), within=30)
    assert statuses(office) == expected
