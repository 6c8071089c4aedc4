"""Bytes to complete lines, whatever the network did to them on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST_LINE: Final = 500
"""Bytes. The longest line ever seen is below 100; what is longer is not the call monitor's."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no complete line."""

    reason: str
    start: bytes
    """What it begins with, enough to recognise it."""


class LineSplitter:
    r"""Splits one connection's bytes at `\n` or `\r\n`. A new connection needs a new one: half a line must not survive.

    Lines are bytes: a chunk may end in the middle of a character, a line does not.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes | Garbage]:
        """The lines that `chunk` completes, without their ends; empty ones are left out."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        complete: list[bytes | Garbage] = []
        for line in (ended.rstrip(b"\r") for ended in lines):
            if self._skipping:  # the end of a line that was given up on
                self._skipping = False
            elif len(line) > LONGEST_LINE:
                complete.append(_too_long(line))
            elif line:
                complete.append(line)
        if self._skipping:
            self._rest = b""
        elif len(self._rest) > LONGEST_LINE + 1:  # with the \r of a line that is just short enough
            complete.append(_too_long(self._rest))
            self._rest, self._skipping = b"", True
        return complete

    def close(self) -> list[Garbage]:
        """What the connection's end cut off. It is dropped: `DISCONNECT;0;2` may have meant 201 seconds."""
        rest, self._rest = self._rest.rstrip(b"\r"), b""
        return [Garbage("the connection ended within this line", rest)] if rest else []


def _too_long(line: bytes) -> Garbage:
    return Garbage(f"longer than {LONGEST_LINE} bytes", line[:80])
