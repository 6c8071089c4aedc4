"""The reader against a simulated box: it comes back from everything, and says once what is wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.ingest import box_reader
from services.ingest.box_reader import BoxReader, Received
from services.ingest.framing import Garbage
from shared.boxes import Box
from simulators.fritzbox.server import FritzBoxSimulator
from tests.valkey import free_port
from tests.waiting import eventually

LINE = "22.11.26 18:00:01;RING;0;0302312501;6900090;SIP0;"


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between connections, shortened."""
    monkeypatch.setattr(box_reader, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(box_reader, "LONGEST_WAIT", 0.05)


@contextmanager
def reading(port: int, **world: Any) -> Iterator[tuple[BoxReader, list[Received], list[dict[str, Any]]]]:
    """A reader at work, what it delivered so far, and what it logged."""
    lines: list[Received] = []
    reader = BoxReader(Box(name="office", host="127.0.0.1", port=port), lines.append, **world)
    stop = threading.Event()
    thread = threading.Thread(target=reader.run, args=(stop,))
    with capture_logs() as logs:
        thread.start()
        try:
            yield reader, lines, logs  # type: ignore[misc] # structlog's own mutable mappings
        finally:
            stop.set()
            thread.join(5)
            assert not thread.is_alive(), "must stop within 5 s"


def warnings(logs: list[dict[str, Any]]) -> list[str]:
    return [entry["event"] for entry in logs if entry["log_level"] == "warning"]


def test_lines_are_delivered_with_the_time_of_their_receipt() -> None:
    with FritzBoxSimulator() as box, reading(box.port) as (reader, lines, _):
        box.wait_for_client()
        box.send(LINE)
        eventually(lambda: lines)
        assert lines[0].line == LINE.encode()
        assert lines[0].at.utcoffset() is not None
        assert reader.connected


def test_a_lost_connection_is_made_again_and_half_a_line_does_not_survive_it() -> None:
    with FritzBoxSimulator() as box, reading(box.port) as (_, lines, logs):
        box.wait_for_client()
        box.send_bytes(b"22.11.26 18:00:01;RING;0;03023")
        box.drop()
        box.wait_for_client()
        box.send(LINE)
        eventually(lambda: lines and lines[-1].line == LINE.encode())
        assert [type(received.line) for received in lines] in ([Garbage, bytes], [bytes])
        assert len(warnings(logs)) == 1
        assert "closed the connection" in warnings(logs)[0]


def test_it_never_gives_up_and_says_the_same_thing_only_once() -> None:
    tries: list[float] = []

    def connect(*_: object, **__: object) -> socket.socket:
        tries.append(1)
        raise ConnectionRefusedError

    with reading(1, connect=connect) as (reader, _, logs):
        eventually(lambda: len(tries) > 20)
        assert not reader.connected
    (warning,) = warnings(logs)
    assert "#96*5*" in warning


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError(), "switch the call monitor on by dialling #96*5*"),
        (socket.gaierror(-2, "unknown"), "The name 127.0.0.1 is unknown"),
        (TimeoutError(), "cannot be reached"),
        (OSError(113, "no route to host"), "cannot be reached"),
        (ConnectionResetError(), "closed the connection"),
    ],
)
def test_each_problem_has_its_own_sentence(error: OSError, sentence: str) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise error

    with reading(1, connect=connect) as (_, __, logs):
        eventually(lambda: warnings(logs))
    assert sentence in warnings(logs)[0]


def test_a_box_that_starts_later_is_found_and_that_it_is_back_is_said_once() -> None:
    port = free_port()
    with reading(port) as (_, lines, logs):
        eventually(lambda: warnings(logs))
        with FritzBoxSimulator(port=port) as box:
            box.wait_for_client()
            box.send(LINE)
            eventually(lambda: lines)
    assert [entry["event"] for entry in logs if entry["log_level"] == "info"] == ["connected to the call monitor"]


def test_a_dead_peer_is_found_within_90_seconds() -> None:
    options: dict[int, int] = {}

    class Watched(socket.socket):
        def setsockopt(self, level: int, name: int, value: Any, *_: Any) -> None:
            super().setsockopt(level, name, value)
            if level == socket.IPPROTO_TCP:
                options[name] = self.getsockopt(level, name)

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        watched = Watched()
        watched.settimeout(timeout)
        watched.connect(address)
        return watched

    with FritzBoxSimulator() as box, reading(box.port, connect=connect) as (reader, _, __):
        box.wait_for_client()
        eventually(lambda: reader.connected)
    probes, interval = options[socket.TCP_KEEPCNT], options[socket.TCP_KEEPINTVL]
    assert options[socket.TCP_KEEPIDLE] + probes * interval <= 90


def test_a_silent_half_open_connection_is_still_a_connection() -> None:
    with FritzBoxSimulator() as box, reading(box.port) as (reader, lines, logs):
        box.wait_for_client()
        eventually(lambda: reader.connected)
        box.go_half_open()
        box.send(LINE)  # swallowed
        box.drop()
        box.wait_for_client()
        box.send(LINE)
        eventually(lambda: len(lines) == 1)
        assert len(warnings(logs)) == 1
