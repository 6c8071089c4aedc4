"""HTTP/1.1 with kept connections, from the sockets to `Request` and back from `Reply`."""

from __future__ import annotations

import base64
import binascii
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from simulators.limbas.messages import Reply, Request, Reset
from simulators.limbas.pages import error_page
from simulators.limbas.sessions import COOKIE

LARGEST_BODY: Final = 8 * 1024 * 1024
"""Bytes in a request; PHP's own default is the same."""
_IDLE_SECONDS: Final = 60.0
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER such that closing resets the connection."""

Responder = Callable[[str, str, Request], Reply]
"""Gives the reply to a request with this method and target. Raises `Reset` where there is none."""


class Server(ThreadingHTTPServer):
    """Answers each connection on a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], respond: Responder) -> None:
        self.respond = respond
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_close(self) -> None:
        """Let go of the port, and hang up on everybody."""
        super().server_close()
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: they are the normal case here."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and remember it."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        """Close a connection, and forget it."""
        self._connections.discard(request)
        super().close_request(request)

    def shutdown_request(self, request: Any) -> None:
        """Take leave of a client, unless the connection is to be reset: a leave would come first."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_AT_ONCE)) == _AT_ONCE:
            self.close_request(request)
        else:
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server_version = "Apache"
    sys_version = ""
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing: a telephone number may stand in a request."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._send(Reply(411, error_page(411)), close=True)
        elif int(length) > LARGEST_BODY:
            self._send(Reply(413, error_page(413)), close=True)
        else:
            body = self.rfile.read(int(length))
            request = Request(body, self.client_address[0], self._cookie(), self._credentials())
            try:
                self._send(self.server.respond(self.command, self.path, request))
            except Reset:
                self._reset()

    def _send(self, reply: Reply, *, close: bool = False) -> None:
        self.close_connection = self.close_connection or close or reply.cut_off
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut_off else reply.body)

    def _reset(self) -> None:
        """Close such that the client sees a reset, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)

    def _cookie(self) -> str | None:
        try:
            morsel = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        except CookieError:
            return None
        return morsel.value if morsel else None

    def _credentials(self) -> tuple[str, str] | None:
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        return name, password
