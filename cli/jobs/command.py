"""The commands: list, retry, remove."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from cli.jobs.listed import JobList, Outcome, State
from cli.jobs.render import as_table
from cli.language import Texts, language_option, texts
from cli.table import printable
from services.jobs.queue import connect_queue
from services.jobs.settings import QueueSettings
from shared.settings import load

COMMAND: Final = "jobs"


@click.group()
def jobs() -> None:
    """The jobs of the jobs service: what runs, waits, is due and has failed."""


@jobs.command("list")
@language_option
def list_(*, language: str) -> None:
    """List them."""
    found, words = list(_open()), texts(COMMAND, language)
    click.echo(as_table(found, words, datetime.now(UTC)) if found else words["none"])


def _choice(function: Any) -> Any:
    """Adds which jobs are meant: `ID…`, or `--failed`."""
    ids = click.argument("job_ids", metavar="[ID]...", nargs=-1)
    every = click.option("--failed", "every", is_flag=True, help="All that have failed.")
    return ids(every(language_option(function)))


@jobs.command()
@_choice
def retry(*, job_ids: tuple[str, ...], every: bool, language: str) -> None:
    """Have jobs that have failed done again.

    Exit code 1 when that went wrong for one of them.
    """
    _each("retry", JobList.retry, job_ids, every=every, language=language)


@jobs.command()
@_choice
def remove(*, job_ids: tuple[str, ...], every: bool, language: str) -> None:
    """Have jobs never done, or forget that they have failed.

    The next sync of the contacts is scheduled anew within a second. Exit code 1 when that went wrong for one of them.
    """
    _each("remove", JobList.remove, job_ids, every=every, language=language)


def _open() -> JobList:
    settings = load(QueueSettings)
    return JobList(connect_queue(settings), settings.event_stream)


def _each(
    what: str, act: Callable[[JobList, str], Outcome], job_ids: Sequence[str], *, every: bool, language: str
) -> None:
    if bool(job_ids) == every:
        raise click.UsageError("Give ids, or --failed.")
    listed, words = _open(), texts(COMMAND, language)
    chosen = [job.id for job in listed if job.state is State.FAILED] if every else list(dict.fromkeys(job_ids))
    if not chosen:
        click.echo(words["none-failed"])
    outcomes = [_said(act(listed, job_id), job_id, what, words) for job_id in chosen]
    sys.exit(int(any(outcome is not Outcome.DONE for outcome in outcomes)))


def _said(outcome: Outcome, job_id: str, what: str, words: Texts) -> Outcome:
    mark = click.style("✓", fg="green") if outcome is Outcome.DONE else click.style("✗", fg="red")
    click.echo(f"{mark} {words[f'{what}.{outcome.value}'].format(id=printable(job_id))}")
    return outcome
