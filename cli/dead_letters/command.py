"""The commands: list, show, retry, drop."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Final

import click

from cli.choosing import EntryId, agrees, choice, chosen
from cli.dead_letters.letters import DeadLetters, Retried
from cli.dead_letters.render import as_document, as_table
from cli.language import Texts, language_option, texts
from shared.event_log import open_event_log
from shared.settings import CommonSettings, load

COMMAND: Final = "dead_letters"


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
@click.argument("letter_id", metavar="ID", type=EntryId())
@click.option("--reveal", is_flag=True, help="Show telephone numbers in full.")
@language_option
def show(*, letter_id: str, reveal: bool, language: str) -> None:
    """Show all of one as JSON."""
    letter = _open().get(letter_id)
    if letter is None:
        raise click.ClickException(texts(COMMAND, language)["retry.gone"].format(id=letter_id))
    click.echo(as_document(letter, reveal=reveal))


@dead_letters.command()
@choice
def retry(*, entry_ids: tuple[str, ...], every: bool, language: str) -> None:
    """Give events back to the service that gave up on them.

    Exit code 1 when that went wrong for one of them.
    """
    letters, words = _open(), texts(COMMAND, language)
    ids = chosen((letter.id for letter in letters), entry_ids, every=every)
    outcomes = [_retry(letters, letter_id, words) for letter_id in ids]
    if not ids:
        click.echo(words["none"])
    sys.exit(int(any(outcome is not Retried.DONE for outcome in outcomes)))


@dead_letters.command()
@choice
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(*, entry_ids: tuple[str, ...], every: bool, yes: bool, language: str) -> None:
    """Remove them for good. What they are about stays undone."""
    letters, words = _open(), texts(COMMAND, language)
    ids = chosen((letter.id for letter in letters), entry_ids, every=every)
    if not ids:
        click.echo(words["none"])
    elif yes or agrees(words["drop.ask"].format(count=len(ids)), words["drop.agreement"]):
        click.echo(words["drop.done"].format(count=sum(letters.drop(letter_id) for letter_id in ids)))
    else:
        click.echo(words["drop.kept"])
        sys.exit(1)


def _open() -> DeadLetters:
    return DeadLetters(open_event_log(load(CommonSettings)))


def _retry(letters: DeadLetters, letter_id: str, words: Texts) -> Retried:
    outcome = letters.retry(letter_id)
    well = outcome is Retried.DONE
    mark = click.style("✓", fg="green") if well else click.style("✗", fg="red")
    click.echo(f"{mark} {words[f'retry.{outcome.value}'].format(id=letter_id)}")
    return outcome
