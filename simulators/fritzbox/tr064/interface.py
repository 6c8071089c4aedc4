"""The HTTP server of the TR-064 interface: descriptions for everybody, actions for users, documents for sessions."""

from __future__ import annotations

import secrets
import ssl
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as StopSignal
from threading import Thread
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from simulators.fritzbox.tr064.digest import REALM, TLS_REALM, Digest
from simulators.fritzbox.tr064.phonebooks import BOOKS, PATH, Book, export, on_tel
from simulators.fritzbox.tr064.services import PHONE, Service, describe_box, describe_service
from simulators.fritzbox.tr064.soap import Call, UpnpError, answer, fault, parse_call

REAL_PORT: Final = 49000
LARGEST_BODY: Final = 1_000_000
_XML: Final = 'text/xml; charset="utf-8"'
_IDLE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    password: str
    rights: frozenset[str] = frozenset({PHONE})


PASSWORD: Final = "callmonitor"  # noqa: S105 - of a simulator that holds nothing
USERS: Final = (User("callmonitor", PASSWORD), User("ohne-telefonie", PASSWORD, frozenset()))


class Reply(NamedTuple):
    """An HTTP reply."""

    status: int
    body: bytes
    content_type: str = _XML
    challenge: str = ""


class Tr064Interface:
    """A TR-064 interface, for as long as its `with` block lasts. What may be assigned to, tests change as it runs."""

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        users: Sequence[User] = USERS,
        books: Sequence[Book] = BOOKS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Raises `OSError` when the port cannot be had. `port` 0: any free one."""
        self.books = books
        self.documents: dict[int, bytes] = {}
        """Sent in the place of a phonebook, by its number."""
        self.switched_on = True
        """Off: access for applications is not allowed."""
        self.silent = False
        """Nothing is answered, but nobody is hung up on."""
        self.seconds_per_byte = 0.0
        """How slowly the body of an answer comes."""
        self._users = {user.name: user for user in users}
        self._digest = Digest({user.name: user.password for user in users}, TLS_REALM if tls else REALM)
        self._sessions: set[str] = set()
        self._services = (on_tel(lambda: self.books, self._address),)
        self._let_go = StopSignal()
        self._server = _Server((host, port), _handler(self))
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> Self:
        """Begin."""
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="TR-064").start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._let_go.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def forget_nonces(self) -> None:
        """Demand a new login of everybody, as the box does every few minutes."""
        self._digest.forget_nonces()

    def reply(self, method: str, target: str, authorization: str, body: bytes) -> Reply:
        """Answer one request, which came with this `Authorization` header."""
        if self.silent:
            self._let_go.wait()
        if not self.switched_on:
            return _page(404, "Not Found")
        parts = urlsplit(target)
        if method == "POST":
            return self._act(target, authorization, body)
        if parts.path == PATH:
            return self._phonebook({name: values[0] for name, values in parse_qs(parts.query).items()})
        return self._description(parts.path)

    def _description(self, path: str) -> Reply:
        if path == "/tr64desc.xml":
            return Reply(200, describe_box(self._services))
        for service in self._services:
            if service.description_url == path:
                return Reply(200, describe_service(service))
        return _page(404, "Not Found")  # igddesc.xml too: the status is not sent over UPnP

    def _act(self, target: str, authorization: str, body: bytes) -> Reply:
        service = next((service for service in self._services if service.control_url == target), None)
        if not service:
            return _page(404, "Not Found")
        name, challenge = self._digest.login("POST", target, authorization)
        if challenge:
            return _page(401, "Unauthorized", challenge)
        try:
            return Reply(200, _run(service, parse_call(body), self._users[name]))
        except UpnpError as error:
            return Reply(500, fault(error))

    def _phonebook(self, query: Mapping[str, str]) -> Reply:
        number = query.get("pbid", "")
        if query.get("sid") not in self._sessions:
            return _page(403, "Forbidden")
        if not number.isdecimal() or int(number) >= len(self.books):
            return _page(404, "Not Found")
        return Reply(200, self.documents.get(int(number)) or export(self.books[int(number)]), "text/xml")

    def _address(self, path: str) -> str:
        """The box names itself by its own address, whatever it was called by."""
        session = secrets.token_hex(8)
        self._sessions.add(session)
        return f"{self._scheme}://192.168.178.1:{self.port}{path}?sid={session}"


def _run(service: Service, call: Call, user: User) -> bytes:
    """Raises `UpnpError`."""
    action = next((action for action in service.actions if action.name == call.action), None)
    if not action or call.service_type != service.type:
        raise UpnpError(401)
    if action.right not in user.rights:
        raise UpnpError(606)
    return answer(call, action(call.arguments))


def _page(status: int, text: str, challenge: str = "") -> Reply:
    """An error as the box's web server shows it, as people see it."""
    title = f"{status} {text}"
    html = (
        f"<HTML><HEAD><TITLE>{title} (ERR_NONE)</TITLE></HEAD><BODY><H1>{title}</H1><BR>ERR_NONE<HR>"
        "<B>Webserver</B></BODY></HTML>"
    )
    return Reply(status, html.encode(), "text/html", challenge)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up or speak no TLS."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _handler(interface: Tr064Interface) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        timeout = _IDLE_SECONDS
        server_version = "Webserver"
        sys_version = ""
        wbufsize = -1

        def do_GET(self) -> None:
            self._say(interface.reply("GET", self.path, "", b""))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST_BODY:
                self.close_connection = True
                self._say(_page(413, "Request Entity Too Large"))
            else:
                body = self.rfile.read(int(length))
                self._say(interface.reply("POST", self.path, self.headers.get("Authorization", ""), body))

        def _say(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            if reply.challenge:
                self.send_header("WWW-Authenticate", reply.challenge)
            self.end_headers()
            if not interface.seconds_per_byte:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(interface.seconds_per_byte)

        def log_message(self, *_: Any) -> None:
            """Say nothing: a session may stand in a request."""

    return Handler
