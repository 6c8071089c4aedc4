"""The simulator's faults: each is told apart, and nothing is lost or doubled without being said."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from shared.limbas import errors
from shared.limbas.actions import Insert
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasUnavailable
from shared.limbas.login_guard import WAIT_SECONDS
from simulators.limbas.faults import Fault, FaultKind
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.tables import CALLS
from tests.limbas.conftest import Clock, settings

EXPECTED = {
    FaultKind.DOWN: (errors.Unreachable, 0),
    FaultKind.SLOW: (errors.TimedOut, 0),
    FaultKind.SERVER_ERROR: (errors.ServerError, 0),
    FaultKind.WRITES_FAIL: (errors.ServerError, 0),
    FaultKind.LOGIN_PAGE: (errors.LoginRefused, 0),
    FaultKind.RESTARTING: (errors.ServerError, 0),
    FaultKind.WARNING: (errors.PhpWarning, 2),
    FaultKind.CUT_OFF: (errors.CutOff, 2),
    FaultKind.ANSWER_LOST: (errors.Unreachable, 2),
    FaultKind.HALF_DONE: (errors.ServerError, 1),
}
"""What is raised, and how many of two inserts were done all the same."""


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_unavailable_and_says_what_it_is(
    kind: FaultKind, simulator: LimbasSimulator, clock: Clock
) -> None:
    expected, done = EXPECTED[kind]
    with Limbas(settings(simulator.url, limbas_timeout=1 if kind is FaultKind.SLOW else 20), clock) as limbas:
        limbas.schema()
        simulator.faults.switch_on(Fault(kind, seconds=30, count=1))
        with pytest.raises(LimbasUnavailable) as raised, capture_logs() as logs:
            limbas.write([Insert("ANRUFE", {"CALLID": call_id}) for call_id in ("a", "b")])
        assert type(raised.value) is expected
        assert len(simulator.store.records(CALLS)) == done
        assert len(logs) == (kind is FaultKind.LOGIN_PAGE)

        clock.now += WAIT_SECONDS
        assert [row.values["CALLID"] for row in limbas.find("ANRUFE", [], "CALLID", ["a", "b"])] == ["a", "b"][:done]
