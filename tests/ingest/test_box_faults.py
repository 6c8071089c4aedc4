"""A box that reboots, floods, sends rubbish, or is dead: what can be read is not lost, and no other box suffers."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.ingest import box_reader
from services.ingest.box_reader import BoxReader
from services.ingest.framing import LONGEST_LINE
from services.ingest.intake import MALFORMED_PER_MINUTE
from shared.boxes import Box
from shared.event_log import EventLog
from simulators.fritzbox.faults import Chunker, garbage
from simulators.fritzbox.server import FritzBoxSimulator
from tests.ingest.running import Ingest, calls, ingesting, states
from tests.valkey import free_port
from tests.waiting import eventually

PATIENCE = 30.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between connections, shortened."""
    monkeypatch.setattr(box_reader, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(box_reader, "LONGEST_WAIT", 0.05)


@contextmanager
def reading(log: EventLog, folder: Path, port: int, name: str = "office") -> Iterator[Ingest]:
    """Ingest of one box with everything, and the time that it really is."""
    box = Box(name=name, host="127.0.0.1", port=port)
    with ingesting(log, folder, box=box) as ingest:
        stop = threading.Event()
        thread = threading.Thread(target=BoxReader(box, ingest.intake.deliver).run, args=(stop,))
        thread.start()
        try:
            yield ingest
        finally:
            stop.set()
            thread.join(10)


def a_call(number: int) -> list[str]:
    time = f"22.11.26 18:{number // 60 % 60:02}:{number % 60:02}"
    return [
        f"{time};RING;{number % 100};03023{number:06};4710100;SIP0;",
        f"{time};DISCONNECT;{number % 100};0;",
    ]


def test_a_reboot_in_the_middle_of_a_call_costs_no_more_than_what_was_said_meanwhile(
    event_log: EventLog, tmp_path: Path
) -> None:
    port = free_port()
    with reading(event_log, tmp_path, port):
        with FritzBoxSimulator(port=port) as box:
            box.wait_for_client()
            box.send(a_call(1)[0])
            eventually(lambda: states(event_log) == ["ringing 1"])
            box.drop(reset=True)
        with FritzBoxSimulator(port=port) as box:
            box.wait_for_client(timeout=PATIENCE)
            box.send(a_call(1)[1])
            eventually(lambda: states(event_log) == ["ringing 1", "ended 2"])


def test_ten_thousand_lines_at_once_are_all_published_in_order_and_another_box_has_its_turn(
    event_log: EventLog, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        flooding, quiet = stack.enter_context(FritzBoxSimulator()), stack.enter_context(FritzBoxSimulator())
        ingest = stack.enter_context(reading(event_log, tmp_path / "flooding", flooding.port, "flooding"))
        stack.enter_context(reading(event_log, tmp_path / "quiet", quiet.port, "quiet"))
        flooding.wait_for_client()
        quiet.wait_for_client()
        lines = [line for number in range(5000) for line in a_call(number)]
        flooding.send_bytes("".join(f"{line}\r\n" for line in lines).encode())
        eventually(lambda: ingest.spool.waiting, within=PATIENCE)
        quiet.send(a_call(1)[0])
        heard_quiet = event_log.keys.box("quiet")
        eventually(lambda: event_log.redis.exists(heard_quiet), within=PATIENCE)
        eventually(lambda: event_log.redis.xlen(event_log.keys.stream) == 10_001, within=PATIENCE)
    heard = [call for call in calls(event_log) if call.box == "flooding"]
    assert [call.remote.received for call in heard if call.seq == 1] == [f"03023{n:06}" for n in range(5000)]
    assert len({call.id for call in heard}) == 5000


def test_a_line_that_never_ends_is_given_up_and_what_comes_after_it_is_read(
    event_log: EventLog, tmp_path: Path
) -> None:
    with FritzBoxSimulator() as box, reading(event_log, tmp_path, box.port):
        box.wait_for_client()
        for _ in range(30):
            box.send_bytes(b"x" * 100_000)
        box.send_bytes(b"\r\n")
        box.send(a_call(1)[0])
        eventually(lambda: states(event_log) == ["ringing 1"], within=PATIENCE)
    kept: Any = event_log.redis.xrange(event_log.keys.quarantine)
    assert [len(fields[b"line"]) for _, fields in kept] == [80]


def test_binary_rubbish_fills_neither_the_quarantine_nor_the_log_and_hides_no_call(
    event_log: EventLog, tmp_path: Path
) -> None:
    chance = random.Random(1)
    with (
        capture_logs() as logs,
        FritzBoxSimulator(chunker=Chunker(chance)) as box,
        reading(event_log, tmp_path, box.port),
    ):
        box.wait_for_client()
        for number in range(200):
            box.send_bytes(garbage(chance).data + chance.randbytes(50) + b"\r\n")
            for line in a_call(number):
                box.send(line)
        box.flush()
        eventually(lambda: len(calls(event_log)) == 400, within=PATIENCE)
    assert [call.remote.received for call in calls(event_log) if call.seq == 1] == [f"03023{n:06}" for n in range(200)]
    assert event_log.redis.xlen(event_log.keys.quarantine) == MALFORMED_PER_MINUTE
    assert len([entry for entry in logs if entry["log_level"] == "warning"]) <= MALFORMED_PER_MINUTE + 1


def test_of_two_boxes_a_dead_one_does_not_hold_up_the_other(event_log: EventLog, tmp_path: Path) -> None:
    with ExitStack() as stack:
        alive = stack.enter_context(FritzBoxSimulator())
        logs = stack.enter_context(capture_logs())
        stack.enter_context(reading(event_log, tmp_path / "dead", free_port(), "dead"))
        stack.enter_context(reading(event_log, tmp_path / "alive", alive.port, "alive"))
        alive.wait_for_client()
        for number in range(20):
            for line in a_call(number):
                alive.send(line)
        eventually(lambda: states(event_log) == ["ringing 1", "ended 2"] * 20, within=PATIENCE)
    assert len([entry for entry in logs if entry["log_level"] == "warning" and entry["box"] == "dead"]) == 1


def test_the_longest_line_that_is_one_is_kept_whole_however_it_is_cut(event_log: EventLog, tmp_path: Path) -> None:
    long = "22.11.26 18:00:01;RING;0;03023125100;4710100;SIP0;" + "x;" * 200
    assert len(long) <= LONGEST_LINE
    with FritzBoxSimulator() as box, reading(event_log, tmp_path, box.port):
        box.wait_for_client()
        for byte in (long + "\r\n").encode():
            box.send_bytes(bytes([byte]))
        eventually(lambda: states(event_log) == ["ringing 1"], within=PATIENCE)


def test_a_box_that_vanishes_without_a_word_is_noticed_by_keepalive_and_found_again() -> None:
    network = ["unshare", "--net"]
    allowed = subprocess.run([*network, "ip", "link"], capture_output=True, check=False).returncode == 0
    if not allowed and not os.environ.get("CI"):
        pytest.skip("only root may make a network of its own to cut")
    run = subprocess.run(
        [*network, sys.executable, "-m", "tests.ingest.vanished_box"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lost, back = run.stdout.splitlines()
    assert "cannot be reached" in lost
    assert back == "connected to the call monitor"
