"""Processes that are measured: started, looked at, and ended."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.peers import ROOT

FILES: Final = 20_000
"""Open files that a process may have, where the system lets it: 5,000 clients, and one connection to Redis for each."""
_PATIENCE: Final = 15.0


@contextmanager
def running(command: Iterable[str | Path], environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """A program, ended after the `with` block; its process id. What it says goes nowhere."""
    process = subprocess.Popen(  # noqa: S603 - programs of ours, or of the peers' environment
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def let_open_many_files() -> None:
    """Lift this process' limit of open files, and that of all it will start."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))


def only_child(pid: int) -> int:
    """The one worker of a server that has a master process."""
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, its own and the kernel's in its name."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def memory(pid: int) -> int:
    """Bytes of a process that are in memory."""
    [kilobytes] = re.findall(r"^Rss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(kilobytes) * 1024
