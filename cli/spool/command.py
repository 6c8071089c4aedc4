"""The commands: list, show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

from cli.language import language_option, texts
from cli.spool.render import as_lines, as_table
from cli.spool.spools import spools
from services.ingest.settings import SpoolSettings
from shared.settings import load

COMMAND: Final = "spool"


@click.group(short_help="Lines of a box that Redis has not taken yet.")
def spool() -> None:
    """Look at what was heard from a box and is not in the event log yet. Ingest publishes it by itself."""


@spool.command("list")
@language_option
def list_(*, language: str) -> None:
    """List the spools of all ingests that use the folder."""
    found, words = list(spools(load(SpoolSettings).spool_dir)), texts(COMMAND, language)
    click.echo(as_table(found, words, datetime.now(UTC)) if found else words["none"])


@spool.command()
@click.argument("name")
@click.option("--reveal", is_flag=True, help="Show telephone numbers in full.")
@language_option
def show(*, name: str, reveal: bool, language: str) -> None:
    """Show what waits in the spool NAME, as list calls it, oldest first."""
    words = texts(COMMAND, language)
    found = next((each for each in spools(load(SpoolSettings).spool_dir) if each.name == name), None)
    if found is None:
        raise click.ClickException(words["gone"].format(name=name))
    click.echo(as_lines(found.waiting, words, reveal=reveal) if found.waiting else words["empty"])
