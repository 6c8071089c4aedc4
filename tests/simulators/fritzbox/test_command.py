"""The simulator as people start it: as a process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from simulators.fritzbox.command import fritzbox
from simulators.fritzbox.messages import Connect, Dial, Disconnect, Ring
from simulators.fritzbox.office_day import Office, office_day
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Timetable
from tests.corpus import FOLDER, load_file
from tests.simulators.fritzbox.client import Listener
from tests.waiting import eventually


class Running(NamedTuple):
    process: subprocess.Popen[str]
    port: int
    control: str
    tr064: str
    """Empty: none."""

    def report(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.control}/sent", timeout=5) as answer:  # noqa: S310 - our own server
            report: dict[str, Any] = json.load(answer)
            return report


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "simulators.fritzbox", "--port", "0", "--control-port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            url = r"http://127\.0\.0\.1:\d+"
            found = re.fullmatch(
                rf"fritzbox simulator: 127\.0\.0\.1:(\d+), control: ({url})(?:, TR-064: ({url}))?\n", said
            )
            assert found, said
            yield Running(process, int(found[1]), found[2], found[3] or "")
        finally:
            process.kill()


def test_it_says_one_line_and_stops_cleanly_on_sigterm() -> None:
    with running("--play", "answered") as simulator, Listener(simulator.port) as listener:
        assert b";RING;0;03023125201;4710100;SIP0;" in listener.line()
        simulator.process.send_signal(signal.SIGTERM)
        assert simulator.process.wait(timeout=5) == 0
        assert listener.rest() == b""
        assert simulator.process.stdout
        assert simulator.process.stdout.read() == ""


def test_a_burst_has_exactly_so_many_calls_and_then_it_stays_up() -> None:
    with running("--calls", "50", "--rate", "500", "--split-and-glue") as simulator:
        with Listener(simulator.port) as listener:
            eventually(lambda: simulator.report()["finished"])
            lines = simulator.report()["lines"]
            assert len([line for line in lines if ";RING;" in line["line"] or ";CALL;" in line["line"]]) == 50
            assert len([line for line in lines if ";DISCONNECT;" in line["line"]]) == 50
            assert [listener.line().decode().rstrip() for _ in lines] == [line["line"] for line in lines]
        with Listener(simulator.port):
            eventually(lambda: simulator.report()["clients"] == 1)


def test_an_office_day_is_what_its_seed_says() -> None:
    planned = Timetable(office_day(5, Office(calls_per_minute=6000, concurrency=20)))
    with (
        running("--seed", "5", "--calls-per-minute", "6000", "--concurrency", "20") as simulator,
        Listener(simulator.port) as listener,
    ):
        for _ in range(20):
            _, message = planned.pop()
            assert isinstance(message, Ring | Dial | Connect | Disconnect)
            now = datetime.now(ZoneInfo("Europe/Berlin"))
            assert listener.line().decode().partition(";")[2].rstrip() == message.at(now).partition(";")[2]


def test_tr064_is_another_port_if_it_is_asked_for() -> None:
    with (
        running("--tr064-port", "0", "--calls-per-minute", "0") as simulator,
        urllib.request.urlopen(f"{simulator.tr064}/tr64desc.xml", timeout=5) as answer,  # noqa: S310 - our own server
    ):
        assert b"<modelName>FRITZ!Box 7590</modelName>" in answer.read()
    with running("--calls-per-minute", "0") as simulator:
        assert simulator.tr064 == ""


def test_corpus_files_are_played_as_they_stand() -> None:
    path = FOLDER / "ordinary.toml"
    with running("--play", str(path), "--speed", "1000") as simulator, Listener(simulator.port) as listener:
        for case in load_file(path):
            for line in case.wire():
                assert listener.line() == line + b"\r\n"


def test_faults_happen_beside_the_calls() -> None:
    with (
        running("--calls-per-minute", "0", "--garbage-every", "0.01", "--drop-every", "0.2") as simulator,
        Listener(simulator.port) as listener,
    ):
        assert listener.line(), "garbage"
        eventually(lambda: simulator.report()["clients"] == 0)
        assert simulator.report()["lines"] == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--timezone", "Berlin"], "Berlin is no time zone"),
        (["--numbers", "nowhere.txt"], "nowhere.txt"),
        (["--play", "nowhere.toml"], "Bundled scenarios: answered"),
        (["--play", "answered", "--calls", "5"], "--play or --calls, not both"),
        (["--concurrency", "0"], "0 is not in the range"),
        (["--rate", "0"], "0.0 is not in the range"),
    ],
)
def test_a_wrong_option_is_explained(arguments: list[str], reason: str) -> None:
    result = CliRunner().invoke(fritzbox, arguments)

    assert result.exit_code == 2
    assert reason in result.output


def test_a_file_of_numbers_that_is_none_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()

    assert "one phone number a line" in CliRunner().invoke(fritzbox, ["--numbers", str(path)]).output


def test_a_port_in_use_is_explained() -> None:
    with FritzBoxSimulator() as box:
        result = CliRunner().invoke(fritzbox, ["--port", str(box.port)])

    assert result.exit_code == 1
    assert re.search(r"Cannot listen: .*address already in use", result.output)
