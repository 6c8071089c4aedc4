"""The folder of the spools: one process, one subfolder, however many share it.

    SPOOL_DIR/1/office.spool      what the first process holds of the box `office`
    SPOOL_DIR/2/office.spool      what a second one does (`--scale ingest=2`)

A process owns a subfolder by a lock that ends with it, whatever it died of. Who begins to publish takes in what the
others have heard: what a dead one has left is then deleted.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Self

from services.ingest.spool_file import SpoolFile
from services.ingest.spool_record import decode, encode

SUFFIX: Final = ".spool"
OURS_ALONE: Final = 0o700
MOST: Final = 64
"""Processes that may share a folder."""


class SpoolFolder:
    """The subfolder of a process, until `close`."""

    def __init__(self, path: Path) -> None:
        """Take the first subfolder that nobody uses.

        Raises `OSError` when the folder cannot be used.
        """
        self._path = path
        path.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
        for number in count(1):
            if number > MOST:
                raise OSError(errno.EAGAIN, "all its subfolders are in use", str(path))
            self.mine = path / str(number)
            self.mine.mkdir(mode=OURS_ALONE, exist_ok=True)
            if not os.access(self.mine, os.W_OK | os.X_OK):
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(self.mine))
            handle = _lock(self.mine)
            if handle is not None:
                self._handle = handle
                return

    def __enter__(self) -> Self:
        """Of use to `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """As `close`."""
        self.close()

    def close(self) -> None:
        """Leave the subfolder to whoever comes next."""
        os.close(self._handle)

    def file_of(self, box: str) -> Path:
        """Where this process keeps what it reads from a box."""
        return self.mine / f"{box}{SUFFIX}"

    def others(self, box: str) -> Iterator[tuple[Path, bool]]:
        """What other processes keep of a box, and whether they are dead. Then it is locked while it is looked at."""
        for folder in folders(self._path):
            file = folder / f"{box}{SUFFIX}"
            if folder != self.mine and file.exists():
                with _locked(folder) as free:
                    yield file, free

    def purge(self, boxes: Iterable[str], retention_seconds: float) -> None:
        """Delete what is too old in the files that nobody publishes: of dead processes, and of boxes that are gone."""
        served = {self.file_of(box) for box in boxes}
        for folder in folders(self._path):
            with _locked(folder) as free:
                if free or folder == self.mine:
                    for file in folder.glob(f"*{SUFFIX}"):
                        if file not in served:
                            _purge(file, retention_seconds)


def folders(path: Path) -> list[Path]:
    """The subfolders, in order."""
    return sorted((folder for folder in path.iterdir() if folder.name.isdecimal()), key=lambda folder: int(folder.name))


def in_use(folder: Path) -> bool:
    """Whether a process owns a subfolder at the moment."""
    with _locked(folder) as free:
        return not free


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Own a subfolder for a moment, if nobody does."""
    handle = _lock(folder)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _lock(folder: Path) -> int | None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _purge(path: Path, retention_seconds: float) -> None:
    file = SpoolFile(path)
    content, oldest = decode(file.read()), time.time() - retention_seconds
    kept = [record for record in content.records if record.at.timestamp() >= oldest]
    if not kept:
        path.unlink(missing_ok=True)
    elif len(kept) < len(content.records):
        file.rewrite([*([encode(content.mark)] if content.mark else []), *map(encode, kept)], durable=True)
        file.close()
