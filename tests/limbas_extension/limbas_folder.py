"""A Limbas installation's folder with our extension in it, and a configuration for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.limbas.installing import install
from cli.limbas.layout import CONFIGURATION, Limbas

SECRET = "a secret that only tests know, and 32 or longer"


def make_limbas(folder: Path) -> Limbas:
    """An empty installation, laid out as that of Limbas 5.3 and 7.0."""
    for part in ("limbas_src", "dependent/EXTENSIONS", "public/localassets"):
        (folder / part).mkdir(parents=True)
    return Limbas.at(folder)


def make_limbas_with_extension(folder: Path, service_url: str, **entries: Any) -> Limbas:
    """One with the extension, set up for an event service whose secret is `SECRET`."""
    limbas = make_limbas(folder)
    install(limbas)
    configure(limbas, service_url=service_url, secret=SECRET, **entries)
    return limbas


def configure(limbas: Limbas, **entries: Any) -> None:
    """Write the configuration: exactly these entries."""
    write_configuration(limbas, f"<?php\nreturn json_decode({php_text(json.dumps(entries))}, true);\n")


def write_configuration(limbas: Limbas, text: str) -> None:
    (limbas.extension / CONFIGURATION).write_text(text, encoding="utf-8")


def php_text(text: str) -> str:
    """As PHP writes a text in its source."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
