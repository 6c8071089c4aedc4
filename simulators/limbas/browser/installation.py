"""The folder of a Limbas installation: where its extensions are, and what it serves of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_RUN: Final = frozenset({".inc", ".js", ".css"})


class Installation:
    """A folder laid out as that of Limbas 5.3 and 7.0. Raises `ValueError` when it is not."""

    def __init__(self, folder: Path) -> None:
        self._extensions = folder / "dependent" / "EXTENSIONS"
        self._assets = folder / "public" / "localassets"
        if not (self._extensions.is_dir() and self._assets.is_dir()):
            raise ValueError(f"{folder} has no dependent/EXTENSIONS and public/localassets.")

    def extensions(self) -> dict[str, list[Path]]:
        """The files of all extensions by name: those of Limbas' own names are run or loaded wherever they lie."""
        found: dict[str, list[Path]] = {}
        for path in sorted(self._extensions.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self._extensions).parts[:-1])
            if path.suffix in _RUN and path.is_file() and not hidden:
                found.setdefault(path.name, []).append(path)
        return found

    def address(self, path: Path) -> str:
        """Where Limbas expects a script or style that lies among the extensions to be served."""
        return f"localassets/{path.relative_to(self._extensions).as_posix()}"

    def asset(self, name: str) -> Path | None:
        """The file that `localassets/<name>` is, if there is one."""
        path = (self._assets / name).resolve()
        return path if path.is_relative_to(self._assets.resolve()) and path.is_file() else None
