"""The commands: list, drop."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Final

import click

from cli.choosing import agrees, choice, chosen
from cli.language import language_option, texts
from cli.quarantine.lines import Quarantine
from cli.quarantine.render import as_table
from shared.event_log import open_event_log
from shared.settings import CommonSettings, load

COMMAND: Final = "quarantine"


@click.group(short_help="Lines of a box that nobody understands.")
def quarantine() -> None:
    """Look at lines of a box that are none of the call monitor's, or drop them."""


@quarantine.command("list")
@click.option("--reveal", is_flag=True, help="Show telephone numbers in full.")
@language_option
def list_(*, reveal: bool, language: str) -> None:
    """List them, oldest first, and say which of them this version would understand."""
    lines, words = list(_open()), texts(COMMAND, language)
    click.echo(as_table(lines, words, datetime.now(UTC), reveal=reveal) if lines else words["none"])


@quarantine.command()
@choice
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(*, entry_ids: tuple[str, ...], every: bool, yes: bool, language: str) -> None:
    """Remove them for good."""
    lines, words = _open(), texts(COMMAND, language)
    ids = chosen((line.id for line in lines), entry_ids, every=every)
    if not ids:
        click.echo(words["none"])
    elif yes or agrees(words["drop.ask"].format(count=len(ids)), words["drop.agreement"]):
        click.echo(words["drop.done"].format(count=sum(lines.drop(line_id) for line_id in ids)))
    else:
        click.echo(words["drop.kept"])
        sys.exit(1)


def _open() -> Quarantine:
    return Quarantine(open_event_log(load(CommonSettings)))
