"""A short run of `scripts/faults`. The seed decides what happens; `FAULT_SEED=7 scripts/test` runs another one."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from faults.report import report
from faults.run import run
from faults.timeline import LANES, LIMBAS_FAULTS, Kind, timeline
from simulators.limbas.faults import FaultKind

SEED = int(os.environ.get("FAULT_SEED", "1"))
SECONDS = 12.0


@pytest.mark.system
@pytest.mark.timeout(600)
def test_whatever_falls_over_nothing_is_lost_doubled_or_leaked(tmp_path: Path) -> None:
    result = run(SEED, SECONDS, tmp_path, lambda *_: None, logger="tests.faults.hurried_logger")
    shown = report(result.findings, result.faults, calls=result.calls, died=result.died)
    assert result.well, f"seed {SEED}: {shown}"
    assert all(finding.events for finding in result.findings if "browser" in finding.where and finding.compared), shown
    assert result.faults.total() >= len(LANES), shown


def test_a_seed_says_what_happens_and_when() -> None:
    assert timeline(7, 300) == timeline(7, 300) != timeline(8, 300)


def test_in_a_minute_or_two_every_kind_of_fault_happens_and_in_half_an_hour_everything_that_can_be_hit_is() -> None:
    assert {fault.kind for lane in timeline(1, 150).values() for fault in lane} == set(Kind)
    hit = {fault.target for fault in timeline(1, 1800)["Limbas"]}
    assert hit == set(LIMBAS_FAULTS) == set(FaultKind)


def test_within_a_lane_one_thing_happens_after_the_other() -> None:
    for faults in timeline(3, 600).values():
        assert all(one.at + one.seconds < other.at for one, other in pairwise(faults))
