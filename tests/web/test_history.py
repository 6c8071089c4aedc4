"""The newest calls, further back than the page's picture: read backwards after a start, kept by what follows."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.web.history import FORGET_MILLISECONDS, SLACK, History
from services.web.projection import NEVER
from services.web.stream_id import parse_stream_id
from shared.event_log import LoggedEvent
from shared.events import CallEvent, ContactResolved, Event, Outcome, State
from tests.shared.making import an_event


def logged(events: Sequence[Event]) -> list[LoggedEvent]:
    """A log of these events, oldest first: `1-0`, `2-0`, …"""
    return [LoggedEvent(f"{n}-0", event, b"") for n, event in enumerate(events, start=1)]


def missed(call_id: str) -> list[Event]:
    """All of a missed call."""
    end = an_event(call_id, seq=2, state=State.ENDED, outcome=Outcome.MISSED)
    return [an_event(call_id), ContactResolved(call_id=call_id), end]


def read_page(history: History, log: Sequence[LoggedEvent], size: int) -> None:
    """Read the next page backwards, as the reader does."""
    assert history.missing_before
    before = parse_stream_id(history.missing_before)
    history.prepend([entry for entry in reversed(log) if parse_stream_id(entry.id) < before][:size])


def read_all(history: History, log: Sequence[LoggedEvent], size: int = 10) -> None:
    while history.missing_before:
        read_page(history, log, size)


def ids(history: History) -> list[str]:
    return [view.call.id for view in history.calls() if view.call]


def test_the_newest_calls_are_there_first_and_the_rest_afterwards() -> None:
    log = logged([event for n in range(4) for event in missed(f"call-{n}")])
    history = History()
    history.start(log[-1].id)
    assert (ids(history), history.wait_until_whole(0)) == ([], False)
    read_page(history, log, size=3)
    assert (ids(history), history.wait_until_whole(0)) == (["call-3"], False)
    read_all(history, log)
    assert (ids(history), history.wait_until_whole(0)) == (["call-3", "call-2", "call-1", "call-0"], True)


def test_a_call_is_not_listed_before_its_place_among_the_others_is_certain() -> None:
    long = missed("long")
    log = logged([long[0], *missed("short"), *long[1:]])
    history = History()
    history.start(log[-1].id)
    read_page(history, log, size=5)
    assert ids(history) == ["short"], "the long one began before it, but nobody can know yet"
    read_all(history, log)
    assert ids(history) == ["short", "long"]


def test_no_more_calls_are_kept_than_wanted_and_reading_stops_there() -> None:
    log = logged([event for n in range(20) for event in missed(f"call-{n}")])
    history = History(kept=5)
    history.start(log[-1].id)
    read_all(history, log, size=3)
    assert ids(history) == [f"call-{n}" for n in (19, 18, 17, 16, 15)]
    more = [event for n in range(20, 20 + SLACK + 1) for event in missed(f"call-{n}")]
    history.append([LoggedEvent(f"{n}-0", event, b"") for n, event in enumerate(more, start=1000)], NEVER)
    assert len(ids(history)) == 5


def test_what_is_known_late_of_a_call_that_was_dropped_pushes_out_none_that_is_there() -> None:
    log = logged(missed("kept"))
    history = History(kept=1)
    history.start(log[-1].id)
    read_all(history, log)
    late: list[Event] = [ContactResolved(call_id=f"dropped-{n}") for n in range(2 * SLACK)]
    history.append([LoggedEvent(f"{n}-0", event, b"") for n, event in enumerate(late, start=1000)], NEVER)
    assert ids(history) == ["kept"]
    assert history.call("dropped-0") is None


def test_all_that_follows_at_once_of_a_new_call_is_known_of_it() -> None:
    history = History()
    history.start("0-0")
    read_all(history, [])
    history.append(logged(missed("one")), NEVER)
    view = history.call("one")
    assert view
    assert (view.contact, view.in_progress) == (ContactResolved(call_id="one"), False)


def test_calls_that_ended_too_long_ago_are_dropped_and_those_in_progress_are_not() -> None:
    minute = FORGET_MILLISECONDS
    events = [an_event("talking"), *missed("old"), *missed("new")]
    log = [LoggedEvent(f"{n * minute}-0", event, b"") for n, event in enumerate(events, start=1)]
    history = History()
    history.start(log[-1].id)
    read_all(history, log)
    history.append([], oldest=(5 * minute, 0))
    assert ids(history) == ["new", "talking"]


def test_starting_over_forgets_everything() -> None:
    log = logged(missed("one"))
    history = History()
    history.start(log[-1].id)
    read_all(history, log)
    history.start("0-0")
    assert (ids(history), history.call("one"), history.wait_until_whole(0)) == ([], None, False)


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 7), st.integers(0, 40))
def test_it_is_the_same_however_much_was_read_backwards_and_how_much_followed(
    steps: list[int], size: int, split: int
) -> None:
    events: list[Event] = []
    for call in steps:  # each step is the next event of that call
        seq = sum(isinstance(event, CallEvent) and event.call_id == f"call-{call}" for event in events) + 1
        events.append(an_event(f"call-{call}", seq=seq))
    log = logged(events)
    history = History()
    history.start(f"{min(split, len(log))}-0")
    history.append(log[split:], NEVER)
    read_all(history, log[:split], size)
    assert ids(history) == [f"call-{call}" for call in reversed(list(dict.fromkeys(steps)))]
