from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from simulators.fritzbox.faults import Drop, Garbage, GoHalfOpen
from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.player import Player
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Item, Timetable, Verbatim
from tests.simulators.fritzbox.client import Listener
from tests.waiting import eventually

BERLIN = ZoneInfo("Europe/Berlin")
QUICK = PlannedCall(remote="03023125201", rings=0.02, talks=0.02, duration=42)


def without_time(line: bytes) -> bytes:
    return line.partition(b";")[2]


def test_a_call_is_played_in_real_time_stamped_with_the_time_of_the_box() -> None:
    before = datetime.now(UTC)
    with FritzBoxSimulator() as box, Player(box, Timetable([(0.1, QUICK)]), BERLIN), Listener(box.port) as listener:
        lines = [listener.line() for _ in range(3)]

        assert [without_time(line) for line in lines] == [
            b"RING;0;03023125201;4710100;SIP0;\r\n",
            b"CONNECT;0;10;03023125201;\r\n",
            b"DISCONNECT;0;42;\r\n",
        ]
        for sent, planned in zip(box.sent, (0.1, 0.12, 0.14), strict=True):
            stamp = datetime.strptime(sent.line.decode().partition(";")[0], "%d.%m.%y %H:%M:%S").replace(tzinfo=BERLIN)
            assert timedelta(0) <= sent.at - stamp < timedelta(seconds=2)
            assert sent.at >= before + timedelta(seconds=planned)


def test_nothing_is_played_until_somebody_listens() -> None:
    with FritzBoxSimulator() as box, Player(box, Timetable([(0.0, Verbatim(b"first"))]), BERLIN):
        with Listener(box.port) as listener:
            assert listener.line() == b"first\r\n"
        assert [sent.clients for sent in box.sent] == [1]


def test_a_call_can_begin_at_any_time_and_gets_a_free_connection() -> None:
    long_call = PlannedCall(rings=60)
    with (
        FritzBoxSimulator() as box,
        Player(box, Timetable([(0.0, long_call)]), BERLIN) as player,
        Listener(box.port) as listener,
    ):
        assert b";RING;0;" in listener.line()
        player.play(QUICK)
        assert b";RING;1;03023125201;" in listener.line()
        assert not player.finished


def test_it_is_finished_when_nothing_is_left() -> None:
    with FritzBoxSimulator() as box, Player(box, Timetable([(0.0, QUICK)]), BERLIN) as player, Listener(box.port):
        assert not player.finished
        eventually(lambda: player.finished and len(box.sent) == 3)


def test_faults_are_played_like_calls() -> None:
    plan: list[tuple[float, Item]] = [
        (0.0, Garbage(b"garbage\r\n")),
        (0.01, Verbatim(b"a line")),
        (0.02, GoHalfOpen()),
        (0.03, Verbatim(b"to nobody")),
        (0.04, Drop(reset=False)),
    ]
    with FritzBoxSimulator() as box, Player(box, Timetable(plan), BERLIN), Listener(box.port) as listener:
        assert listener.rest() == b"garbage\r\na line\r\n"
        assert [(sent.line, sent.clients) for sent in box.sent] == [(b"a line", 1), (b"to nobody", 0)]


def test_a_player_can_be_stopped_in_the_middle_of_a_call() -> None:
    with FritzBoxSimulator() as box, Listener(box.port) as listener:
        with Player(box, Timetable([(0.0, PlannedCall(rings=0.05, talks=3600))]), BERLIN):
            listener.line()
        assert listener.hears_nothing(seconds=0.1)
