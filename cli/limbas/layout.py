"""Which of our files go where in the folder of a Limbas installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

NAME: Final = "callmonitor"
"""Of our folder among the extensions. The addresses of scripts contain it."""
CONFIGURATION: Final = "callmonitor.config.php"
EXAMPLE: Final = "callmonitor.config.example.php"

_SOURCE: Final = Path(__file__).resolve().parents[2] / "limbas" / "EXTENSIONS" / NAME
_STATIC: Final = Path(str(files("services.web").joinpath("static")))
_RUN_BY_LIMBAS: Final = frozenset({".inc", ".php"})
_FOUND_BY_NAME: Final = "ext_main.js"
"""A script that Limbas loads by itself: it looks for it among the extensions, and has it served from elsewhere."""


class NoLimbas(Exception):
    """The folder is not that of a Limbas installation."""


@dataclass(frozen=True, slots=True)
class Limbas:
    """The folder of a Limbas installation, laid out as since version 5."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Limbas:
        """The installation in a folder, or in its `src`, where the source archives have it. Raises `NoLimbas`."""
        for candidate in (folder, folder / "src"):
            if all((candidate / part).is_dir() for part in ("limbas_src", "dependent/EXTENSIONS", "public")):
                return cls(candidate)
        raise NoLimbas

    @property
    def extension(self) -> Path:
        """What Limbas runs, out of reach for browsers."""
        return self.folder / "dependent" / "EXTENSIONS" / NAME

    @property
    def assets(self) -> Path:
        """What Limbas serves."""
        return self.folder / "public" / "localassets" / NAME


def run_by_limbas() -> dict[Path, Path]:
    """Our files that belong among the extensions: where they come from by where they go."""
    return {
        name: _SOURCE / name
        for name in _files(_SOURCE)
        if name.suffix in _RUN_BY_LIMBAS or name == Path(_FOUND_BY_NAME)
    }


def served() -> dict[Path, Path]:
    """Our files that browsers load, likewise: those of the extension, and those that it shares with the page."""
    own = {name: _SOURCE / name for name in _files(_SOURCE) if name.suffix not in _RUN_BY_LIMBAS}
    client = {Path("client") / name: _STATIC / "client" / name for name in _files(_STATIC / "client")}
    texts = {Path("client/texts") / name: _STATIC / "texts" / name for name in _files(_STATIC / "texts")}
    return own | client | texts


def _files(folder: Path) -> Iterator[Path]:
    return (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
