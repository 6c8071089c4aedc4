"""Ingest as processes: killed, stopped, frozen, doubled, on a full disk, during calls. None is lost or doubled.

The box is the witness: what it said to at least one of them is compared with what is in the log.
"""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ingest.lease import Lease
from services.ingest.spool_record import decode
from shared.event_log import ORIGIN, EventLog
from shared.events import Call, CallEvent
from shared.redis_client import connect
from tests.system.office import Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

PATIENCE = 30.0


class Line:
    """A box, one ingest or several, and the log."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.log = EventLog(connect(office.valkey.url), "callmonitor:events", 24 * 3600)
        self.spools = folder / "spool"
        self._said: list[str] = []
        self._numbers = iter(range(100_000))

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        return self.office._services["ingest"]

    def start(self, count: int = 1) -> None:
        """Start so many ingests more, and wait until the box has them."""
        before = self.office.box.clients
        self.office.start("ingest", workers=count)
        self.office.box.wait_for_client(before + count, timeout=PATIENCE)

    def says_calls(self, count: int) -> None:
        """Whole calls; everyone who is connected hears them."""
        for _ in range(count):
            self.ends(*self.opens_calls(1))

    def opens_calls(self, count: int) -> list[int]:
        numbers = [next(self._numbers) for _ in range(count)]
        for number in numbers:
            self.office.says(f"RING;{number % 100};{_caller(number)};4710100;SIP0;")
            self._said.append(f"{_caller(number)} ringing 1")
        return numbers

    def ends(self, number: int) -> None:
        self.office.says(f"DISCONNECT;{number % 100};0;")
        self._said.append(f"{_caller(number)} ended 2")

    def logged(self) -> list[str]:
        return [f"{call.remote.received} {call.state} {call.seq}" for call in self._calls()]

    def is_whole(self) -> bool:
        """Whether all that was said is in the log, once and in order, and each call has one id."""
        ids = {(call.remote.received, call.id) for call in self._calls()}
        return self.logged() == self._said and len(ids) == len({number for number, _ in ids})

    def has_heard(self) -> bool:
        """Whether an ingest has the last line that was said, and so all those before it."""
        last = self.office.box.sent[-1].line
        kept = [record for file in self.spools.glob("*/*.spool") for record in decode(file.read_bytes()).records]
        return any(record.content == last for record in kept)

    def holder(self) -> subprocess.Popen[bytes]:
        """The one that publishes: by the lock on the folder in which the holder's spool is."""
        lease = Lease(self.log, "office", "nobody")
        holder = eventually(lambda: lease.look().holder, within=PATIENCE)
        for file in self.spools.glob("*/office.spool"):
            mark = decode(file.read_bytes()).mark
            if mark and mark.spool == holder:
                return next(process for process in self.processes if _has_open(process.pid, file.parent))
        raise AssertionError("nobody has the holder's spool")

    def dies(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        self.processes.remove(process)

    def _calls(self) -> list[Call]:
        logged = self.log.read(ORIGIN, count=100_000, block_seconds=0.01)
        return [entry.event.call for entry in logged if isinstance(entry.event, CallEvent)]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box:
        line = Line(office, tmp_path)
        yield line
    line.log.redis.close()
    office.close()


def test_killed_again_and_again_with_and_without_redis(line: Line) -> None:
    for redis in (True, False, True, False):
        line.office.valkey.stop()
        if redis:
            line.office.valkey.start()
        line.start()
        line.says_calls(10)
        eventually(line.has_heard, within=PATIENCE)
        line.dies(line.processes[0])
    line.office.valkey.start()
    line.start()
    eventually(line.is_whole, within=PATIENCE)


def test_stopped_in_order_while_redis_is_away_and_started_again(line: Line) -> None:
    line.start()
    ringing = line.opens_calls(5)
    eventually(line.is_whole, within=PATIENCE)
    line.office.valkey.stop()
    for number in ringing:
        line.ends(number)
    eventually(line.has_heard, within=PATIENCE)
    assert line.office.stop() == {"ingest": [0]}
    assert "kept for the next start" in line.office.log_of("ingest")
    files = [*line.spools.rglob("*.spool")]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]
    line.office.valkey.start()
    line.start()
    eventually(line.is_whole, within=PATIENCE)


def test_the_standby_takes_over_when_the_one_that_publishes_is_killed_in_the_middle_of_calls(line: Line) -> None:
    line.start(2)
    for _ in range(2):
        ringing = line.opens_calls(10)
        eventually(line.is_whole, within=PATIENCE)
        holder = line.holder()
        for number in ringing[:5]:
            line.ends(number)
        line.dies(holder)
        for number in ringing[5:]:
            line.ends(number)
        line.says_calls(5)
        eventually(line.is_whole, within=PATIENCE)
        line.start()


