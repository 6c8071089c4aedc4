"""Whether a FRITZ!Box lets us listen to its call monitor."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from cli.doctor.finding import Finding, ok, problem, skipped
from shared.boxes import Box

CONNECT_SECONDS: Final = 3.0
ALIVE_SECONDS: Final = 0.5
"""How long a connection has to last. A call monitor is silent until the telephone rings; what ends so soon is none."""


def check(box: Box) -> Iterator[Finding]:
    """Find the box, connect, and see whether it stays on the line."""
    named = {"box": box.name, "where": f"{box.host}:{box.port}"}
    try:
        socket.getaddrinfo(box.host, box.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        yield problem("box.address", "unknown", host=box.host, **named)
        yield skipped("box.port", "box.address", **named)
        yield skipped("box.alive", "box.address", **named)
        return
    yield ok("box.address", host=box.host, **named)
    try:
        connection = socket.create_connection((box.host, box.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        yield problem("box.port", "refused" if isinstance(error, ConnectionRefusedError) else "away", **named)
        yield skipped("box.alive", "box.port", **named)
        return
    yield ok("box.port", **named)
    with connection:
        yield ok("box.alive", **named) if _stays(connection) else problem("box.alive", "hangs-up", **named)


def _stays(connection: socket.socket) -> bool:
    connection.settimeout(ALIVE_SECONDS)
    try:
        return bool(connection.recv(1))
    except TimeoutError:
        return True
    except OSError:
        return False
