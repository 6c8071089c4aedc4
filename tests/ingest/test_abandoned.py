"""Calls in progress of a box that was renamed or removed end like those that a box forgot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.ingest.abandoned import Abandoned
from services.ingest.ages import LONGEST_UNANSWERED
from shared.event_log import EventLog
from shared.events import Outcome
from tests.ingest.running import NOW, calls, ingesting, ring, states

TOO_LATE = NOW + LONGEST_UNANSWERED + timedelta(seconds=1)


def test_they_end_as_lost_after_the_usual_time(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    looks = [Abandoned(event_log, ["renamed"], now=lambda at=at: at) for at in (NOW, TOO_LATE)]  # type: ignore[misc]
    for look in looks:
        look.check()
        look.check()
        if look is looks[0]:
            assert states(event_log) == ["ringing 1"], "it may still be going on"
    assert states(event_log) == ["ringing 1", "ended 2"]
    assert calls(event_log)[-1].outcome is Outcome.LOST
    assert event_log.present().events == ()


def test_a_box_of_another_ingest_is_left_alone(event_log: EventLog, tmp_path: Path) -> None:
    look = Abandoned(event_log, ["vienna"], now=lambda: TOO_LATE)
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    look.check()
    event_log.redis.hincrby(event_log.keys.lease("office"), "beat", 1)  # it is renewed every second
    look.check()
    assert states(event_log) == ["ringing 1"]
    look.check()
    assert states(event_log) == ["ringing 1", "ended 2"], "now its ingest is gone, too"


def test_a_box_that_comes_back_goes_on_without_its_old_calls(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    look = Abandoned(event_log, [], now=lambda: TOO_LATE)
    look.check()
    look.check()
    with ingesting(event_log, tmp_path) as ingest:
        ingest.hear(ring(0))
    assert states(event_log) == ["ringing 1", "ended 2", "ringing 1"]
    assert len({call.id for call in calls(event_log)}) == 2
