"""A call ends by silence after its usual time, and not because somebody sets the machine's clock."""

from __future__ import annotations

from datetime import timedelta

from services.ingest.ages import LONGEST_CALL, LONGEST_UNANSWERED, Ages
from shared.events import State
from tests.shared.making import START, a_call

RINGING = a_call("one", received_at=START)
TALKING = a_call("two", received_at=START, state=State.CONNECTED)


def test_a_ringing_call_is_over_after_a_quarter_of_an_hour_and_a_talk_after_a_day() -> None:
    ages = Ages()
    ages.see([RINGING, TALKING], START, 0.0)
    assert ages.over(LONGEST_UNANSWERED.total_seconds()) == set()
    assert ages.over(LONGEST_UNANSWERED.total_seconds() + 1) == {"one"}
    assert ages.over(LONGEST_CALL.total_seconds()) == {"one"}
    assert ages.over(LONGEST_CALL.total_seconds() + 1) == {"one", "two"}


def test_a_call_counts_from_its_latest_line() -> None:
    ages = Ages()
    ages.see([RINGING], START, 0.0)
    connected = RINGING.model_copy(update={"seq": 2, "state": State.CONNECTED, "received_at": START})
    ages.see([connected], START, 800.0)
    assert ages.over(LONGEST_CALL.total_seconds() + 799) == set()


def test_a_clock_that_is_set_ends_no_call_that_was_seen_before() -> None:
    ages = Ages()
    ages.see([RINGING, TALKING], START, 0.0)
    ages.see([RINGING, TALKING], START + timedelta(days=400), 5.0)
    assert ages.over(5.0) == set()
    ages.see([RINGING, TALKING], START - timedelta(days=400), 10.0)
    assert ages.over(LONGEST_UNANSWERED.total_seconds() + 1) == {"one"}


def test_a_call_of_an_earlier_life_is_as_old_as_the_clock_says_and_at_least_new() -> None:
    ages = Ages()
    future = a_call("three", received_at=START + timedelta(days=1))
    ages.see([RINGING, future], START + LONGEST_UNANSWERED + timedelta(seconds=1), 0.0)
    assert ages.over(0.0) == {"one"}
    assert ages.over(LONGEST_UNANSWERED.total_seconds() + 1) == {"one", "three"}


def test_what_has_ended_is_forgotten() -> None:
    ages = Ages()
    ages.see([RINGING], START, 0.0)
    ages.see([], START, 1.0)
    assert ages.over(float("inf")) == set()
