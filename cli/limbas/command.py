"""The commands: install, uninstall."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from cli.language import Texts, language_option, texts
from cli.limbas import installing
from cli.limbas.layout import Limbas, NoLimbas

COMMAND: Final = "limbas"

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group("limbas", short_help="The extension that shows the calls in Limbas.")
def limbas() -> None:
    """Install the extension that shows the calls in Limbas, or take it out again.

    DIR is the folder of the Limbas installation: limbas_src, dependent and public are in it.
    """


@limbas.command()
@_FOLDER
@language_option
def install(*, folder: Path, language: str) -> None:
    """Put the extension into a Limbas, or bring it up to date. Its configuration stays as it is."""
    words = texts(COMMAND, language)
    found = _limbas(folder, words)
    done = installing.install(found)
    _say(words["install.run"], folder=found.extension, count=done.run_by_limbas)
    _say(words["install.served"], folder=found.assets, count=done.served)
    _say(words["install.kept" if done.kept else "install.made"], file=done.configuration)
    click.echo(words["install.next-kept" if done.kept else "install.next-made"].format(file=done.configuration))


@limbas.command()
@_FOLDER
@language_option
def uninstall(*, folder: Path, language: str) -> None:
    """Take the extension out of a Limbas. Its configuration stays."""
    words = texts(COMMAND, language)
    found = _limbas(folder, words)
    kept = installing.uninstall(found)
    _say(words["uninstall.done"], folder=found.folder)
    if kept:
        _say(words["uninstall.kept"], file=kept)
    click.echo(words["uninstall.next"])


def _limbas(folder: Path, words: Texts) -> Limbas:
    try:
        return Limbas.at(folder)
    except NoLimbas:
        raise click.ClickException(words["no-limbas"].format(folder=folder)) from None


def _say(sentence: str, **values: object) -> None:
    click.echo(f"{click.style('✓', fg='green')} {sentence.format(**values)}")
