"""The demo's Limbas as people see it: a folder with the extension in it, for the simulator to serve."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from cli.limbas.installing import install
from cli.limbas.layout import Limbas

PERSON: Final = "anna"
"""Who logs in to it."""


def can_be_shown() -> bool:
    """Whether this machine has PHP, which the extension is written in."""
    return shutil.which("php") is not None


def make_installation(folder: Path, service_url: str, secret: str) -> Path:
    """Make a folder laid out as Limbas' with the extension in it, set up for an event service. Returns it."""
    for part in ("limbas_src", "dependent/EXTENSIONS", "public/localassets"):
        (folder / part).mkdir(parents=True)
    configuration = install(Limbas.at(folder)).configuration
    configuration.write_text(f"<?php\nreturn ['service_url' => '{service_url}', 'secret' => '{secret}'];\n")
    return folder
