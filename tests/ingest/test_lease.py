"""Two ingests on one box are one stream of events: one publishes, the other one stands by and takes over."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.ingest.lease import LAPSE_SECONDS, Lease
from shared.event_log import EventLog, Fence, Fenced
from shared.events import State
from tests.ingest.running import answer, calls, hang_up, ingesting, ring, states
from tests.shared.making import an_event
from tests.waiting import eventually

TAKE_OVER = LAPSE_SECONDS + 15
"""On a machine that is busy."""


def test_one_publishes_and_the_other_one_forgets_what_was_published(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path) as one:
        eventually(lambda: one.publisher.publishes)
        with ingesting(event_log, tmp_path) as two:
            for received in (ring(0), answer(0), hang_up(0), ring(0, second=31), hang_up(0, second=40)):
                one.hear(received)
                two.hear(received)
            eventually(lambda: not one.spool.waiting and not two.spool.waiting)
            assert not two.publisher.publishes
    assert states(event_log) == ["ringing 1", "connected 2", "ended 3", "ringing 1", "ended 2"]


def test_when_the_one_dies_the_other_one_goes_on_with_its_calls(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path / "one", dies=True) as one:
        eventually(lambda: one.publisher.publishes)
        with ingesting(event_log, tmp_path / "two") as two:
            one.hear(ring(0))
            two.hear(ring(0))
            eventually(lambda: states(event_log) == ["ringing 1"])
    with ingesting(event_log, tmp_path / "two") as two:
        two.hear(answer(0), hang_up(0))
        eventually(lambda: len(states(event_log)) == 3, within=TAKE_OVER)
    assert states(event_log) == ["ringing 1", "connected 2", "ended 3"]
    assert len({call.id for call in calls(event_log)}) == 1


def test_what_only_the_dead_one_has_heard_is_published_too(event_log: EventLog, tmp_path: Path) -> None:
    event_log.redis.replicaof("127.0.0.1", "1")
    try:
        with ingesting(event_log, tmp_path, dies=True) as one, ingesting(event_log, tmp_path, dies=True) as two:
            one.hear(ring(0), answer(0))
            two.hear(answer(0), hang_up(0))
    finally:
        event_log.redis.replicaof("NO", "ONE")
    with ingesting(event_log, tmp_path) as one:
        eventually(lambda: one.publisher.publishes and not one.spool.waiting)
    assert states(event_log) == ["ringing 1", "connected 2", "ended 3"]
    assert [path.parent.name for path in tmp_path.rglob("*.spool")] == ["1"], "the other one's is taken in"


def test_one_that_stops_in_order_hands_over_at_once(event_log: EventLog, tmp_path: Path) -> None:
    with ingesting(event_log, tmp_path / "two") as two:
        eventually(lambda: two.publisher.publishes)
        with ingesting(event_log, tmp_path / "one") as one:
            one.hear(ring(0))
            two.hear(ring(0))
            eventually(lambda: not one.spool.waiting)
        lease = Lease(event_log, "office", "three")
        assert lease.look().holder == two.spool.id
    assert lease.look().holder == ""
    assert lease.look().follower == one.spool.id
    with ingesting(event_log, tmp_path / "one") as one:
        eventually(lambda: one.publisher.publishes)


def test_one_that_does_not_hear_the_box_gives_way_to_one_that_does(event_log: EventLog, tmp_path: Path) -> None:
    deaf = False
    with ingesting(event_log, tmp_path, hears=lambda: not deaf) as one:
        eventually(lambda: one.publisher.publishes)
        with ingesting(event_log, tmp_path) as two:
            deaf = True
            two.hear(ring(0))
            eventually(lambda: two.publisher.publishes and not one.publisher.publishes, within=10)
            eventually(lambda: states(event_log) == ["ringing 1"])


def test_a_restarted_one_waits_for_the_one_that_stood_by_meanwhile(event_log: EventLog) -> None:
    before, standby = Lease(event_log, "office", "before"), Lease(event_log, "office", "standby")
    assert before.obtain(hears=True)
    assert Lease(event_log, "office", "before").obtain(hears=True), "nobody else is there"
    assert not standby.obtain(hears=True)
    assert not Lease(event_log, "office", "before").obtain(hears=True)


def test_two_never_get_it_at_once(event_log: EventLog) -> None:
    leases = [Lease(event_log, "office", name) for name in ("one", "two", "three")]
    assert [lease.obtain(hears=True) for lease in leases] == [True, False, False]
    leases[0].give_back()
    leases[1]._still_since = leases[2]._still_since = float("-inf")
    standings = [lease.look() for lease in leases]
    assert len({standing.token for standing in standings}) == 1
    assert [lease.obtain(hears=True) for lease in leases[1:]].count(True) == 1


def test_one_that_slept_through_its_end_publishes_nothing_any_more(event_log: EventLog) -> None:
    sleeper, successor = Lease(event_log, "office", "one"), Lease(event_log, "office", "two")
    assert sleeper.obtain(hears=False)
    assert sleeper.place("one:7")
    fence = Fence(sleeper.token, "one:7", "one:8", "a line")
    assert successor.obtain(hears=True)
    with pytest.raises(Fenced):
        event_log.publish_lines("office", [([an_event("late")], b"{}")], [fence])
    sleeper._due = 0.0
    assert not sleeper.renew("one:7", hears=True)
    assert not sleeper.place("one:9")
    assert (states(event_log), event_log.memory_of("office")) == ([], None)
    assert successor.state().progress.latest == ()


def test_what_of_an_earlier_turn_is_still_on_its_way_is_refused(event_log: EventLog) -> None:
    lease = Lease(event_log, "office", "one")
    assert lease.obtain(hears=True)
    assert lease.place("one:7")
    underway = Fence(lease.token, "one:7", "one:8", "a line")
    assert lease.obtain(hears=True), "after a timeout"
    with pytest.raises(Fenced):
        event_log.publish_lines("office", [([an_event("late")], b"{}")], [underway])


def test_of_lines_that_were_sent_at_once_none_is_published_after_one_that_was_refused(event_log: EventLog) -> None:
    lease = Lease(event_log, "office", "one")
    assert lease.obtain(hears=True)
    assert lease.place("one:1")
    fences = [Fence(lease.token, f"one:{n}", f"one:{n + 1}") for n in (1, 5, 6)]
    with pytest.raises(Fenced):
        event_log.publish_lines("office", [([an_event(str(n))], b"{}") for n in range(3)], fences)
    assert [call.id for call in calls(event_log)] == ["0"]
    assert calls(event_log)[0].state is State.RINGING
