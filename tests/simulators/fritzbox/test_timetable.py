from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from simulators.fritzbox.faults import GoHalfOpen
from simulators.fritzbox.messages import Connect, Dial, Disconnect, Message, Ring
from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.timetable import Action, Item, Timetable, Verbatim

CALLS = st.builds(
    PlannedCall,
    direction=st.sampled_from(["inbound", "outbound"]),
    answered=st.booleans(),
    rings=st.floats(0, 20),
    talks=st.floats(0, 100),
)
PLANS = st.lists(st.tuples(st.floats(0, 100), CALLS), max_size=30).map(
    lambda plan: sorted(plan, key=lambda item: item[0])
)


def everything(timetable: Timetable) -> Iterator[tuple[float, Action]]:
    while timetable.next_at() is not None:
        yield timetable.pop()


def test_an_answered_call_rings_is_connected_and_ends() -> None:
    call = PlannedCall(remote="03023125201", own_number="4710100", line="SIP1", extension=11, rings=6, talks=42.4)

    assert list(everything(Timetable([(10.0, call)]))) == [
        (10.0, Ring(0, "03023125201", "4710100", "SIP1")),
        (16.0, Connect(0, 11, "03023125201")),
        (58.4, Disconnect(0, 42)),
    ]


def test_a_call_out_that_nobody_answers_ends_with_0_seconds() -> None:
    call = PlannedCall(direction="outbound", remote="02214710300", extension=11, answered=False, rings=15)

    assert list(everything(Timetable([(0.0, call)]))) == [
        (0.0, Dial(0, 11, "4710100", "02214710300", "SIP0")),
        (15.0, Disconnect(0, 0)),
    ]


def test_the_lowest_free_connection_id_is_used_again_at_once() -> None:
    plan = [
        (at, PlannedCall(answered=False, rings=rings)) for at, rings in ((0, 10), (1, 100), (2, 3), (5, 1), (11, 1))
    ]

    opened = [action.connection for _, action in everything(Timetable(plan)) if isinstance(action, Ring)]

    assert opened == [0, 1, 2, 2, 0]


def test_verbatim_lines_and_faults_happen_between_the_calls() -> None:
    plan: list[tuple[float, Item]] = [
        (0.0, PlannedCall(answered=False, rings=10)),
        (1.0, Verbatim(b"as it is")),
        (2.0, GoHalfOpen()),
    ]
    assert [action for _, action in everything(Timetable(plan))][1:3] == [Verbatim(b"as it is"), GoHalfOpen()]


def test_a_call_can_be_added_while_others_go_on() -> None:
    timetable = Timetable([(0.0, PlannedCall(answered=False, rings=10))])
    timetable.pop()
    timetable.add(4.0, PlannedCall(answered=False, rings=1))

    assert timetable.pop() == (4.0, Ring(1, "", "4710100", "SIP0"))
    assert timetable.pop() == (5.0, Disconnect(1, 0))


@given(plan=PLANS)
def test_no_two_open_calls_share_a_connection_id_and_time_never_goes_back(
    plan: list[tuple[float, PlannedCall]],
) -> None:
    open_calls: dict[int, list[Message]] = {}
    finished, last = [], 0.0
    for at, action in everything(Timetable(plan)):
        assert at >= last
        last = at
        match action:
            case Ring() | Dial():
                assert action.connection not in open_calls
                assert action.connection < len(open_calls) + 1
                open_calls[action.connection] = [action]
            case Connect():
                open_calls[action.connection].append(action)
            case Disconnect():
                finished.append([*open_calls.pop(action.connection), action])
            case _:
                raise AssertionError(action)
    assert not open_calls
    assert sorted(len(messages) for messages in finished) == sorted(2 + call.answered for _, call in plan)
