"""A whole office on a primary that Sentinels watch: when it dies, the services go on with its replica."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import STREAM
from tests.scaling.sentinels import Watched
from tests.scaling.traffic import Traffic
from tests.system.browser import Browser
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

PATIENCE: Final = 60.0
MUELLER = "03023125100"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    watched.start()
    yield watched
    watched.stop()


@pytest.fixture
def office(watched: Watched, tmp_path: Path) -> Iterator[Office]:
    """Everything runs."""
    office = Office(tmp_path, watched)
    with office.limbas, office.box:
        for service in SERVICES:
            office.start(service)
        office.box.wait_for_client(timeout=30)
        yield office
    office.close()


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    browser = Browser(office)
    eventually(lambda: browser.position, PATIENCE)
    yield browser
    browser.leave()


def test_calls_go_on_with_the_replica_when_the_primary_dies_and_what_the_replica_had_not_got_is_told_again(
    watched: Watched, office: Office, browser: Browser
) -> None:
    primary, replica = watched.servers
    office.says(f"RING;77;{MUELLER};4710100;SIP0;")
    eventually(lambda: office.records().get("+493023125100", {}).get("KUNDE") == [1], PATIENCE)

    with Traffic(office) as traffic:
        traffic.wait_for_more()
        watched.cut_off_replica()
        traffic.wait_for_more()
        eventually(lambda: primary.redis.xlen(STREAM) > replica.redis.xlen(STREAM) + 5, PATIENCE)
        primary.kill()
        eventually(lambda: watched.primary() is replica, PATIENCE)
        traffic.wait_for_more()
    office.says("DISCONNECT;77;0;")

    eventually(traffic.is_recorded, PATIENCE)
    eventually(lambda: traffic.is_shown(browser), PATIENCE)
    eventually(lambda: office.records()["+493023125100"]["STATUS"] == "missed", PATIENCE)
    assert office.callmonitor("jobs", "list").returncode == 0, "the queue has moved, too"
