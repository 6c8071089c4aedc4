"""Both ends of a real TCP connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tcp_pair(receive_buffer: int | None = None) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A server's end, and a browser's, which takes in so many bytes that nobody reads."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as browser:
        if receive_buffer:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        browser.settimeout(10)
        browser.connect(listener.getsockname())
        server, _ = listener.accept()
        with server:
            yield server, browser
