"""What docs/operations.md says of the running services is so: metrics, readiness, logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.guarded_valkey import GuardedValkey
from tests.operations_page import SERVICES, metrics, parts
from tests.system.office import Office
from tests.valkey import free_port
from tests.waiting import eventually
from tests.web.event_source import EventSource

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

SCHMIDT, STRANGER = "03023125201", "03023125777"
UNMASKED = re.compile(r"23125\d{3}|4710100")
"""The numbers of this office and its callers."""


class Watched:
    """An office in which something of everything has happened."""

    def __init__(self, office: Office, valkey: GuardedValkey) -> None:
        self.office = office
        self.valkey = valkey
        self.ports = {service: free_port() for service in SERVICES}
        for service, port in self.ports.items():
            login = {"REDIS_USERNAME": service, "REDIS_PASSWORD": valkey.passwords[service]}
            office.logins[service] = {**login, "HEALTH_PORT": str(port)}
        office.logins["operator"] = {"REDIS_USERNAME": "operator", "REDIS_PASSWORD": valkey.passwords["operator"]}

    def ask(self, service: str, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.ports[service]}{path}", timeout=5)

    def ready(self, service: str) -> bool:
        try:
            return self.ask(service, "/readyz").ok
        except requests.ConnectionError:
            return False

    def live(self) -> None:
        """A call of somebody who is known, one of a stranger who is known later, a browser, and a line that is none."""
        for service in SERVICES:
            self.office.start(service)
        self.office.box.wait_for_client(timeout=30)
        self._sync()
        eventually(lambda: all(map(self.ready, SERVICES)), within=30)
        with EventSource(self.office.web_port, self.office.token, timeout=30) as browser:
            browser.next("snapshot")
            self.office.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
            self.office.says(f"RING;1;{STRANGER};4710100;SIP0;")
            self.office.says("no line of a call monitor")
            browser.next("call.ringing")
            browser.next("call.ringing")
            eventually(lambda: self.value("web", "callmonitor_ring_to_browser_seconds_count") == 2)
            eventually(lambda: self._status(SCHMIDT) == "ringing" and self._status(STRANGER) == "ringing", within=30)
        self.office.says("DISCONNECT;0;0;")
        self.office.says("DISCONNECT;1;0;")
        eventually(lambda: self._status(SCHMIDT) == self._status(STRANGER) == "missed", within=30)
        self.office.new_contact(NAME="Wolf", VORNAME="Ida", TELEFON=STRANGER)
        self._sync()
        eventually(lambda: self.value("jobs", "callmonitor_group_lag_events", group="logger") == 0, within=30)

    def _sync(self) -> None:
        done = self.office.callmonitor("contacts", "sync")
        assert done.returncode == 0, done.stderr

    def _status(self, number: str) -> object:
        return self.office.records().get(f"+49{number[1:]}", {}).get("STATUS")

    def samples(self, service: str) -> Iterator[tuple[Any, Any]]:
        """The samples, each with its family."""
        for family in text_string_to_metric_families(self.ask(service, "/metrics").text):
            for sample in family.samples:
                yield family, sample

    def value(self, service: str, name: str, **labels: str) -> float:
        found = [one.value for _, one in self.samples(service) if (one.name, one.labels) == (name, labels)]
        return found[0] if found else -1.0

    def lines(self, call: str) -> dict[str, list[str]]:
        """What each service's log says of a call."""
        said: dict[str, list[str]] = {}
        for service in SERVICES:
            entries = [json.loads(line) for line in self.office.log_of(service).splitlines()]
            assert {entry["service"] for entry in entries} == {service}
            said[service] = [entry["event"] for entry in entries if entry.get("call") == call]
        return said


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("office")
    valkey = GuardedValkey(folder)
    valkey.start()
    office = Office(folder, valkey)
    try:
        with office.limbas, office.box:
            watched = Watched(office, valkey)
            watched.live()
            yield watched
    finally:
        office.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_measures_what_the_page_says_and_nothing_else(watched: Watched, service: str) -> None:
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for family, sample in watched.samples(service):
        if family.name.startswith("callmonitor_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = family.type, frozenset(sample.labels.keys() - {"le"})
    expected = {each.name: (each.type, each.labels) for each in metrics() if service in each.services}

    assert found == expected


@pytest.mark.parametrize("service", SERVICES)
def test_no_metric_tells_who_called(watched: Watched, service: str) -> None:
    text = watched.ask(service, "/metrics").text

    assert UNMASKED.search(text) is None
    assert not any(name in text for name in ("Schmidt", "Wolf", "tester"))


def test_the_metrics_count_what_has_happened(watched: Watched) -> None:
    value = watched.value
    assert value("ingest", "callmonitor_box_connected", box="office") == 1
    assert value("ingest", "callmonitor_box_connections_total", box="office") == 1
    assert value("ingest", "callmonitor_box_lines_total", box="office") == 5
    assert value("ingest", "callmonitor_box_lines_malformed_total", box="office") == 1
    assert value("ingest", "callmonitor_box_lines_waiting", box="office") == 0
    assert value("ingest", "callmonitor_box_publishes", box="office") == 1
    assert value("ingest", "callmonitor_events_published_total", type="call.ringing") == 2
    assert value("ingest", "callmonitor_events_published_total", type="call.ended") == 2
    assert value("matcher", "callmonitor_events_handled_total", group="matcher", type="call.ringing") == 2
    assert value("logger", "callmonitor_events_published_total", type="call.recorded") >= 2
    assert value("logger", "callmonitor_limbas_request_seconds_count") > 2
    assert value("logger", "callmonitor_limbas_errors_total", kind="timed_out") == 0
    assert value("jobs", "callmonitor_group_lag_seconds", group="matcher") == 0
    assert value("jobs", "callmonitor_quarantine_lines") == 1
    assert value("jobs", "callmonitor_dead_letters") == 0
    assert value("jobs", "callmonitor_jobs", state="scheduled") == 1
    assert value("jobs", "callmonitor_contacts_sync_seconds_count", outcome="done") >= 2
    assert 0 < value("web", "callmonitor_ring_to_browser_seconds_sum") < 60


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_of_what_its_readiness_consists(watched: Watched, service: str) -> None:
    said = watched.ask(service, "/readyz").json()

    assert {re.sub(r"^box .*", "box …", part) for part in said} == parts(service)
    assert watched.ask(service, "/healthz").status_code == 200
    measured = {one.labels["part"]: one.value for _, one in watched.samples(service) if one.name == "callmonitor_ready"}
    assert measured == dict.fromkeys(said, 1.0)


def test_a_call_can_be_followed_through_the_logs_of_all_services(watched: Watched) -> None:
    call = watched.office.records()[f"+49{SCHMIDT[1:]}"]["CALLID"]

    said = watched.lines(call)

    assert said["ingest"] == ["call ringing", "call ended"]
    assert said["matcher"] == ["contact resolved"]
    assert "call written" in said["logger"]
    assert "call recorded" in said["logger"]
    assert said["web"] == ["sent to browsers"] * len(said["web"])
    assert len(said["web"]) >= 4


def test_a_link_that_comes_late_can_be_followed_too(watched: Watched) -> None:
    call = watched.office.records()[f"+49{STRANGER[1:]}"]["CALLID"]

    eventually(lambda: watched.office.records()[f"+49{STRANGER[1:]}"]["KUNDE"], within=30)
    assert watched.lines(call)["jobs"] == ["contact resolved"]


@pytest.mark.parametrize("service", SERVICES)
def test_no_log_tells_a_number(watched: Watched, service: str) -> None:
    log = watched.office.log_of(service)

    assert log
    assert UNMASKED.search(log) is None


def test_nobody_was_refused_anything_by_redis(watched: Watched) -> None:
    assert watched.office.callmonitor("jobs", "list").returncode == 0
    assert watched.valkey.refused() == []
