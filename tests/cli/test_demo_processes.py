"""How the demo starts and ends its processes, shown with a shell's."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.demo import processes
from cli.demo.processes import Process, Program, stop_all
from tests.waiting import eventually


@pytest.fixture
def shell(tmp_path: Path) -> Callable[[str], Process]:
    """Runs a shell script as one of the demo's processes."""

    def start(script: str) -> Process:
        program = Program("shell", ["/bin/sh", "-c", script], dict(os.environ), lambda: "")
        process = Process(program, tmp_path / "shell.log")
        process.start()
        return process

    return start


def test_a_process_that_does_not_stop_is_ended_with_all_that_it_started(
    shell: Callable[[str], Process], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    os.mkfifo(alive := tmp_path / "alive")
    process = shell(f"trap '' TERM; (while :; do sleep 0.1; done) >{alive} & wait")
    with alive.open() as child:
        stop_all([process])

        assert process.exit_code == -signal.SIGKILL
        assert child.read() == ""  # its end: the child has let go of it


def test_a_process_that_stops_when_asked_is_not_killed(shell: Callable[[str], Process]) -> None:
    process = shell("trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.05; done")
    eventually(lambda: process.last_words() == "hello")

    stop_all([process])

    assert (process.exit_code, process.last_words()) == (0, "bye")


def test_a_process_that_keeps_ending_is_not_started_for_ever(shell: Callable[[str], Process]) -> None:
    process = shell("exit 1")
    starts = 1
    while eventually(lambda: process.exit_code is not None) and process.may_start_again():
        process.start()
        starts += 1

    assert starts == processes.RESTARTS + 1


def test_a_process_with_wrong_settings_is_not_started_again(shell: Callable[[str], Process]) -> None:
    process = shell("echo 'WEB_PORT is wrong.'; exit 2")
    eventually(lambda: process.exit_code == 2)

    assert not process.may_start_again()
    assert process.last_words() == "WEB_PORT is wrong."


def test_of_a_line_of_json_the_last_words_are_its_event(shell: Callable[[str], Process]) -> None:
    process = shell("""echo '{"event": "waiting", "because": "of something"}'; echo""")
    eventually(lambda: process.exit_code == 0)

    assert process.last_words() == "waiting"
