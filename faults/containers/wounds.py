"""Which container falls over when and how, from a run's seed. Pure: `injuries` does it.

The lanes are as in `faults.timeline`. What only one container knows is not asked of it: the simulated box and the
simulated Limbas would forget what the checker needs, so nobody kills them, and a box that is cut off tells nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

from faults.timeline import HEARING, chance_of, moments


class How(StrEnum):
    """What can happen to a container."""

    KILLED = "killed"
    """`docker kill -s KILL`, and started again later."""
    CRASHED = "crashed"
    """Its processes are killed from within, so that the engine starts it again by itself."""
    RESTARTED = "restarted"
    """`docker restart`."""
    PAUSED = "paused"
    """`docker pause`: every process in it stands still, its connections stay."""
    CUT_OFF = "cut off"
    """`docker network disconnect`. It may get another address when it is back."""
    SCALED = "scaled"
    """`docker compose up --scale`: to another number of containers, during calls."""


@dataclass(frozen=True, slots=True)
class Wound:
    """What happens to one of a service's containers."""

    service: str
    how: How

    def __str__(self) -> str:
        return f"{self.service} {self.how}"


BOX: Final = "fritzbox-simulator"
LIMBAS: Final = "limbas-simulator"
_ANYTHING: Final = tuple(How)
_BUT_SCALED: Final = tuple(how for how in How if how is not How.SCALED)


def _wounds(services: tuple[str, ...], hows: tuple[How, ...]) -> tuple[Wound, ...]:
    return tuple(Wound(*each) for each in product(services, hows))


LANES: Final[Mapping[str, tuple[Wound, ...]]] = {
    HEARING: (*_wounds(("ingest",), _ANYTHING), Wound(BOX, How.PAUSED)),
    "Redis": _wounds(("redis",), _BUT_SCALED),
    "Limbas": _wounds((LIMBAS,), (How.PAUSED, How.CUT_OFF)),
    "workers": _wounds(("matcher", "logger"), _ANYTHING),
    "others": _wounds(("jobs", "web"), _BUT_SCALED),
}
INGESTS: Final = 2
SCALES: Final = {"ingest": (1,), "matcher": (1, 2, 3), "logger": (1, 2, 3)}
"""How many of a service there may be for a while. There are `INGESTS` again afterwards; the others stay as they are."""
NETWORKS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("ingest", "matcher", "logger", "jobs", "web"), ("log", "outside")),
    "redis": ("log",),
    LIMBAS: ("outside",),
}
"""What a service's containers can be cut off from: Redis, and the box, Limbas or the browsers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that happens."""

    at: float
    """Seconds from the run's start. It comes later when its lane is still busy."""
    kind: Wound
    seconds: float
    """How long it lasts, if it lasts."""
    chance: int
    """Decides the rest: which container, which network, how many."""

    def __str__(self) -> str:
        return str(self.kind)


def timeline(seed: int, seconds: float) -> dict[str, list[Fault]]:
    """The faults of a run of so many seconds, by lane. The same seed gives the same."""
    lanes: dict[str, list[Fault]] = {}
    for name, kinds in LANES.items():
        chance = chance_of(seed, name)
        lanes[name] = [Fault(*moment, chance.randrange(1 << 32)) for moment in moments(chance, kinds, seconds)]
    return lanes
