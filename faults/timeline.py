"""What falls over when, from a run's seed. Pure: `injuries` does it.

There are several lanes. Within one, things happen one after the other; across lanes they coincide as they come. The
two ingests and the box share a lane: what the box says while nobody listens, or only an ingest that dies before it has
read it, was announced to nobody, and no log of the box could tell. So does the second box, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

K = TypeVar("K")


class Kind(StrEnum):
    """What can happen."""

    BOX_DROPS = "box hangs up"
    BOX_RESETS = "box resets"
    BOX_HALF_OPEN = "box goes half-open"
    BOX_REBOOTS = "box reboots"
    GARBAGE = "garbage from the box"
    LONG_LINE = "line of a megabyte"
    ENDLESS_LINE = "line without an end"
    FLOOD = "flood of 10,000 lines"
    SECOND_BOX_DEAD = "second box dead"
    INGEST_KILLED = "ingest kill -9"
    INGEST_ENDED = "ingest SIGTERM"
    INGEST_STOPPED = "ingest SIGSTOP"
    INGEST_DISK_FULL = "ingest's disk full"

    REDIS_RESTARTED = "Redis restarted"
    REDIS_KILLED = "Redis kill -9"
    REDIS_STOPPED = "Redis SIGSTOP"
    REDIS_CUT = "Redis connections cut"
    REDIS_READ_ONLY = "Redis read-only"
    REDIS_FULL = "Redis out of memory"
    REDIS_DISK_FULL = "Redis' disk full"
    GROUP_LOST = "consumer group deleted"

    LIMBAS_FAULT = "Limbas fault"

    SERVICE_KILLED = "service kill -9"
    SERVICE_ENDED = "service SIGTERM"
    SERVICE_STOPPED = "service SIGSTOP"
    ROLLING_RESTART = "rolling restart"

    STORM = "all browsers hang up"
    SLEEP = "all browsers stop reading"
    CROWD = "1,500 browsers that do not read"


LIMBAS_FAULTS: Final = (
    *("down", "slow", "server-error", "login-page", "writes-fail"),
    *("restarting", "warning", "cut-off", "answer-lost", "half-done"),
)
SERVICES: Final = ("matcher", "matcher 2", "logger", "logger 2", "jobs", "web")
INGESTS: Final = ("ingest", "ingest 2")
GROUPS: Final = ("matcher", "logger")

HEARING: Final = "box and ingest"
"""The lane whose faults wait until both ingests listen."""
LANES: Final[Mapping[str, tuple[Kind, ...]]] = {
    HEARING: tuple(
        kind
        for kind in Kind
        if kind.name.startswith(("BOX", "SECOND_BOX", "GARBAGE", "LONG", "ENDLESS", "FLOOD", "INGEST"))
    ),
    "Redis": tuple(kind for kind in Kind if kind.name.startswith(("REDIS", "GROUP"))),
    "Limbas": (Kind.LIMBAS_FAULT,),
    "services": (Kind.SERVICE_KILLED, Kind.SERVICE_ENDED, Kind.SERVICE_STOPPED, Kind.ROLLING_RESTART),
    "browsers": (Kind.STORM, Kind.SLEEP, Kind.CROWD),
}
_TARGETS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.LIMBAS_FAULT: LIMBAS_FAULTS,
    Kind.GROUP_LOST: GROUPS,
    **{kind: INGESTS for kind in Kind if kind.name.startswith("INGEST")},
    **{kind: SERVICES for kind in Kind if kind.name.startswith("SERVICE")},
}
_LONG_RUN: Final = 240.0
"""Seconds. In shorter ones nothing is away for a minute."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that happens."""

    at: float
    """Seconds from the run's start. It comes later when its lane is still busy."""
    kind: Kind
    target: str
    """Which process, group or fault of Limbas; empty: there is only one."""
    seconds: float
    """How long it lasts, if it lasts."""

    def __str__(self) -> str:
        return f"{self.kind} ({self.target})" if self.target else str(self.kind)


def timeline(seed: int, seconds: float) -> dict[str, list[Fault]]:
    """The faults of a run of so many seconds, by lane. The same seed gives the same."""
    return {name: _lane(chance_of(seed, name), kinds, seconds) for name, kinds in LANES.items()}


def chance_of(seed: int, name: str) -> Random:
    """A part's own, so that one part more does not move the others."""
    return Random(f"{seed} {name}")  # noqa: S311 - repeatable on purpose


def moments(chance: Random, kinds: Sequence[K], seconds: float) -> Iterator[tuple[float, K, float]]:
    """One lane: when, what, and for how long, in order. Every kind comes once before any comes again."""
    lengths = (0.5, 1.0, 2.0, 4.0, 8.0, *((60.0,) if seconds >= _LONG_RUN else ()))
    weights = (6, 6, 6, 6, 6, *((1,) if seconds >= _LONG_RUN else ()))
    at, deck = 0.0, list[K]()
    while (at := at + chance.uniform(0.5, 4.0)) < seconds:
        if not deck:
            deck = chance.sample(kinds, len(kinds))
        kind = deck.pop()
        [length] = chance.choices(lengths, weights)
        yield round(at, 2), kind, length
        at += length


def _lane(chance: Random, kinds: Sequence[Kind], seconds: float) -> list[Fault]:
    return [
        Fault(at, kind, chance.choice(_TARGETS.get(kind, ("",))), length)
        for at, kind, length in moments(chance, kinds, seconds)
    ]
