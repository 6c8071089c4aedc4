"""What is measured of the requests to a real, if simulated, Limbas over HTTP."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasUnavailable
from shared.limbas.measuring import begin
from simulators.limbas.faults import Fault, FaultKind
from simulators.limbas.server import LimbasSimulator
from tests.limbas.conftest import settings


def errors() -> dict[str, float]:
    """How many there were so far, by kind."""
    [family] = [family for family in REGISTRY.collect() if family.name == "callmonitor_limbas_errors"]
    return {sample.labels["kind"]: sample.value for sample in family.samples if sample.name.endswith("_total")}


def requests_so_far() -> float:
    return REGISTRY.get_sample_value("callmonitor_limbas_request_seconds_count") or 0


def counted(before: dict[str, float]) -> dict[str, float]:
    """What has been added."""
    return {kind: count - before[kind] for kind, count in errors().items() if count != before[kind]}


def test_a_proper_answer_is_measured_and_no_error(limbas: Limbas) -> None:
    before, requests = errors(), requests_so_far()
    limbas.schema()
    assert limbas.count("KUNDEN") > 0

    assert (counted(before), requests_so_far() - requests) == ({}, 2)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultKind.DOWN, "unreachable"),
        (FaultKind.SERVER_ERROR, "server_error"),
        (FaultKind.CUT_OFF, "cut_off"),
        (FaultKind.WARNING, "php_warning"),
    ],
)
def test_an_error_is_counted_by_its_kind(
    simulator: LimbasSimulator, limbas: Limbas, fault: FaultKind, kind: str
) -> None:
    before = errors()
    simulator.faults.switch_on(Fault(fault))
    with pytest.raises(LimbasUnavailable):
        limbas.schema()

    assert counted(before) == {kind: 1}


def test_a_refused_login_is_counted_once_and_what_is_not_sent_is_not_measured(simulator: LimbasSimulator) -> None:
    with Limbas(settings(simulator.url, limbas_password="wrong")) as limbas:
        before, requests = errors(), requests_so_far()
        for _ in range(3):
            with pytest.raises(LimbasUnavailable):
                limbas.schema()

        assert (counted(before), requests_so_far() - requests) == ({"login_refused": 1}, 1)


def test_every_kind_is_there_from_the_start() -> None:
    begin()
    assert {"unreachable", "timed_out", "login_refused", "redirected", "incomplete"} <= errors().keys()
