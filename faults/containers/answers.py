"""What `docker` and `docker compose` answer, read. Pure."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

KILLED: Final = frozenset({137})
"""128 and the signal's number, as a shell counts it."""
ENDED: Final = frozenset({0, 143})
"""The second one, if the signal came before the process had begun to listen to it."""


@dataclass(frozen=True, slots=True)
class Container:
    """One line of `docker compose ps`."""

    name: str
    service: str
    well: bool
    """Whether it runs and is not known to be unhealthy."""


@dataclass(frozen=True, slots=True)
class Death:
    """A container ended."""

    name: str
    exit_code: int
    at: float
    """Seconds since 1970, by the engine's clock."""


@dataclass(slots=True)
class Asked:
    """Containers that were made to end, or may have been: their names, and with which exit codes."""

    names: tuple[str, ...]
    exit_codes: frozenset[int]
    since: float
    until: float = field(default=float("inf"))


def containers(answer: str) -> list[Container]:
    """`docker compose ps --all --format json`: a JSON object a line, and before 2.21 one array of them."""
    if answer.lstrip().startswith("["):
        rows = json.loads(answer)
    else:
        rows = [json.loads(line) for line in answer.splitlines() if line.strip()]
    return [
        Container(row["Name"], row["Service"], row["State"] == "running" and row["Health"] in ("healthy", ""))
        for row in rows
    ]


def aliases(answer: str, network: str) -> list[str]:
    """`docker inspect`: the names that one container has in a network. Without them nobody finds it there again."""
    networks: Mapping[str, Any] = json.loads(answer)[0]["NetworkSettings"]["Networks"]
    return list(dict.fromkeys(networks[network]["Aliases"] or []))


def seconds_to_check(answer: str, now: float) -> float:
    """`docker inspect`: until the engine looks after a container's health the next time; below 0: about now.

    `now`: seconds since 1970, by the engine's clock.
    """
    [container] = json.loads(answer)
    checks = (container["State"].get("Health") or {}).get("Log") or []
    last = checks[-1]["End"] if checks else container["State"]["StartedAt"]
    interval: float = container["Config"]["Healthcheck"]["Interval"] / 1e9
    return datetime.fromisoformat(last).timestamp() + interval - now


def port(answer: str) -> int:
    """`docker compose port`: `127.0.0.1:32768`.

    Raises `ValueError`: it is not published at the moment.
    """
    return int(answer.strip().rpartition(":")[2])


def deaths(answer: str) -> list[Death]:
    """`docker events --filter event=die --format json`: a JSON object a line. The last one may be only half there."""
    found = []
    for line in answer.splitlines(keepends=True):
        if line.endswith("\n"):
            event = json.loads(line)
            attributes = event["Actor"]["Attributes"]
            found.append(Death(attributes["name"], int(attributes["exitCode"]), event["timeNano"] / 1e9))
    return found


def unasked(found: Iterable[Death], asked: Iterable[Asked]) -> list[str]:
    """The containers that ended though nobody asked them to, or not as they should."""
    everything = list(asked)
    return [f"{death.name} ended with {death.exit_code}" for death in found if not _is_asked(death, everything)]


def texts(tar: bytes) -> dict[str, str]:
    """Every file in an archive, as text of which each byte is a character."""
    found: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            if file := archive.extractfile(member):
                found[member.name] = file.read().decode("latin-1")
    return found


def lines_heard(metrics: str) -> float:
    """How many lines of boxes an ingest has received, from what it answers Prometheus; 0: it does not say."""
    said = (line.split() for line in metrics.splitlines() if line.startswith("callmonitor_box_lines_total{"))
    return sum(float(words[1]) for words in said)


def _is_asked(death: Death, asked: Iterable[Asked]) -> bool:
    return any(
        death.name in each.names and death.exit_code in each.exit_codes and each.since <= death.at <= each.until
        for each in asked
    )
