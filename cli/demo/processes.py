"""The demo's processes: each in a process group of its own, its output in a log file, gone for certain at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STOP_SECONDS: Final = 6.0
"""The services promise to stop within 5 s."""
RESTARTS: Final = 3
RESTARTS_WITHIN: Final = 60.0
"""A process that ends more often than so many times in so many seconds is not started again."""
SETTINGS_EXIT_CODE: Final = 2
"""Of a process whose settings are wrong. Starting it again would not help."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is to run."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    """All of it, not only what differs."""
    waits_for: Callable[[], str]
    """Empty when it is ready, else what is missing, as a person would say it."""


@dataclass
class Process:
    """A program that runs, or ran."""

    program: Program
    log_file: Path
    _popen: subprocess.Popen[bytes] | None = None
    _starts: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The program's."""
        return self.program.name

    @property
    def pid(self) -> int:
        """The newest one's, which may have ended. Raises `RuntimeError` when it was never started."""
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll() if self._popen else None

    def start(self) -> None:
        """Start it. Its own session keeps the terminal's Ctrl-C from it: the demo stops things in order."""
        self._starts.append(time.monotonic())
        with self.log_file.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603 - our own programs
                self.program.command,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def may_start_again(self) -> bool:
        """Whether starting it again may help."""
        recent = [start for start in self._starts if time.monotonic() - start < RESTARTS_WITHIN]
        return self.exit_code != SETTINGS_EXIT_CODE and len(recent) <= RESTARTS

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return next((_message(line) for line in reversed(lines) if line.strip()), "")

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it started."""
        if self._popen:
            try:
                os.killpg(self._popen.pid, number)
            except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
                return

    def wait(self, until: float) -> bool:
        """Wait for its end until a time of `time.monotonic`. Returns whether it has ended."""
        if self._popen:
            try:
                self._popen.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                return False
        return True


def _message(line: str) -> str:
    """What a line of a log says, without the rest of it when it is one of the services' JSON lines."""
    try:
        return str(json.loads(line)["event"])
    except (ValueError, TypeError, KeyError):
        return line.strip()


def stop_all(processes: Iterable[Process]) -> None:
    """Ask all to stop, at the same time; after `STOP_SECONDS` end what is left of them."""
    processes = list(processes)
    for process in processes:
        process.signal_group(signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.wait(until)
    for process in processes:  # also those that ended: their children may not have
        process.signal_group(signal.SIGKILL)
        process.wait(time.monotonic() + 1)
