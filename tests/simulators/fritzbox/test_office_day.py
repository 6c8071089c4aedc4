from __future__ import annotations

from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from simulators.fritzbox.messages import Dial, Ring
from simulators.fritzbox.numbers import CUSTOMERS, STRANGERS
from simulators.fritzbox.office_day import FIRST_CALL, Office, burst, office_day
from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.timetable import Timetable

BUSY = Office(calls_per_minute=60, concurrency=4)


def most_at_once(plan: list[tuple[float, PlannedCall]]) -> int:
    timetable, most = Timetable(plan), 0
    while timetable.next_at() is not None:
        _, action = timetable.pop()
        if isinstance(action, Ring | Dial):
            most = max(most, action.connection + 1)
    return most


def test_the_same_seed_gives_the_same_day_and_another_seed_another_day() -> None:
    assert list(islice(office_day(7, BUSY), 200)) == list(islice(office_day(7, BUSY), 200))
    assert list(islice(office_day(7, BUSY), 200)) != list(islice(office_day(8, BUSY), 200))


@given(seed=st.integers(), concurrency=st.integers(1, 10), calls_per_minute=st.floats(0.1, 6000))
def test_there_are_never_more_calls_at_once_than_allowed(seed: int, concurrency: int, calls_per_minute: float) -> None:
    plan = list(islice(office_day(seed, Office(calls_per_minute, concurrency)), 60))

    assert most_at_once(plan) <= concurrency
    assert [at for at, _ in plan] == sorted(at for at, _ in plan)


def test_calls_come_as_often_as_asked() -> None:
    starts = [at for at, _ in islice(office_day(1, Office(calls_per_minute=6, concurrency=90)), 1000)]

    assert starts[0] == FIRST_CALL
    assert 9 < (starts[-1] - starts[0]) / 999 < 11


def test_nobody_calls_at_a_rate_of_0() -> None:
    assert list(office_day(1, Office(calls_per_minute=0, concurrency=4))) == []


def test_everything_that_happens_in_an_office_happens() -> None:
    calls = [call for _, call in islice(office_day(1, BUSY), 1000)]
    seen = Counter(
        (call.direction, call.answered, call.extension == 40 if call.direction == "inbound" else None) for call in calls
    )
    assert seen[("inbound", True, False)] > 300
    assert seen[("inbound", True, True)] > 50
    assert seen[("inbound", False, False)] > 100
    assert seen[("outbound", True, None)] > 100
    assert seen[("outbound", False, None)] > 50
    assert any(not call.answered and call.rings == 0 for call in calls), "blocked"
    assert any(call.remote == "" for call in calls if call.direction == "inbound"), "suppressed"
    assert all(call.remote for call in calls if call.direction == "outbound")
    assert {call.remote for call in calls} == {*CUSTOMERS, *STRANGERS, ""}
    assert len({(call.own_number, call.line) for call in calls}) == 3


def test_the_office_talks_to_the_given_numbers_and_to_strangers() -> None:
    office = Office(calls_per_minute=60, concurrency=4, numbers=("03023125999",))

    assert {call.remote for _, call in islice(office_day(1, office), 500)} == {"03023125999", *STRANGERS, ""}


@given(seed=st.integers(), calls=st.integers(1, 80), rate=st.floats(0.1, 1000), concurrency=st.integers(1, 10))
def test_a_burst_has_exactly_so_many_calls_at_exactly_that_rate(
    seed: int, calls: int, rate: float, concurrency: int
) -> None:
    plan = list(burst(seed, Office(6, concurrency), calls, rate))

    assert [at for at, _ in plan] == [number / rate for number in range(calls)]
    assert most_at_once(plan) <= concurrency + 1  # where one ends as another one starts, rounding decides


def test_calls_of_a_burst_are_short_but_the_box_says_their_true_durations() -> None:
    plan = list(burst(1, Office(6, 10), calls=500, rate=100))

    assert all(call.lasts <= 0.1 for _, call in plan)
    assert max(call.said_duration for _, call in plan) > 100
    assert [call.faster(1).said_duration for _, call in plan] == [call.said_duration for _, call in plan]
