"""How the web service runs: gunicorn with gevent workers, started from here so that there is one way to start it.

A worker patches the standard library for gevent before it imports anything that talks to the network. This module is
imported by the master too, before that: so it takes the application in only where a worker needs it.
"""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import gevent
import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.http.message import Request
from gunicorn.workers.ggevent import GeventWorker

from services.web.security_headers import SECURITY_HEADERS
from services.web.settings import WebSettings

if TYPE_CHECKING:
    from services.web.metrics import WsgiApp
    from services.web.worker import Worker

STOP_SECONDS: Final = 3
"""How long open requests have after SIGTERM. Streams end by themselves; this is for browsers that do not read."""
MOST_CONNECTIONS: Final = 10_000
"""Of one worker, each a browser mostly. Who comes when there are so many waits to be accepted."""
LONGEST_LINE: Final = 4096
"""Bytes of a request's first line. The longest address is that with a token in its query."""
OUR_FAULT: Final = (InvalidResponseHeader, InvalidResponseHeaderName)
"""What is wrong with an answer; the rest is wrong with the request."""
REQUEST_SECONDS: Final = 20.0
"""For any request but that of the stream: to send its body, to be worked on, and to take the answer."""
VANISHED: Final = (errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH)
"""What sending to a machine ends with that fell asleep, or lost its network. It is no error of ours."""
STREAM_PATH: Final = "/events"
MEMORY_DISK: Final = Path("/dev/shm")  # noqa: S108 - gunicorn makes files of its own in there, without names

