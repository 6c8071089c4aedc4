"""German or English: which of them a person reads, and a command's texts in it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import click

LANGUAGES: Final = ("de", "en")
OTHERWISE: Final = "en"
LOCALE_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""In the order of gettext: the first one that is set decides."""

Texts = Mapping[str, str]
"""By dotted name: `redis.version.title`."""


def preferred(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the locale, where there are texts in it."""
    locale = next((value for name in LOCALE_VARIABLES if (value := environment.get(name))), "")
    return language if (language := locale[:2].lower()) in LANGUAGES else OTHERWISE


@cache
def texts(command: str, language: str) -> Texts:
    """The texts of a command."""
    document = files("cli").joinpath("texts", f"{command}.{language}.toml").read_text(encoding="utf-8")
    return dict(_flattened(tomllib.loads(document), ""))


def language_option(function: Any) -> Any:
    """Adds `--language` to a command; without it the locale decides."""
    return click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        default=preferred,
        show_default="that of the locale",
        help="The language of what is printed.",
    )(function)


def _flattened(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flattened(value, f"{prefix}{name}.")
