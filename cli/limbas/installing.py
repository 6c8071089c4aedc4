"""Putting the extension into a Limbas installation, and taking it out again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.limbas.layout import CONFIGURATION, EXAMPLE, Limbas, run_by_limbas, served


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done."""

    run_by_limbas: int
    """Files."""
    served: int
    configuration: Path
    kept: bool
    """Whether there was a configuration already."""


def install(limbas: Limbas) -> Installed:
    """Put all files where they belong, in place of those of another version. An existing configuration stays as it is.

    Raises `OSError`.
    """
    configuration = limbas.extension / CONFIGURATION
    kept = configuration.exists()
    programs, scripts = run_by_limbas(), served()
    _replace(limbas.assets, scripts)
    _replace(limbas.extension, programs | ({Path(CONFIGURATION): configuration} if kept else {}))
    if not kept:
        shutil.copyfile(limbas.extension / EXAMPLE, configuration)
        _belongs_as(limbas.extension.parent, configuration)
        configuration.chmod(0o640)  # it will hold the secret
    return Installed(len(programs), len(scripts), configuration, kept)


def uninstall(limbas: Limbas) -> Path | None:
    """Remove all files but the configuration, and return that if there is one.

    Raises `OSError`.
    """
    configuration = limbas.extension / CONFIGURATION
    kept = configuration.exists()
    _remove(limbas.assets)
    if kept:
        _replace(limbas.extension, {Path(CONFIGURATION): configuration})
    else:
        _remove(limbas.extension)
    return configuration if kept else None


def _replace(folder: Path, files: Mapping[Path, Path]) -> None:
    """Let a folder hold these files and no others. Whoever looks meanwhile sees the old ones or the new ones.

    Limbas does not look for extensions in folders whose name begins with a dot.
    """
    folder.parent.mkdir(exist_ok=True)
    new, old = (folder.with_name(f".{folder.name}.{age}") for age in ("new", "old"))
    _remove(new)
    _remove(old)
    try:
        for name, source in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, new / name)
            if name == Path(CONFIGURATION):
                shutil.copystat(source, new / name)
                _belongs_as(source, new / name)
        for path in (new, *new.rglob("*")):
            if path.name != CONFIGURATION:
                path.chmod(0o755 if path.is_dir() else 0o644)
                _belongs_as(folder.parent, path)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        _remove(new)
        _remove(old)


def _remove(folder: Path) -> None:
    """A folder, or the link to one, if it is there."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _belongs_as(other: Path, path: Path) -> None:
    """Let a file belong to whom another one belongs, which only root can."""
    with suppress(PermissionError):
        owner = other.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
