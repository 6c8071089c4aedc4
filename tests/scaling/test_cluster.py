"""Whole offices on a Redis Cluster: each event log is on one node, and the services follow it there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.scaling.cluster import Cluster
from tests.scaling.traffic import Traffic
from tests.system.browser import Browser
from tests.system.office import SERVICES, Office
from tests.valkey import Valkey
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

PATIENCE: Final = 60.0
BERLIN, HAMBURG = "berlin:events", "hamburg:events"
"""Two tenants, whose logs are on different nodes."""
MUELLER, SCHMIDT = "03023125100", "03023125201"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="module")
def office(cluster: Cluster, running_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Berlin's. Everything runs."""
    folder = tmp_path_factory.mktemp("berlin")
    office = Office(folder, cluster, EVENT_STREAM=BERLIN, QUEUE_REDIS_URL=running_valkey.url)
    with office.limbas, office.box:
        for service in SERVICES:
            office.start(service)
        office.box.wait_for_client(timeout=30)
        yield office
    office.close()


@pytest.fixture
def hamburg(cluster: Cluster, tmp_path: Path) -> Iterator[Office]:
    """The other tenant's office, in which what takes a call from the box to Limbas runs."""
    office = Office(tmp_path, cluster, EVENT_STREAM=HAMBURG)
    with office.limbas, office.box:
        office.start("ingest")
        office.start("logger")
        office.box.wait_for_client(timeout=30)
        yield office
        office.kill("ingest")
        office.kill("logger")


@pytest.fixture
def browser(office: Office) -> Iterator[Browser]:
    browser = Browser(office)
    eventually(lambda: browser.position, PATIENCE)
    yield browser
    browser.leave()


def test_a_ring_becomes_a_popup_and_a_linked_record(office: Office, browser: Browser) -> None:
    office.says(f"RING;0;{MUELLER};4710100;SIP0;")
    office.says("DISCONNECT;0;0;")

    eventually(lambda: office.records().get("+493023125100", {}).get("KUNDE") == [1], PATIENCE)
    eventually(lambda: browser.life(MUELLER) == ["call.ringing", "call.ended"], PATIENCE)
    eventually(lambda: browser.told(MUELLER) == {"contact.resolved", "call.recorded"}, PATIENCE)


def test_two_tenants_live_on_two_nodes_and_see_nothing_of_each_other(
    cluster: Cluster, office: Office, browser: Browser, hamburg: Office
) -> None:
    office.says(f"RING;1;{SCHMIDT};4710100;SIP0;")
    hamburg.says("RING;1;04066969100;4710100;SIP0;")
    eventually(lambda: "+494066969100" in hamburg.records() and "+493023125201" in office.records(), PATIENCE)
    eventually(lambda: browser.life(SCHMIDT), PATIENCE)
    office.says("DISCONNECT;1;0;")

    assert "+493023125201" not in hamburg.records()
    assert "+494066969100" not in office.records()
    assert not browser.life("04066969100")
    assert cluster.wait_for_holder(BERLIN) is not cluster.wait_for_holder(HAMBURG)


def test_calls_go_on_while_the_log_moves_to_another_node_key_by_key(
    cluster: Cluster, office: Office, browser: Browser
) -> None:
    before = cluster.wait_for_holder(BERLIN)

    with Traffic(office) as traffic:
        traffic.wait_for_more()
        cluster.move(BERLIN, halfway=traffic.wait_for_more)
        traffic.wait_for_more()

    assert cluster.wait_for_holder(BERLIN) is not before
    eventually(traffic.is_recorded, PATIENCE)
    eventually(lambda: traffic.is_shown(browser), PATIENCE)


def test_calls_go_on_while_the_node_with_the_log_dies_and_its_replica_takes_over(
    cluster: Cluster, office: Office, browser: Browser
) -> None:
    before = cluster.wait_for_holder(BERLIN)

    with Traffic(office) as traffic:
        traffic.wait_for_more()
        before.kill()
        cluster.wait_for_holder(BERLIN, other_than=before)
        traffic.wait_for_more()

    eventually(traffic.is_recorded, PATIENCE)
    eventually(lambda: traffic.is_shown(browser), PATIENCE)
    before.start()
    eventually(lambda: before.is_in_step, PATIENCE)
