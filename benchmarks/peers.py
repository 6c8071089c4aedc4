"""The environment of what we are compared with. Nothing of it gets into ours, and nothing of ours into it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
LOCK: Final = "benchmarks/peers.lock"
"""Exact versions with hashes. `scripts/lock` writes it from `peers.txt`."""
FOLDER: Final = ".peers"


def python() -> Path:
    """The environment's Python. Makes it the first time, and when the lock file has changed.

    Raises `CalledProcessError` where that fails; pip's words are on standard error then.
    """
    command = ["scripts/venv", FOLDER, LOCK]
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own script
    return ROOT / made.stdout.strip()


def versions() -> dict[str, str]:
    """What is compared with, by the lock file."""
    wanted = {line.partition(">")[0].partition("[")[0].strip() for line in _lines("benchmarks/peers.txt")}
    locked = (line.split(" ")[0].split("==") for line in _lines(LOCK) if "==" in line)
    return {name: version for name, version in locked if name in wanted}


def _lines(file: str) -> list[str]:
    return [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
