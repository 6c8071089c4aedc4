"""The demo: the whole system on one machine, from a line of the FRITZ!Box to a record in Limbas."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.fritzbox.server import FritzBoxSimulator
from tests.system.demo_process import DemoProcess
from tests.waiting import eventually
from tests.web.event_source import EventSource

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the demo's processes in /proc"),
]
RING = "22.11.26 18:00:00;RING;0;03023125201;4710100;SIP0;"


@pytest.fixture
def box() -> Iterator[FritzBoxSimulator]:
    """A FRITZ!Box that is not the demo's own."""
    with FritzBoxSimulator() as box:
        yield box


def one_call(events: EventSource) -> dict[str, Any]:
    """What the stream says of the first call that is recorded and linked to somebody, by the events' names."""
    calls: dict[str, dict[str, Any]] = defaultdict(dict)
    while True:
        message = events.next("call.ringing", "call.dialing", "contact.resolved", "call.recorded")
        call = calls[message.data.get("call_id") or message.data["call"]["id"]]
        call[message.name] = message.data
        if call.get("call.recorded", {}).get("linked_id"):
            return call


def who_calls(demo: DemoProcess, events: EventSource, number: str) -> list[tuple[str, str]]:
    """The names that the stream has for a caller, and where each is from."""
    demo.call(number)
    call_id = None
    while True:
        message = events.next("call.ringing", "contact.resolved")
        if message.name == "call.ringing" and message.data["call"]["remote"]["received"] == number:
            call_id = message.data["call"]["id"]
        elif call_id and message.data.get("call_id") == call_id:
            return [(each["name"], each["source"]) for each in message.data["candidates"]]


def test_calls_come_are_recognised_and_recorded_until_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with DemoProcess(tmp_path) as demo, demo.events() as events:
        assert len(demo.left_over()) >= 8  # Valkey, two simulators, five services

        call = one_call(events)

        [candidate] = call["contact.resolved"]["candidates"]
        assert candidate["name"]
        assert call["call.recorded"]["table"] == "ANRUFE"
        assert call["call.recorded"]["linked_id"] == candidate["record_id"]
        exit_code, output = demo.end(signal.SIGINT)
        assert (exit_code, output) == (0, ""), demo.errors()
        assert demo.left_over() == []
        logs = {path.stem: path.read_text() for path in (tmp_path / ".demo/logs").iterdir()}
        services = {"ingest", "jobs", "matcher", "logger", "web"}
        assert set(logs) == services | {"valkey", "fritzbox-simulator", "limbas-simulator"}
        assert all('"event": "stopped"' in logs[name] for name in services)


def test_where_there_is_php_the_calls_are_in_a_simulated_limbas_too(php: str, tmp_path: Path) -> None:  # noqa: ARG001
    with DemoProcess(tmp_path) as demo, demo.events():
        [url] = eventually(lambda: re.findall(r"in Limbas: (\S+) ", demo.errors()))
        person = requests.Session()

        top = person.post(url, data={"username": "anna", "password": "callmonitor"}, timeout=10).text
        token = person.get(f"{url}main_dyns.php?actid=callmonitorToken", timeout=10).json()["token"]
        [service] = re.findall(r'"service":"([^"]+)"', top)
        asked = {"Authorization": f"Bearer {token}", "Origin": url.rstrip("/")}
        answer = requests.get(f"{service}api/me", headers=asked, timeout=10)

        assert answer.json()["user"] == "anna"
        assert answer.headers["Access-Control-Allow-Origin"] == url.rstrip("/")


def test_without_php_the_demo_says_in_one_line_what_it_needs(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, PATH="/nowhere") as demo, demo.events():
        eventually(lambda: "install PHP: apt install php-cli\n" in demo.errors())
        assert "in Limbas:" not in demo.errors()


def test_whom_limbas_does_not_know_the_boxs_phonebook_may_know(tmp_path: Path) -> None:
    with DemoProcess(tmp_path) as demo, demo.events() as events:
        eventually(lambda: "contacts read" in (tmp_path / ".demo/logs/jobs.log").read_text())

        assert who_calls(demo, events, "02214710901") == [('Pizzeria „Da <Luigi>“ & "Söhne"', "phonebook")]
        assert who_calls(demo, events, "03023125201") == [("Anna Schmidt", "limbas")]  # in the phonebook too


def test_a_real_box_takes_the_simulators_place_and_a_killed_service_comes_back(
    tmp_path: Path, box: FritzBoxSimulator
) -> None:
    (tmp_path / ".env").write_text(f"FRITZBOX_HOST=127.0.0.1\nFRITZBOX_PORT={box.port}\n")
    with DemoProcess(tmp_path) as demo, demo.events() as events:
        assert demo.left_over("simulators.fritzbox") == []
        assert len(demo.left_over("simulators.limbas")) == 1
        [matcher] = demo.left_over("services.matcher")
        os.kill(matcher, signal.SIGKILL)
        eventually(lambda: "matcher ended with exit code -9; starting it again." in demo.errors())
        box.send(RING)

        call = one_call(events)

        assert call["contact.resolved"]["candidates"][0]["name"] == "Anna Schmidt"
        assert demo.end(signal.SIGTERM)[0] == 0
        assert demo.left_over() == []


def test_a_service_that_cannot_stay_ends_the_demo_and_says_why(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, LIMBAS_TIMEOUT="soon") as demo:
        exit_code = demo.process.wait(timeout=20)

        assert exit_code == 1
        assert "LIMBAS_TIMEOUT is 'soon', which is wrong: " in demo.errors()
        assert demo.left_over() == []


@pytest.mark.parametrize("how", ["busy", "not a number"])
def test_a_wrong_port_is_one_sentence(tmp_path: Path, how: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1]) if how == "busy" else "http"
        with DemoProcess(tmp_path, PORT=port) as demo:
            output, _ = demo.process.communicate(timeout=20)

            assert (demo.process.returncode, output) == (2, "")
            assert demo.errors().startswith(f"Port {port} cannot be used" if how == "busy" else "PORT is 'http'")
            assert demo.errors().count("\n") == 1