log = structlog.get_logger()


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no annotations
    """gunicorn with our application and our settings, and no command line or file of its own."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self._worker: Worker | None = None
        self._counts = ""
        """The folder in which the workers count; empty: nobody asks."""
        self._listeners = [_listen(settings.web_host, settings.web_port, "WEB")]
        if settings.health_port:
            self._listeners.append(_listen(settings.health_host, settings.health_port, "HEALTH"))
            self._counts = tempfile.mkdtemp(prefix="callmonitor-", dir=_memory_disk())
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = self._counts  # before a worker imports prometheus_client
        _open_many_files()
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings. Its access log is off: it would contain what is asked for, and so a token."""
        chosen = {
            "bind": [f"fd://{listener.detach()}" for listener in self._listeners],
            "workers": self._settings.web_workers,
            "worker_class": "services.web.server.StreamWorker",
            "worker_connections": MOST_CONNECTIONS,
            "worker_tmp_dir": _memory_disk(),
            "graceful_timeout": STOP_SECONDS,
            "limit_request_line": LONGEST_LINE,
            "logger_class": "services.web.server.StructuredLogger",
            "control_socket_disable": True,
            "pre_request": _close_after_stream,
            "when_ready": self._started,
            "child_exit": self._worker_ended,
            "on_exit": self._stopped,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WsgiApp:
        """The application. Called once in every worker, after gevent has patched the standard library."""
        from services.web.worker import Worker

        self._worker = Worker(self._settings)
        return _with_little_stack(self._worker.app)

    def stop(self) -> None:
        """End what never ends by itself. Called in a worker that was told to stop."""
        if self._worker:
            self._worker.stop()

    def _started(self, _: Arbiter) -> None:
        log.info("started", host=self._settings.web_host, port=self._settings.web_port)

    def _worker_ended(self, _: Arbiter, worker: GeventWorker) -> None:
        """Its browsers are gone; what it counted counts on."""
        if self._counts:
            from prometheus_client.multiprocess import mark_process_dead

            mark_process_dead(worker.pid, self._counts)  # type: ignore[no-untyped-call] # annotated in parts

    def _stopped(self, _: Arbiter) -> None:
        if self._counts:
            shutil.rmtree(self._counts, ignore_errors=True)
        log.info("stopped")


class StreamWorker(GeventWorker):  # type: ignore[misc] # as above
    """A gevent worker whose streams end when it is told to stop, and that waits for no other request for long."""

    def handle_request(self, listener_name: Any, req: Request, sock: Any, addr: Any) -> None:
        """Answer one request. Its head has come, within the `keepalive` of 2 s; its body may be slow without end."""
        try:
            with gevent.Timeout(None if req.path == STREAM_PATH else REQUEST_SECONDS, False):
                super().handle_request(listener_name, req, sock, addr)
                return
            log.warning("a request took too long", path=req.path)
        except OSError as error:
            if error.errno not in VANISHED:
                raise
        raise StopIteration  # gunicorn's word for closing a connection

    def handle_error(self, _: object, client: socket.socket, addr: Sequence[Any] | None, exc: Exception) -> None:
        """Answer what is no request as the application answers what it cannot do."""
        if isinstance(exc, ParseException) and not isinstance(exc, OUR_FAULT):
            log.warning("Invalid request", ip=addr[0] if addr else None)
            status = _STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
        else:
            log.error("a request failed", exc_info=exc)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        with suppress(OSError):  # it may have gone
            client.sendall(_error(status))

    def handle_exit(self, signal: int, frame: FrameType | None) -> None:
        """SIGTERM."""
        super().handle_exit(signal, frame)
        # A greenlet, because a signal may come while the hub runs, which must not wait for a lock.
        gevent.spawn(self.app.stop)


class StructuredLogger(Logger):  # type: ignore[misc] # as above
    """Gunicorn's messages in our log: only what somebody has to know, and never an address with its query."""

    def critical(self, msg: object, *args: object, **_: Any) -> None:
        """Pass on."""
        log.critical(_line(msg, args))

    def error(self, msg: object, *args: object, **_: Any) -> None:
        """Pass on."""
        log.error(_line(msg, args))

    def exception(self, msg: object, *args: object, **_: Any) -> None:
        """Pass on, with the traceback."""
        log.exception(_line(msg, args))  # noqa: LOG004 - gunicorn calls this where it handles one

    def warning(self, msg: object, *args: object, **_: Any) -> None:
        """Pass on."""
        log.warning(_line(msg, args))

    def info(self, *_: Any, **__: Any) -> None:
        """Say nothing: "started" and "stopped" are ours."""

    def access(self, *_: Any, **__: Any) -> None:
        """Say nothing: the streams are logged where they are opened."""


def _open_many_files() -> None:
    """Lift the limit of open files, which is 1,024 on many systems, as far as this one lets us."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS
    if usual != resource.RLIM_INFINITY and usual < wanted:
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))


def _memory_disk() -> str | None:
    return str(MEMORY_DISK) if MEMORY_DISK.is_dir() else None


def _with_little_stack(app: WsgiApp) -> WsgiApp:
    """The same application, which keeps less memory for as long as a stream lasts.

    What a greenlet's stack once was it keeps. So what it takes to begin a stream, Flask and the check of the token, is
    done in a greenlet that ends, and not in the one that sends the stream for hours. Nor is that to keep the request.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != STREAM_PATH:
            return app(environ, start_response)
        began: Iterable[bytes] = gevent.spawn(app, environ, start_response).get()
        asked_for_yet = environ["wsgi.file_wrapper"]
        environ.clear()
        environ["wsgi.file_wrapper"] = asked_for_yet
        return began

    return answer


def _listen(host: str, port: int, settings: str) -> socket.socket:
    """A listening socket; a sentence and exit code 2 when there can be none, where gunicorn would try for 5 s."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # create_server() adds the address to the system's words; a name that is unknown has words of its own.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        sys.stderr.write(
            f"Cannot listen on {host}, port {port}: {why.lower()}. {settings}_HOST and {settings}_PORT say where to.\n"
        )
        raise SystemExit(2) from None


def _close_after_stream(_: GeventWorker, request: Request) -> None:
    """Nobody asks for more over a connection that had a stream. Kept alive, it would hold up a stop."""
    if request.path == STREAM_PATH:
        request.force_close()


_STATUS: Final = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}
_SENTENCES: Final = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood.",
    HTTPStatus.REQUEST_URI_TOO_LONG: f"The address is too long: at most {LONGEST_LINE} bytes are taken.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers are too many or too long.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here: the log of the web service says what.",
}


def _error(status: HTTPStatus) -> bytes:
    """An answer that the application was not asked for."""
    body = json.dumps({"error": _SENTENCES[status]}).encode()
    about = {"Connection": "close", "Content-Type": "application/json", "Content-Length": len(body)} | SECURITY_HEADERS
    head = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in about.items())]
    return "\r\n".join([*head, "", ""]).encode() + body


def _line(message: object, args: tuple[object, ...]) -> str:
    return re.sub(r"\?\S*", "", str(message) % args if args else str(message))