def test_one_that_was_frozen_for_longer_than_its_lease_doubles_nothing_when_it_goes_on(line: Line) -> None:
    line.start(2)
    ringing = line.opens_calls(10)
    eventually(line.is_whole, within=PATIENCE)
    frozen = line.holder()
    frozen.send_signal(signal.SIGSTOP)
    for number in ringing:
        line.ends(number)
    line.says_calls(10)
    eventually(line.is_whole, within=PATIENCE)
    frozen.send_signal(signal.SIGCONT)
    line.says_calls(10)
    eventually(line.is_whole, within=PATIENCE)
    line.dies(next(process for process in line.processes if process is not frozen))
    line.says_calls(10)
    eventually(line.is_whole, within=PATIENCE)


def test_one_alone_that_was_frozen_publishes_what_the_box_said_meanwhile(line: Line) -> None:
    line.start()
    line.says_calls(5)
    eventually(line.is_whole, within=PATIENCE)
    line.processes[0].send_signal(signal.SIGSTOP)
    line.says_calls(20)
    line.processes[0].send_signal(signal.SIGCONT)
    eventually(line.is_whole, within=PATIENCE)


def test_two_that_start_without_redis_are_one_stream_when_it_comes(line: Line) -> None:
    line.office.valkey.stop()
    line.start(2)
    line.says_calls(20)
    line.office.valkey.start()
    eventually(line.is_whole, within=PATIENCE)
    line.says_calls(20)
    eventually(line.is_whole, within=PATIENCE)


def test_both_killed_without_redis_and_one_started_again_publishes_what_each_has_heard(line: Line) -> None:
    line.office.valkey.stop()
    line.start(2)
    line.says_calls(10)
    eventually(line.has_heard, within=PATIENCE)
    line.dies(line.processes[0])
    line.says_calls(10)
    eventually(line.has_heard, within=PATIENCE)
    line.dies(line.processes[0])
    line.office.valkey.start()
    line.start()
    eventually(line.is_whole, within=PATIENCE)


def test_a_rolling_restart_of_two_in_the_middle_of_calls_loses_nothing(line: Line) -> None:
    line.start(2)
    ringing = line.opens_calls(20)
    for process in list(line.processes):
        eventually(line.is_whole, within=PATIENCE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        line.processes.remove(process)
        for _ in range(10):
            line.ends(ringing.pop())
        line.start()
    line.says_calls(5)
    eventually(line.is_whole, within=PATIENCE)


def test_one_ends_in_time_although_redis_hangs_and_the_next_one_publishes_what_it_had_heard(line: Line) -> None:
    line.start()
    line.says_calls(1)
    eventually(line.is_whole, within=PATIENCE)
    valkey = line.log.redis.info("server")["process_id"]
    os.kill(valkey, signal.SIGSTOP)
    line.says_calls(10)
    eventually(line.has_heard, within=PATIENCE)
    process = line.processes.pop()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert "stopped in the middle of a request" in _log(line)
    os.kill(valkey, signal.SIGCONT)
    line.start()
    eventually(line.is_whole, within=PATIENCE)


def test_one_ends_in_time_that_is_told_to_in_the_moment_in_which_it_wakes_up(line: Line) -> None:
    for _ in range(3):
        line.start()
        process = line.processes.pop()
        for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGTERM):
            process.send_signal(number)
        assert process.wait(10) == 0


def test_a_full_disk_is_said_once_and_costs_no_call_while_ingest_runs(line: Line) -> None:
    line.office.valkey.stop()
    line.start()
    line.says_calls(200)
    eventually(line.has_heard, within=PATIENCE)
    process, unlimited = line.processes[0].pid, resource.RLIM_INFINITY
    (file,) = line.spools.rglob("*.spool")
    resource.prlimit(process, resource.RLIMIT_FSIZE, (file.stat().st_size, unlimited))  # the log is smaller by far
    line.says_calls(20)
    eventually(lambda: "kept in memory only" in _log(line), within=PATIENCE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    eventually(lambda: "the spool's disk works again" in _log(line), within=PATIENCE)
    assert _log(line).count("kept in memory only") == 1
    line.says_calls(20)
    eventually(line.has_heard, within=PATIENCE)
    line.dies(line.processes[0])
    line.office.valkey.start()
    line.start()
    eventually(line.is_whole, within=PATIENCE)


@pytest.mark.parametrize(
    "spool", ["/dev/null/spool", "/proc/spool"], ids=["under a file", "where nothing can be written"]
)
def test_a_folder_that_cannot_be_used_is_said_in_one_sentence(line: Line, spool: str) -> None:
    line.office._environment["SPOOL_DIR"] = spool
    line.office.start("ingest")
    assert line.processes[0].wait(30) == 2
    (sentence,) = [text for text in _log(line).splitlines() if "SPOOL_DIR" in text]
    assert sentence.startswith(f"SPOOL_DIR is {spool}, where nothing can be kept: ")
    assert "Traceback" not in _log(line)


def _log(line: Line) -> str:
    return line.office.log_of("ingest")


def _caller(number: int) -> str:
    return f"0302312{number:05}"


def _has_open(pid: int, path: Path) -> bool:
    return str(path) in {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
