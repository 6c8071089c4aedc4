"""The picture of the calls does not depend on the order in which events come, nor on how often."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.web.projection import CallView, Projection
from shared.events import (
    Call,
    CallEvent,
    CallRecorded,
    Candidate,
    ContactResolved,
    Event,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    Source,
    State,
)
from tests.shared.making import START, a_call, an_event

Logged = tuple[str, Event]


def contact(call_id: str, name: str) -> ContactResolved:
    candidate = Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table="KUNDEN", record_id=7)
    return ContactResolved(call_id=call_id, candidates=(candidate,), sure=True)


def record(call_id: str, record_id: int) -> CallRecorded:
    return CallRecorded(call_id=call_id, table="ANRUFE", record_id=record_id)


def version(call_id: str, seq: int) -> CallEvent:
    """The call as it rings, is answered and ends."""
    state = (State.RINGING, State.CONNECTED, State.ENDED)[seq - 1]
    outcome = Outcome.ANSWERED if state is State.ENDED else None
    received_at = START + timedelta(seconds=10 * seq)
    return an_event(call_id, seq=seq, state=state, outcome=outcome, received_at=received_at)


def story(calls: int) -> list[Logged]:
    """Complete calls, one after the other, each with a contact that is corrected once and a record."""
    logged: list[Logged] = []
    for n in range(calls):
        call_id = f"call-{n}"
        events: list[Event] = [
            version(call_id, 1),
            contact(call_id, "Anna Schmidt"),
            version(call_id, 2),
            contact(call_id, "Anne Schmitt"),
            version(call_id, 3),
            record(call_id, n),
        ]
        logged += [(f"{1000 + n}-{k}", event) for k, event in enumerate(events)]
    return logged


def picture(events: list[Logged], kept: int = 100) -> tuple[CallView, ...]:
    projection = Projection(kept)
    for event_id, event in events:
        projection.apply(event_id, event)
    projection.trim()
    return projection.calls()


def the_call(view: CallView) -> Call:
    assert view.call is not None
    return view.call


@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(0, 8))
def test_any_order_and_any_repetition_give_the_same_picture(shuffler: random.Random, calls: int, repeated: int) -> None:
    events = story(calls)
    shuffled = events + shuffler.choices(events, k=repeated)
    shuffler.shuffle(shuffled)
    assert picture(shuffled) == picture(events)


def test_the_picture_has_the_newest_version_of_each_call_with_all_that_is_known_of_it() -> None:
    newest, *_ = picture(story(3))
    assert the_call(newest).id == "call-2"
    assert the_call(newest).state is State.ENDED
    assert newest.contact is not None
    assert newest.contact.candidates[0].name == "Anne Schmitt"
    assert newest.record == record("call-2", 2)


def test_a_call_remembers_every_phone_that_took_part() -> None:
    versions = [
        an_event("one", seq=seq, extension=Extension(code=code, kind=ExtensionKind.DECT, name=f"DECT {code}"))
        for seq, code in ((2, 10), (3, 11))
    ]
    for order in (versions, versions[::-1]):
        (view,) = picture([(f"{place}-0", event) for place, event in enumerate(order)])
        assert view.phones == {10, 11}


def test_the_newest_call_comes_first() -> None:
    assert [the_call(view).id for view in picture(story(3))] == ["call-2", "call-1", "call-0"]


def test_a_contact_that_comes_before_its_call_is_kept_for_it() -> None:
    early: list[Logged] = [("1-0", contact("call-1", "Anna Schmidt")), ("2-0", record("call-1", 5))]
    assert picture([*early]) == ()
    (view,) = picture([*early, ("3-0", version("call-1", 1))])
    assert view.contact == early[0][1]
    assert view.record == early[1][1]


def test_the_position_is_the_newest_event_that_went_in() -> None:
    projection = Projection(kept=10)
    for event_id in ("5-1", "5-10", "5-9"):
        projection.apply(event_id, an_event())
    assert projection.position == "5-10"


def test_only_so_many_calls_are_kept_and_those_are_the_newest() -> None:
    assert [the_call(view).id for view in picture(story(9), kept=2)] == ["call-8", "call-7"]


def test_a_call_in_progress_is_kept_however_many_come_after_it() -> None:
    talking: Logged = ("1-0", version("long-call", 2))
    assert "long-call" in [the_call(view).id for view in picture([talking, *story(9)], kept=2)]


def test_contacts_without_a_call_do_not_pile_up() -> None:
    projection = Projection(kept=5)
    for n in range(100):
        projection.apply(f"{n}-1", contact(f"call-{n}", "Anna Schmidt"))
        projection.trim()
    assert len(projection) == 5


def test_calls_that_are_older_than_the_log_reaches_back_are_forgotten() -> None:
    projection = Projection(kept=10)
    for event_id, event in story(3):
        projection.apply(event_id, event)
    projection.trim(oldest=(1002, 0))
    assert [the_call(view).id for view in projection.calls()] == ["call-2"]


def test_a_call_that_nobody_saw_open_is_a_call_too() -> None:
    unseen = CallEvent.of(a_call(direction=None, started_at=None, state=State.ENDED, outcome=Outcome.LOST, line=""))
    (view,) = picture([("1-0", unseen)])
    assert the_call(view).direction is None
