"""The demo as a process, and all the processes that it leads to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Self
from uuid import uuid4

from tests.waiting import eventually
from tests.web.event_source import EventSource

ROOT = Path(__file__).parents[2]


class DemoProcess:
    """What `scripts/demo` runs once its environment is there, in a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._mark = str(uuid4())
        """In the environment of the demo, and so of all that it starts."""
        self.errors_file = folder / "errors"
        with self.errors_file.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.demo"],
                cwd=folder,
                env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PORT": "0", "MARK": self._mark, **settings},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever a test did or did not do, leave nothing behind."""
        # Asked first: its Valkey, which writes its title over its environment, is in no `left_over`.
        self.process.terminate()
        try:
            self.process.communicate(timeout=20)
        finally:
            for pid in self.left_over():
                os.kill(pid, signal.SIGKILL)
            self.process.kill()

    def events(self) -> EventSource:
        """Wait until the demo is ready, and open the event stream as the line that it prints says."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.fullmatch(r"ready: http://127\.0\.0\.1:(\d+)/#token=(\S+)\n", line)
        assert found, line + self.errors()
        return EventSource(int(found[1]), found[2], timeout=20)

    def call(self, caller: str) -> None:
        """Have a number call the simulated box, as the demo tells people to."""
        [port] = eventually(lambda: re.findall(r"--control-port (\d+)", self.errors()))
        body = json.dumps({"remote": caller, "rings": 1, "talks": 1}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{port}/calls", body, timeout=5).close()

    def errors(self) -> str:
        """What it has written to standard error."""
        return self.errors_file.read_text()

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """End it. Returns its exit code and what else it had written to standard output."""
        self.process.send_signal(how)
        output, _ = self.process.communicate(timeout=15)
        return self.process.returncode, output

    def left_over(self, program: str = "") -> list[int]:
        """The processes that run because of this demo, other than itself; only those of `program`, if named."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_text(errors="replace")
                command = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
            except OSError:  # it ended, or is not ours
                continue
            if self._mark in environment and program in command and int(folder.name) != self.process.pid:
                found.append(int(folder.name))
        return found
