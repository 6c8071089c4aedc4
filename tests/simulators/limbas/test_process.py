"""The simulator as a process of its own, and its speed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
import requests

from simulators.limbas.endpoint import Options
from simulators.limbas.server import LimbasSimulator
from tests.simulators.limbas.client import CONTACTS, Client

COMMAND = [sys.executable, "-m", "simulators.limbas"]


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process, and the address that its one line names."""
    with subprocess.Popen([*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        try:
            yield process, line.removeprefix("limbas simulator: ").strip()
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_when_it_listens_and_stops_cleanly(stop: signal.Signals) -> None:
    with running("--password", "geheim", "--seed", "1") as (process, url):
        client = Client(url, "callmonitor", "geheim")
        assert client.rows(CONTACTS, {2: {0: "Huber"}}) == {9: {1: "9", 2: "Huber"}}
        begun = monotonic()
        process.send_signal(stop)
        assert process.wait(5) == 0
        assert monotonic() - begun < 5
        assert process.stdout
        assert process.stdout.read() == ""


def test_whoever_is_connected_when_it_stops_is_hung_up_on() -> None:
    first = LimbasSimulator().start()
    client = Client(first.url)
    client.insert({2: "x"})
    first.stop()
    with pytest.raises(requests.ConnectionError):
        client.ask({})
    port = int(first.url.rpartition(":")[2])
    with LimbasSimulator(port=port, store=first.store):
        assert client.rows() == {1: {1: "1", 2: "x"}}


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr == f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use.\n"


def test_at_real_speed_twenty_inserts_take_as_long_as_on_a_real_server() -> None:
    with LimbasSimulator(options=Options(speed="real")) as simulator:
        client = Client(simulator.url)
        assert seconds(lambda: client.ask({})) >= 0.115  # logging in
        assert 0.025 <= seconds(lambda: client.insert({2: "x"})) < 1
        assert 0.063 <= seconds(lambda: client.insert(*({2: "x"} for _ in range(20)))) < 1


def seconds(work: object) -> float:
    begun = monotonic()
    assert callable(work)
    work()
    return monotonic() - begun
