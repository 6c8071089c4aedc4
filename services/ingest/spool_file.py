"""The spool's file on the disk: appended to, written anew, and done without while the disk takes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import structlog

OURS_ALONE: Final = 0o600
"""It holds phone numbers."""

log = structlog.get_logger()


class SpoolFile:
    """One file. A disk that fails never stops its user: what is appended then is not in the file, until `rewrite`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._told = ""
        self.size = 0
        """Bytes."""
        self.works = True
        """Whether everything that was appended is in the file."""

    def read(self) -> bytes:
        """All of it; nothing when there is none yet, or when it cannot be read."""
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            self._failed(error)
            return b""

    def append(self, data: bytes) -> None:
        """Add to the end. In the system's hands afterwards: it survives the end of this process."""
        if self._handle is None or not self.works:
            return
        try:
            _write(self._handle, data)
        except OSError as error:
            self._failed(error)
            self._cut()
        else:
            self.size += len(data)

    def rewrite(self, chunks: Iterable[bytes], *, durable: bool) -> bool:
        """Replace what is in the file, in one step. Returns whether the disk took it.

        `durable`: it survives a power failure from then on.
        """
        fresh = self._path.with_name(f"{self._path.name}.new")
        handle, size = None, 0
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, OURS_ALONE)
            for chunk in chunks:
                _write(handle, chunk)
                size += len(chunk)
            if durable:
                os.fsync(handle)
            fresh.rename(self._path)
        except OSError as error:
            if handle is not None:
                os.close(handle)
            fresh.unlink(missing_ok=True)
            self._failed(error)
            return False
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self.size, self.works = handle, size, True
        if self._told:
            log.info("the spool's disk works again", file=str(self._path))
            self._told = ""
        return True

    def sync(self) -> None:
        """Make what is in the file survive a power failure."""
        if self._handle is None or not self.works:
            return
        try:
            os.fdatasync(self._handle)
        except OSError as error:
            self._failed(error)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _failed(self, error: OSError) -> None:
        """Say it once: it is tried again every second."""
        self.works = False
        if not self._told:
            self._told = error.strerror or "it fails"
            log.error(
                "what is read from the box cannot be written to the disk and is kept in memory only: make room",
                file=str(self._path),
                because=self._told,
            )

    def _cut(self) -> None:
        """Take back what a failed write may have left of a record."""
        if self._handle is not None:
            try:
                os.ftruncate(self._handle, self.size)
            except OSError as error:  # reading copes with a torn record, too
                log.debug("a torn record stays", because=error.strerror)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
