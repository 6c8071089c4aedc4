"""Whose a call is does not depend on the order in which its events are read, nor on how often."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.projection import Projection
from services.web.rights import CallFilter
from services.web.trail import Trail
from services.web.trails import Trails
from shared.event_log import LoggedEvent
from shared.events import CallEvent, ContactResolved, Event, Outcome, State, dump_event
from tests.shared.making import an_event
from tests.web.readers import PLACES, a_story, some_rights


def logged(place: int, event: Event) -> LoggedEvent:
    return LoggedEvent(f"{place}-0", event, dump_event(event))


def trail_of(events: list[LoggedEvent]) -> Trail:
    trail = Trail()
    for event in events:
        trail = trail.with_event(event)
    return trail


@given(st.randoms(use_true_random=False), st.integers(0, 4))
def test_any_order_and_any_repetition_give_the_same_trail(chance: random.Random, repeated: int) -> None:
    events = [logged(place, event) for place, event in enumerate(a_story("one", chance), start=1)]
    shuffled = events + chance.choices(events, k=repeated)
    chance.shuffle(shuffled)
    assert trail_of(shuffled) == trail_of(events)


@given(st.randoms(use_true_random=False))
def test_a_call_is_visible_from_its_first_version_that_is_for_the_reader(chance: random.Random) -> None:
    events = [logged(place, event) for place, event in enumerate(a_story("one", chance), start=1)]
    reader = some_rights(chance)
    first = next(iter(reader.visible(events)), None)
    visible_from = trail_of(events).visible_from(CallFilter(reader.rights, reader.mine, PLACES.__getitem__))
    assert visible_from == (None if first is None else (int(first.id.split("-")[0]), 0))


def test_of_what_is_known_only_the_newest_is_kept_and_told_to_who_comes_after_it() -> None:
    trail = trail_of([logged(place, ContactResolved(call_id="one", sure=place == 2)) for place in (1, 2)])
    assert [finding.document for finding in trail.findings_before((3, 0))] == [
        dump_event(ContactResolved(call_id="one", sure=True))
    ]
    assert trail.findings_before((2, 0)) == ()


class Log:
    """A log that is read backwards."""

    def __init__(self, *events: LoggedEvent) -> None:
        self.events = events
        self.asked: list[str] = []

    def newest(self, before: str) -> list[LoggedEvent]:
        """Two events a page."""
        self.asked.append(before)
        end = int(before.split("-")[0])
        return [event for event in reversed(self.events) if int(event.id.split("-")[0]) < end][:2]


def test_the_log_is_read_backwards_as_far_as_it_takes_and_once_only() -> None:
    log = Log(*(logged(n, an_event(f"call-{n}")) for n in range(1, 7)))
    trails = Trails(log.newest)
    projection = Projection(kept=10)
    projection.position = "7-0"
    trails.start(projection)
    for _ in range(2):
        found = trails.take([logged(8, ContactResolved(call_id="call-4"))])
        assert found["call-4"].opened
    assert log.asked == ["7-1", "5-0"]


def test_a_call_that_is_not_in_the_log_is_looked_for_once() -> None:
    log = Log(logged(1, an_event("one")))
    trails = Trails(log.newest)
    for _ in range(3):
        assert trails.take([logged(2, ContactResolved(call_id="gone"))])["gone"].since is None
    assert len(log.asked) == 1


@pytest.mark.parametrize("in_progress", [True, False])
def test_what_is_old_is_forgotten_and_found_again_if_the_log_has_it(in_progress: bool) -> None:
    first = logged(1, an_event("first", seq=1))
    end = an_event("first", seq=2, state=State.ENDED, outcome=Outcome.ANSWERED)
    log = Log(first) if in_progress else Log(first, logged(2, end))
    trails = Trails(log.newest)
    trails.take(log.events)
    trails.take([logged(n, _ended(f"call-{n}")) for n in range(10, 2000)])
    trails.forget((1500, 0))
    assert trails.get("call-10") == Trail()
    assert trails.get("call-1600").opened
    assert trails.get("first").opened == in_progress
    found = trails.take([logged(2001, ContactResolved(call_id="first"))])["first"]
    assert (found.opened, found.since) == (True, (1, 0))


def _ended(call_id: str) -> CallEvent:
    return an_event(call_id, seq=1, state=State.ENDED, outcome=Outcome.ANSWERED)
