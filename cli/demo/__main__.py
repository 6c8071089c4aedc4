"""The demo: Valkey, simulators and the five services on this machine, until Ctrl-C. `scripts/demo` starts it.

Standard output gets one line, `ready: http://…`, the address of the page, signed in. All else goes to standard error.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as StopSignal
from typing import Final

from cli.demo.limbas_pages import PERSON
from cli.demo.processes import Process, Program, stop_all
from cli.demo.programs import SIMULATED_USER, Plan
from cli.demo.settings import DemoSettings
from cli.demo.waiting import HERE, free_port, port_problem
from cli.token import page_url
from services.web.rights import EVERYTHING
from services.web.tokens import LONGEST_SECONDS, mint
from shared.service import set_by
from shared.settings import load_or_exit

LOGS: Final = Path(".demo/logs")
START_SECONDS: Final = 60.0
SAY_AFTER: Final = 5.0
"""Seconds after which a person wants to know what the demo is waiting for."""


def main() -> int:
    """Run the demo. Returns the exit code: 0 when a person ended it, 2 for wrong settings, else 1."""
    settings = load_or_exit(DemoSettings)
    port = settings.port or free_port()
    if problem := port_problem(port):
        return _fail(f"Port {port} cannot be used ({problem}): choose another one, as in PORT=8090 scripts/demo.", 2)
    hang_up = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN else set()  # as nohup has it
    stop = set_by(signal.SIGINT, signal.SIGTERM, *hang_up)
    with TemporaryDirectory(prefix="callmonitor-") as folder:
        demo = Demo(stop)
        try:
            return demo.run(Plan(settings, Path(folder), port))
        finally:
            demo.stop()


class Demo:
    """The running demo."""

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop
        self._foundation: list[Process] = []
        self._services: list[Process] = []

    def run(self, plan: Plan) -> int:
        """Start everything, say where the page is, and keep everything running. Returns the exit code."""
        _say(f"Starting the demo; its logs are in {LOGS}/.")
        LOGS.mkdir(parents=True, exist_ok=True)
        problem = self._start(plan.foundation(), self._foundation) or self._start(plan.services(), self._services)
        if problem:
            return _fail(problem)
        if not self._stop.is_set():
            token = mint(plan.web_secret, "demo", LONGEST_SECONDS, EVERYTHING)
            sys.stdout.write(f"ready: {page_url(HERE, plan.port, token)}\n")
            sys.stdout.flush()
            if plan.shows_limbas:
                _say(f"in Limbas: {plan.limbas_url}/ (a simulated one; user {PERSON}, password {SIMULATED_USER})")
            elif plan.settings.simulates_limbas:
                _say("To see the calls in a simulated Limbas, too, install PHP: apt install php-cli")
            if plan.settings.simulates_box:
                call = f"simulate call --from 03023125201 --control-port {plan.control_port}"
                _say(f"A call of your own, from another terminal: {sys.executable} -m cli {call}")
            _say("Ctrl-C ends it.")
        while not self._stop.wait(0.2):
            if problem := self._start_again_what_ended():
                return _fail(problem)
        return 0

    def stop(self) -> None:
        """End everything: first the services, which may have something to write down, then what they stand on."""
        _say("Stopping …")
        stop_all(self._services)
        stop_all(self._foundation)

    def _start(self, programs: Sequence[Program], processes: list[Process]) -> str:
        """Start some programs and wait until all are ready. Returns what is wrong, if anything."""
        for program in programs:
            process = Process(program, LOGS / f"{program.name}.log")
            processes.append(process)
            process.log_file.write_bytes(b"")
            process.start()
        waiting = list(processes)
        began, told = time.monotonic(), False
        while waiting and not self._stop.wait(0.05):
            missing = {process.name: process.program.waits_for() for process in waiting}
            for process in [process for process in waiting if not missing[process.name]]:
                _say(f"  ✓ {process.name}")
                waiting.remove(process)
            if ended := [process for process in waiting if process.exit_code is not None]:
                return _ended(ended[0])
            waited = time.monotonic() - began
            if waited > SAY_AFTER and not told:
                told = True
                for process in waiting:
                    _say(f"  … {process.name} is waiting for {missing[process.name]}. {process.last_words()}")
            if waited > START_SECONDS:
                names = " and ".join(process.name for process in waiting)
                return f"After {START_SECONDS:.0f} s {names} is still not ready; {LOGS}/ says why."
        return ""

    def _start_again_what_ended(self) -> str:
        """Returns why the demo cannot go on, if it cannot."""
        for process in self._foundation + self._services:
            if process.exit_code is None:
                continue
            if not process.may_start_again():
                return _ended(process)
            _say(f"{process.name} ended with exit code {process.exit_code}; starting it again.")
            process.start()
        return ""


def _ended(process: Process) -> str:
    return f"{process.name} ended with exit code {process.exit_code}: {process.last_words()}"


def _fail(sentence: str, exit_code: int = 1) -> int:
    _say(sentence)
    return exit_code


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
