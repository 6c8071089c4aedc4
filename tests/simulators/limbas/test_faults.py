"""What can go wrong: what the client sees, and what Limbas has done all the same."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest
import requests

from simulators.limbas.faults import Fault, FaultKind, Faults
from simulators.limbas.server import LimbasSimulator
from tests.simulators.limbas.client import CALLS, Client, NoAnswer, decoded

INSERTS = {number: {"action": "gtab_new", "gtabid": CALLS, "gnup": {2: f"call {number}"}} for number in range(4)}


@pytest.fixture
def limbas(limbas: Client) -> Client:
    """Logged in."""
    limbas.ask({})
    return limbas


def switch_on(limbas: Client, fault: FaultKind, **how: Any) -> None:
    assert limbas.simulator("PUT", f"faults/{fault}", how).ok


def recorded(limbas: Client) -> list[str]:
    return [record["fields"]["CALLID"] for record in limbas.simulator("GET", "records/ANRUFE").json()]


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (FaultKind.SERVER_ERROR, 500, "500 Internal Server Error"),
        (FaultKind.RESTARTING, 503, "503 Service Unavailable"),
        (FaultKind.LOGIN_PAGE, 200, 'type="password"'),
    ],
)
def test_an_html_page_instead_of_an_answer_means_that_nothing_was_done(
    limbas: Client, fault: FaultKind, status: int, says: str
) -> None:
    switch_on(limbas, fault)
    response = limbas.send(INSERTS)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert says in response.text
    assert recorded(limbas) == []


@pytest.mark.parametrize(("fault", "done"), [(FaultKind.DOWN, 0), (FaultKind.ANSWER_LOST, 4)])
def test_a_reset_connection_does_not_tell_whether_all_was_done(limbas: Client, fault: FaultKind, done: int) -> None:
    switch_on(limbas, fault)
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        limbas.send(INSERTS)
    assert len(recorded(limbas)) == done


def test_an_answer_can_break_off_after_all_was_done(limbas: Client) -> None:
    switch_on(limbas, FaultKind.CUT_OFF, count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        limbas.send(INSERTS)
    assert len(recorded(limbas)) == 4
    assert limbas.ask(INSERTS) == {0: 5, 1: 6, 2: 7, 3: 8}


def test_a_php_warning_can_stand_ahead_of_the_xml(limbas: Client) -> None:
    switch_on(limbas, FaultKind.WARNING)
    response = limbas.send(INSERTS)
    assert response.text.startswith("<br />\n<b>Warning</b>: ")
    assert "/usr/local/limbas/" in response.text
    assert decoded(response)[3] == 4


def test_php_can_die_half_way(limbas: Client) -> None:
    switch_on(limbas, FaultKind.HALF_DONE)
    assert limbas.send(INSERTS).status_code == 500
    assert recorded(limbas) == ["call 0", "call 1"]


def test_a_slow_server_works_on_when_nobody_waits_any_more(limbas: Client) -> None:
    switch_on(limbas, FaultKind.SLOW, seconds=0.2, count=1)
    with pytest.raises(requests.ReadTimeout):
        limbas.http.post(f"{limbas.url}/main_soap.php", data=b"", timeout=0.05)
    switch_on(limbas, FaultKind.SLOW, seconds=0.2)
    begun = monotonic()
    limbas.ask(INSERTS)
    assert monotonic() - begun >= 0.2
    assert len(recorded(limbas)) == 4


def test_a_slow_answer_does_not_hold_up_the_end() -> None:
    simulator = LimbasSimulator().start()
    simulator.faults.switch_on(Fault(FaultKind.SLOW, seconds=3600))
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{simulator.url}/main_soap.php", timeout=0.05)
    begun = monotonic()
    simulator.stop()
    assert monotonic() - begun < 2


@pytest.mark.parametrize("fault", [FaultKind.RESTARTING, FaultKind.LOGIN_PAGE])
def test_some_faults_end_the_sessions(limbas: Client, fault: FaultKind) -> None:
    switch_on(limbas, fault, count=1)
    limbas.send({})
    limbas.ask({})
    assert limbas.simulator("GET", "counters").json()["logins"] == 2


def test_a_fault_ends_after_its_count_or_when_it_is_switched_off(limbas: Client) -> None:
    switch_on(limbas, FaultKind.SERVER_ERROR, count=2)
    assert [limbas.send({}).status_code for _ in range(3)] == [500, 500, 200]
    switch_on(limbas, FaultKind.SERVER_ERROR)
    switch_on(limbas, FaultKind.WARNING)
    assert [fault["kind"] for fault in limbas.simulator("GET", "faults").json()] == ["server-error", "warning"]
    limbas.simulator("DELETE", "faults/server-error")
    assert limbas.send({}).status_code == 200
    limbas.simulator("DELETE", "faults")
    assert limbas.simulator("GET", "faults").json() == []


def test_a_fault_with_a_probability_meets_as_many_and_the_same_ones_for_a_seed() -> None:
    def met(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.switch_on(Fault(FaultKind.DOWN, probability=0.3))
        return [FaultKind.DOWN in faults.strike() for _ in range(1000)]

    assert met(1) == met(1) != met(2)
    assert 250 < sum(met(1)) < 350


def test_the_control_face_and_the_pages_know_no_faults(limbas: Client) -> None:
    for fault in FaultKind:
        switch_on(limbas, fault)
    assert limbas.http.get(f"{limbas.url}/main.php", timeout=5).ok
    limbas.simulator("DELETE", "faults")
    with pytest.raises(NoAnswer):
        decoded(limbas.http.get(f"{limbas.url}/main_soap.php", timeout=5))
