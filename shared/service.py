"""How a service starts and stops: settings, logs, signals, health. Every `__main__` but web's is one call of `run`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from _thread import start_new_thread
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as StopSignal
from threading import Thread
from typing import Any, Final, TypeVar

import structlog

from shared.logs import configure
from shared.settings import CommonSettings, load_or_exit

S = TypeVar("S", bound=CommonSettings)
Readiness = Callable[[], Mapping[str, bool]]
"""What the service depends on, and whether it has it at the moment."""

LONGEST_STOP: Final = 4.0
"""Seconds from the signal to the end. Longer than ingest's last tries."""

log = structlog.get_logger()


def run(name: str, settings_class: type[S], work: Callable[[S, StopSignal, Health], None]) -> None:
    """Load the settings, then do `work` until SIGTERM or Ctrl-C sets its stop signal."""
    settings = load_or_exit(settings_class)
    configure(name, settings.log_format)
    stop = set_by(signal.SIGTERM, signal.SIGINT)
    health = Health(settings.health_port)
    try:
        health.start()
    except OSError as error:
        sys.stderr.write(f"HEALTH_PORT is {settings.health_port}, where nothing can listen: {error.strerror}.\n")
        raise SystemExit(2) from None
    Thread(target=_end_in_time, args=(stop,), daemon=True, name="end").start()
    log.info("started")
    try:
        work(settings, stop, health)
    finally:
        health.stop()
    log.info("stopped")


def _end_in_time(stop: StopSignal) -> None:
    """End the process although it waits for an answer: what it was at is taken over, as after any other end."""
    stop.wait()
    time.sleep(LONGEST_STOP)
    log.warning("stopped in the middle of a request")
    os._exit(0)


def set_by(*numbers: signal.Signals) -> StopSignal:
    """A stop signal that these signals to the process set."""
    stop = StopSignal()
    for number in numbers:
        # On a thread of its own: this one may hold the event's lock at that moment, and would wait for itself for ever.
        signal.signal(number, lambda *_: start_new_thread(stop.set, ()))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)  # whoever started us may have blocked them
    return stop


class Health:
    """`/healthz` (the process answers) and `/readyz` (it has what it depends on) on a port of its own."""

    def __init__(self, port: int) -> None:
        self.readiness: Readiness = lambda: {"started": False}
        """The service puts its own in place when it has started."""
        self._port = port
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen, unless the port is 0."""
        if self._port:
            self._server = ThreadingHTTPServer(("", self._port), _handler(self))
            self._server.daemon_threads = True
            Thread(target=self._server.serve_forever, args=(0.2,), daemon=True, name="health").start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, {"alive": True})
            elif self.path == "/readyz":
                state = dict(health.readiness())
                self._answer(200 if all(state.values()) else 503, state)
            else:
                self._answer(404, {})

        def _answer(self, status: int, body: dict[str, bool]) -> None:
            document = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, *_: Any) -> None:
            """Health checks are not worth a line each."""

    return Handler
