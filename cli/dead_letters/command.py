"""The commands: list, show, retry, drop."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from cli.dead_letters.letters import DeadLetters, Retried
from cli.dead_letters.render import as_document, as_table
from cli.language import Texts, language_option, texts
from shared.event_log import open_event_log
from shared.settings import CommonSettings, load

COMMAND: Final = "dead_letters"


class LetterId(click.ParamType[str]):
    """As `list` shows it: milliseconds since 1970, a hyphen, a counter."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises `click.BadParameter`."""
        if not re.fullmatch(r"\d{1,19}-\d{1,19}", value):
            self.fail(f"{value!r} is no id as list shows it.", param, ctx)
        return str(value)


@click.group("dead-letters", short_help="Events that a service gave up on.")
def dead_letters() -> None:
    """Look at events that a service gave up on, give them back, or drop them."""


@dead_letters.command("list")
@language_option
def list_(*, language: str) -> None:
    """List them, oldest first."""
    letters, words = list(_open()), texts(COMMAND, language)
    click.echo(as_table(letters, words, datetime.now(UTC)) if letters else words["none"])


@dead_letters.command()
@click.argument("letter_id", metavar="ID", type=LetterId())
@click.option("--reveal", is_flag=True, help="Show telephone numbers in full.")
@language_option
def show(*, letter_id: str, reveal: bool, language: str) -> None:
    """Show all of one as JSON."""
    letter = _open().get(letter_id)
    if letter is None:
        raise click.ClickException(texts(COMMAND, language)["retry.gone"].format(id=letter_id))
    click.echo(as_document(letter, reveal=reveal))


def _choice(function: Any) -> Any:
    """Adds which letters are meant: `ID…` or `--all`."""
    ids = click.argument("letter_ids", metavar="[ID]...", nargs=-1, type=LetterId())
    every = click.option("--all", "every", is_flag=True, help="All that there are.")
    return ids(every(language_option(function)))


@dead_letters.command()
@_choice
def retry(*, letter_ids: tuple[str, ...], every: bool, language: str) -> None:
    """Give events back to the service that gave up on them.

    Exit code 1 when that went wrong for one of them.
    """
    letters, words = _open(), texts(COMMAND, language)
    chosen = _chosen(letters, letter_ids, every=every)
    outcomes = [_retry(letters, letter_id, words) for letter_id in chosen]
    if not chosen:
        click.echo(words["none"])
    sys.exit(int(any(outcome is not Retried.DONE for outcome in outcomes)))


@dead_letters.command()
@_choice
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(*, letter_ids: tuple[str, ...], every: bool, yes: bool, language: str) -> None:
    """Remove them for good. What they are about stays undone."""
    letters, words = _open(), texts(COMMAND, language)
    chosen = _chosen(letters, letter_ids, every=every)
    if not chosen:
        click.echo(words["none"])
    elif yes or _agrees(words["drop.ask"].format(count=len(chosen)), words["drop.agreement"]):
        click.echo(words["drop.done"].format(count=sum(letters.drop(letter_id) for letter_id in chosen)))
    else:
        click.echo(words["drop.kept"])
        sys.exit(1)


def _open() -> DeadLetters:
    return DeadLetters(open_event_log(load(CommonSettings)))


def _chosen(letters: DeadLetters, letter_ids: Sequence[str], *, every: bool) -> Sequence[str]:
    """Those that were there when the command began; new ones may come meanwhile."""
    if bool(letter_ids) == every:
        raise click.UsageError("Give ids, or --all.")
    return [letter.id for letter in letters] if every else list(dict.fromkeys(letter_ids))


def _retry(letters: DeadLetters, letter_id: str, words: Texts) -> Retried:
    outcome = letters.retry(letter_id)
    well = outcome is Retried.DONE
    mark = click.style("✓", fg="green") if well else click.style("✗", fg="red")
    click.echo(f"{mark} {words[f'retry.{outcome.value}'].format(id=letter_id)}")
    return outcome


def _agrees(question: str, agreement: str) -> bool:
    """Whether the answer is one of those in `agreement`. No answer is a no."""
    return click.prompt(question, default="", show_default=False).strip().lower() in agreement.split()
