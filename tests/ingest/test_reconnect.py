"""Two ingests lose the box in the same moment and are back one after the other: nothing that either hears is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.ingest.box_reader import Received
from shared.event_log import EventLog
from tests.ingest.running import NOW, answer, calls, hang_up, ingesting, ring, states
from tests.waiting import eventually

PATIENCE = 20.0


class Link:
    """To the box, of one ingest."""

    def __init__(self) -> None:
        self.whole = True
        self.connections = 0

    def reconnect(self) -> None:
        self.whole = False
        self.connections += 1


def at(second: int, received: Received) -> Received:
    return replace(received, at=NOW + timedelta(seconds=second))


@pytest.mark.parametrize("first_is_whole", [True, False], ids=["who takes over", "whose spool is read"])
def test_what_only_the_standby_heard_comes_before_what_both_heard(
    event_log: EventLog, tmp_path: Path, first_is_whole: bool
) -> None:
    link = Link()
    with ingesting(event_log, tmp_path, hears=lambda: link.whole, connection=lambda: link.connections) as holder:
        eventually(lambda: holder.publisher.publishes, within=PATIENCE)
        with ingesting(event_log, tmp_path, hears=lambda: first_is_whole) as standby:
            lease = event_log.keys.lease("office")
            eventually(lambda: event_log.redis.hget(lease, "follower"), within=PATIENCE)
            for ingest in (standby, holder):
                ingest.hear(ring(1, caller="03023125200"))
            eventually(lambda: not (standby.spool.waiting or holder.spool.waiting), within=PATIENCE)
            link.reconnect()
            standby.hear(at(1, ring(0)), at(2, answer(0)))
            holder.hear(at(2, answer(0)))
            if not first_is_whole:
                eventually(lambda: holder.publisher._deferred, within=PATIENCE)
                link.whole = True
            eventually(lambda: len(calls(event_log)) >= 3, within=PATIENCE)
            link.whole = True
            standby.hear(at(3, hang_up(0)))
            holder.hear(at(3, hang_up(0)))
            eventually(lambda: not (standby.spool.waiting or holder.spool.waiting), within=PATIENCE)
    assert states(event_log) == ["ringing 1", "ringing 1", "connected 2", "ended 3"]


def test_one_that_is_alone_does_not_wait_for_another(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path, connection=lambda: 1) as ingest:
        ingest.hear(ring(0))
        eventually(lambda: states(event_log) == ["ringing 1"], within=PATIENCE)
