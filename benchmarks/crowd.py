"""Many browsers that watch the calls: event streams that are read as they come, in a process of their own."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Final, Self

_PIECE: Final = 65536
_PATIENCE: Final = 60.0
"""Seconds in which all of them have to be connected."""


class Crowd:
    """Watches for as long as its `with` block lasts, one stream per token. Each token should name another user."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._here, self._enough = spawn.Event(), spawn.Event()
        self._process = spawn.Process(target=_watch, args=(port, tokens, self._here, self._enough), daemon=True)

    def __enter__(self) -> Self:
        """Returns when all of them get events. Raises `TimeoutError` when that takes too long."""
        self._process.start()
        if not self._here.wait(_PATIENCE):
            self._process.kill()
            raise TimeoutError("the other browsers did not all get in")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._enough.set()
        self._process.join()


def _watch(port: int, tokens: Sequence[str], here: Event, enough: Event) -> None:
    with ExitStack() as connections, selectors.DefaultSelector() as selector:
        waiting = set()
        for token in tokens:
            connection = connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(
                b"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n" % token.encode()
            )
            selector.register(connection, selectors.EVENT_READ, connection)
            waiting.add(connection.fileno())
        while not enough.is_set():
            if not waiting:
                here.set()
            for key, _ in selector.select(timeout=0.1):
                piece = key.data.recv(_PIECE)
                if not piece or (key.fd in waiting and not piece.startswith(b"HTTP/1.1 200")):
                    raise ConnectionError(f"the service let somebody not in, or go: {piece[:80]!r}")
                waiting.discard(key.fd)
