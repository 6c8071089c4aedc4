"""Somebody who listens to a call monitor."""

from __future__ import annotations

import socket
from typing import Self

TIMEOUT = 5.0


class Listener:
    """One TCP connection to a simulator."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._lines = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self.socket.close()

    def line(self) -> bytes:
        """The next line, with its end; empty when the connection is over."""
        return self._lines.readline()

    def rest(self) -> bytes:
        """All that comes until the connection is over."""
        return self._lines.read()

    def hears_nothing(self, seconds: float) -> bool:
        """Whether the connection stays and nothing comes over it for so long."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT)
        return False
