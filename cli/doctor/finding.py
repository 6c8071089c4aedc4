"""What a check found. Pure: the words for it are the renderer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but something is at risk or happens in part only."""
    PROBLEM = "problem"
    """Something that the settings ask for does not happen."""
    SKIPPED = "skipped"
    """Not looked at, because of what another check found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    """What was looked at: section and name, `redis.version`. Stable, for machines."""
    outcome: str
    """What was seen. Stable, for machines. Together with `check` it names the texts."""
    status: Status
    values: Mapping[str, str]
    """What the texts are filled in with. Never a secret. `box` and `table` tell findings of one check apart."""

    @property
    def section(self) -> str:
        """The part of the system that it is about."""
        return self.check.partition(".")[0]


def ok(check: str, outcome: str = "ok", **values: object) -> Finding:
    """All is well."""
    return _finding(check, outcome, Status.OK, values)


def warning(check: str, outcome: str, **values: object) -> Finding:
    """Something may go wrong."""
    return _finding(check, outcome, Status.WARNING, values)


def problem(check: str, outcome: str, **values: object) -> Finding:
    """Something is wrong."""
    return _finding(check, outcome, Status.PROBLEM, values)


def skipped(check: str, because: str, **values: object) -> Finding:
    """It made no sense to look, after what the check `because` found."""
    return _finding(check, "skipped", Status.SKIPPED, {**values, "because": because})


def _finding(check: str, outcome: str, status: Status, values: Mapping[str, object]) -> Finding:
    return Finding(check, outcome, status, {name: str(value) for name, value in values.items()})
