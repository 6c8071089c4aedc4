"""Jobs for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cli.jobs.listed import Listed, State
from cli.language import Texts
from cli.table import age, table
from shared.logs import mask

COLUMNS: Final = ("id", "state", "job", "when", "reason")


def as_table(jobs: Sequence[Listed], words: Texts, now: datetime) -> str:
    """A line for each, numbers masked."""
    return table(COLUMNS, [_row(job, words, now) for job in jobs], words)


def _row(job: Listed, words: Texts, now: datetime) -> list[str]:
    name = words.get(f"job.{job.name}", job.name) or words["job.unreadable"]
    return [job.id, words[f"state.{job.state.value}"], name, _when(job, words, now), mask(job.reason)]


def _when(job: Listed, words: Texts, now: datetime) -> str:
    if job.at is None:
        return "–"
    if job.state is State.SCHEDULED:
        return words["due"].format(age=age((job.at - now).total_seconds(), words))
    return words["since"].format(age=age((now - job.at).total_seconds(), words))
