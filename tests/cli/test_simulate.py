from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from cli.simulate import simulate
from simulators.fritzbox.control import Control
from simulators.fritzbox.player import Player
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Timetable
from tests.simulators.fritzbox.client import Listener


@pytest.fixture
def box() -> Iterator[FritzBoxSimulator]:
    with FritzBoxSimulator() as box:
        yield box


@pytest.fixture
def control_port(box: FritzBoxSimulator) -> Iterator[str]:
    with Player(box, Timetable(), ZoneInfo("Europe/Berlin")) as player, Control(box, player, port=0) as control:
        yield str(control.port)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(simulate, ["call", *arguments])


def test_a_call_begins_on_the_running_simulator(box: FritzBoxSimulator, control_port: str) -> None:
    with Listener(box.port) as listener:
        times = ["--answer-after", "0", "--talk", "0.6"]
        result = call("--from", "03023125201", "--extension", "11", *times, "--control-port", control_port)

        assert (result.exit_code, result.output) == (0, "")
        assert b";RING;0;03023125201;4710100;SIP0;" in listener.line()
        assert b";CONNECT;0;11;03023125201;" in listener.line()
        assert b";DISCONNECT;0;1;" in listener.line()


def test_without_a_number_the_caller_is_suppressed_and_a_missed_call_is_not_answered(
    box: FritzBoxSimulator, control_port: str
) -> None:
    with Listener(box.port) as listener:
        assert call("--missed", "--answer-after", "0", "--control-port", control_port).exit_code == 0
        assert b";RING;0;;4710100;SIP0;" in listener.line()
        assert b";DISCONNECT;0;0;" in listener.line()


def test_a_call_can_go_out(box: FritzBoxSimulator, control_port: str) -> None:
    with Listener(box.port) as listener:
        assert call("--to", "02214710300", "--control-port", control_port).exit_code == 0
        assert b";CALL;0;10;4710100;02214710300;SIP0;" in listener.line()


def test_a_call_from_one_and_to_another_is_refused() -> None:
    result = call("--from", "03023125201", "--to", "02214710300")

    assert result.exit_code == 2
    assert "--from or --to, not both" in result.output


def test_a_number_that_no_line_can_have_is_refused() -> None:
    result = call("--from", "030;23125201")

    assert result.exit_code == 2
    assert "remote" in result.output


def test_without_a_simulator_it_says_how_to_start_one(box: FritzBoxSimulator) -> None:
    with Control(box, Player(box, Timetable(), ZoneInfo("UTC")), port=0) as control:
        gone = str(control.port)
    result = call("--control-port", gone)

    assert result.exit_code == 1
    assert "callmonitor simulate fritzbox --control-port" in result.output


@pytest.mark.parametrize("name", ["fritzbox", "limbas"])
def test_both_simulators_can_be_started_from_here(name: str) -> None:
    assert "--port" in CliRunner().invoke(simulate, [name, "--help"]).output
