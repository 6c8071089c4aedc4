"""Many browsers that ask for the events and then do not read them."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Final

from faults.audience import Mint
from faults.browser import HERE
from faults.invitation import EVERYTHING

CROWD: Final = 1_500
"""More than a process of web takes at once."""


def crowd(port: int, mint: Mint, wait: Callable[[], object]) -> None:
    """They come, `wait`, and leave without a word. Each is another user: one may not have so many streams."""
    with ExitStack() as open_connections:
        for number in range(CROWD):
            with suppress(OSError):  # web may be away, or take no more
                open_connections.enter_context(_asking(port, mint(f"one of many, {number}", EVERYTHING)))
        wait()


def make_room() -> None:
    """Let this process, and those that it will start, have as many connections as they may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _asking(port: int, token: str) -> socket.socket:
    connection = socket.create_connection((HERE, port), timeout=1.0)
    connection.sendall(f"GET /events HTTP/1.1\r\nHost: {HERE}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return connection
