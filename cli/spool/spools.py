"""The spools in a folder, as they are at the moment; ingest goes on writing them meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.ingest.spool_folder import SUFFIX, folders, in_use
from services.ingest.spool_record import Record, decode


@dataclass(frozen=True, slots=True)
class Spool:
    """What one ingest keeps of one box."""

    name: str
    """The name of its subfolder, a slash, and the box."""
    in_use: bool
    """Whether an ingest writes it. If not, the next one that publishes takes it in."""
    waiting: list[Record]
    """What is not in the event log, as far as the file knows: it learns once a second."""
    size: int
    """Bytes."""
    damaged: int
    """Records that cannot be read any more."""


def spools(folder: Path) -> Iterator[Spool]:
    """All of them, in order. Raises `OSError` when there is no such folder."""
    for subfolder in folders(folder):
        for file in sorted(subfolder.glob(f"*{SUFFIX}")):
            data = file.read_bytes()
            content = decode(data)
            published = content.mark.published if content.mark else 0
            waiting = [record for record in content.records if record.number > published]
            name = f"{subfolder.name}/{file.name.removesuffix(SUFFIX)}"
            yield Spool(name, in_use(subfolder), waiting, len(data), content.damaged)
