"""The TCP connection under a long answer: sending without waiting, noticing that the browser has gone or stalls."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final

ESTABLISHED: Final = 1
"""Linux' `TCP_ESTABLISHED`, the first byte of `TCP_INFO`. After the other side hung up it is another one."""
UNACKNOWLEDGED_SECONDS: Final = 30
"""How long a machine that vanished without a word, or never reads, keeps its connection."""
SEND_BUFFER: Final = 64 * 1024
"""Bytes. The kernel would buffer megabytes for a browser that does not read."""


class Connection:
    """One browser's connection. Without a socket (in a test, say) it never looks gone, and takes nothing."""

    __slots__ = ("_chunked", "_rest", "_socket")

    def __init__(self, sock: socket.socket | None = None, *, chunked: bool = False) -> None:
        """`chunked`: whether the answer goes in chunks (RFC 9112, 7.1)."""
        self._socket = sock
        self._chunked = chunked
        self._rest = b""
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # not on macOS
                milliseconds = UNACKNOWLEDGED_SECONDS * 1000
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    @property
    def unfinished(self) -> bool:
        """Whether a part of what was taken waits for room."""
        return bool(self._rest)

    def send_now(self, piece: bytes) -> bool:
        """Send a piece of the answer's body without waiting. Returns whether it was taken.

        Then as much of it has gone as there was room for, and `finish` sends the rest. To be called only while the
        server is not sending itself.
        """
        if self._socket is None or self._rest:
            return False
        chunk = (b"%x\r\n" % len(piece), piece, b"\r\n") if self._chunked else (piece,)
        try:
            # Not send(), which waits in gevent whatever its flags.
            gone = self._socket.sendmsg(chunk, (), socket.MSG_DONTWAIT)
        except OSError:  # no room at all; or nobody is there: whoever waits for room will notice
            return False
        if gone < sum(map(len, chunk)):
            self._rest = b"".join(chunk)[gone:]
        return True

    def finish(self) -> None:
        """Wait until all has gone that was taken. Raises `OSError` when it cannot go."""
        if self._socket is not None and self._rest:
            self._socket.sendall(self._rest)
            self._rest = b""

    def gone(self) -> bool:
        """Whether the other side has hung up, where the system can tell; elsewhere sending will."""
        if self._socket is None or not hasattr(socket, "TCP_INFO"):
            return False
        try:
            return self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
        except OSError:
            return True

    def cut_off(self) -> None:
        """Break the connection, so that whoever is just sending over it stops."""
        if self._socket is not None:
            # Through a copy: shutting down gevent's own socket raises "bad file descriptor" in the sender, where a
            # broken pipe is what a server expects.
            with suppress(OSError), _copy(self._socket) as copy:
                copy.shutdown(socket.SHUT_RDWR)


def _copy(sock: socket.socket) -> socket.socket:
    return socket.fromfd(sock.fileno(), sock.family, sock.type)
