"""A little HTTP server that answers with what a test puts in, byte by byte, and keeps what it was asked."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from simulators.limbas import soap


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Announced in place of the true one."""
    between: Callable[[], object] = lambda: None
    """Done between the first half of the body and the second."""


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    path: str
    headers: Message
    body: bytes
    client: tuple[str, int]
    """The other end of the connection."""

    @property
    def payload(self) -> soap.PhpArray:
        """The array in it."""
        return soap.unserialize(soap.argument(self.body), encoded=False)


class AnsweringServer:
    """Gives the answers in their order, the last one for good."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._scheme = "https" if tls else "http"

        self._http.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that hang up are meant here

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self._http.server_port}/"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def soap_answer(payload: Any, **options: Any) -> Answer:
    """A sound answer that carries `payload`."""
    return Answer(soap.answer(payload, encoded=False), **options)


def _handler(server: AnsweringServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.asked.append(Asked(self.path, self.headers, body, self.client_address))
            answer = server.next_answer()
            length = len(answer.body) if answer.length is None else answer.length
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(length), **answer.headers}.items():
                self.send_header(name, value)
            self.close_connection = length != len(answer.body)
            self.end_headers()
            half = len(answer.body) // 2
            try:
                self.wfile.write(answer.body[:half])
                answer.between()
                self.wfile.write(answer.body[half:])
            except OSError:
                self.close_connection = True  # the client has had enough

        def log_message(self, *_: object) -> None:
            """Tests say enough."""

    return Handler
