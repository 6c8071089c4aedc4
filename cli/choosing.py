"""How a person says which entries of a stream are meant, and that something is really to be done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import click

from cli.language import language_option


class EntryId(click.ParamType[str]):
    """As `list` shows it: milliseconds since 1970, a hyphen, a counter."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises `click.BadParameter`."""
        if not re.fullmatch(r"\d{1,19}-\d{1,19}", value):
            self.fail(f"{value!r} is no id as list shows it.", param, ctx)
        return str(value)


def choice(function: Any) -> Any:
    """Adds which entries are meant, as `entry_ids` and `every` (`ID…` or `--all`), and the language."""
    ids = click.argument("entry_ids", metavar="[ID]...", nargs=-1, type=EntryId())
    every = click.option("--all", "every", is_flag=True, help="All that there are.")
    return ids(every(language_option(function)))


def chosen(there: Iterable[str], entry_ids: Sequence[str], *, every: bool) -> Sequence[str]:
    """The ids that are meant. With `--all` those that are `there` when the command begins; new ones may come meanwhile.

    Raises `click.UsageError`.
    """
    if bool(entry_ids) == every:
        raise click.UsageError("Give ids, or --all.")
    return list(there) if every else list(dict.fromkeys(entry_ids))


def agrees(question: str, agreement: str) -> bool:
    """Whether the answer is one of those in `agreement`. No answer is a no."""
    return click.prompt(question, default="", show_default=False).strip().lower() in agreement.split()
