"""The simulator as a process of its own, and its speed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import phpserialize
import pytest
import requests

from simulators.limbas.endpoint import Endpoint, Options
from simulators.limbas.faults import Faults
from simulators.limbas.messages import Request
from simulators.limbas.server import PASSWORD, USERS, LimbasSimulator
from simulators.limbas.sessions import Sessions
from simulators.limbas.store import Store
from tests.simulators.limbas.client import CALLS, CONTACTS, Client, envelope

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


def test_at_real_speed_a_request_waits_as_long_as_a_real_server_takes() -> None:
    waits: list[float] = []
    store = Store()
    sessions = Sessions(store, USERS, clock=lambda: 0.0, lifetime_seconds=60)
    endpoint = Endpoint(store, sessions, Faults(), Options(speed="real"), waits.append)
    cookie = None
    for inserts in (1, 1, 20):
        array = {number: {"action": "gtab_new", "gtabid": CALLS} for number in range(inserts)}
        body = envelope(phpserialize.dumps(array).decode())
        reply = endpoint.reply(Request(body, "127.0.0.1", cookie, ("callmonitor", PASSWORD)))
        cookie = cookie or reply.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    assert waits == pytest.approx([0.118, 0.025, 0.063])


def test_at_real_speed_the_waits_are_real() -> None:
    with LimbasSimulator(options=Options(speed="real")) as simulator:
        begun = monotonic()
        Client(simulator.url).insert(*({2: "x"} for _ in range(20)))
        assert monotonic() - begun >= 0.063
