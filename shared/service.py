"""How a service starts and stops: settings, logs, signals, health. Every `__main__` but web's is one call of `run`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as StopSignal
from threading import Thread
from typing import Any, Final, TypeVar

import structlog
from prometheus_client.registry import REGISTRY, Collector
from redis.exceptions import RedisError

from shared.garbage import look_less
from shared.logs import configure
from shared.metrics import Readiness, exposition
from shared.settings import CommonSettings, load_or_exit

S = TypeVar("S", bound=CommonSettings)

LONGEST_STOP: Final = 4.0
"""Seconds from the signal to the end. Longer than ingest's last tries."""
REQUEST_SECONDS: Final = 5.0
"""How long somebody who asks for the health may take to say so."""

log = structlog.get_logger()


def run(name: str, settings_class: type[S], work: Callable[[S, StopSignal, Health], None]) -> None:
    """Load the settings, then do `work` until SIGTERM or Ctrl-C sets its stop signal."""
    settings = load_or_exit(settings_class)
    configure(name, settings.log_format)
    threading.excepthook = _end_at_once
    stop = set_by(signal.SIGTERM, signal.SIGINT)
    health = Health(settings.health_host, settings.health_port)
    try:
        health.start()
    except OSError as error:
        where = f"HEALTH_HOST is {settings.health_host} and HEALTH_PORT {settings.health_port}"
        sys.stderr.write(f"{where}, where nothing can listen: {error.strerror}.\n")
        raise SystemExit(2) from None
    Thread(target=_end_in_time, args=(stop,), daemon=True, name="end").start()
    look_less()
    log.info("started")
    try:
        work(settings, stop, health)
    finally:
        health.stop()
    log.info("stopped")


def _end_at_once(failed: threading.ExceptHookArgs) -> None:
    """A service without one of its threads looks alive and is not: it ends, and whoever started it starts it again."""
    error = failed.exc_value or failed.exc_type()
    log.critical("a thread has failed, ending", thread=failed.thread.name if failed.thread else "", exc_info=error)
    os._exit(1)


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
    """On a port of its own: `/healthz` (the process answers), `/readyz` (it has what it depends on), `/metrics`."""

    def __init__(self, host: str, port: int) -> None:
        self.readiness: Callable[[], Mapping[str, bool]] = lambda: {"started": False}
        """What the service depends on, and whether it has it. The service puts its own in place when it has started."""
        self.collectors: list[Collector] = [REGISTRY, Readiness(self.state)]
        """What is measured: what the process counts as it goes, and what is looked at when somebody asks."""
        self._address = host, port
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen, unless the port is 0. Raises `OSError`."""
        if self._address[1]:
            self._server = _Server(self._address, _handler(self))
            self._server.daemon_threads = True
            Thread(target=self._server.serve_forever, args=(0.2,), daemon=True, name="health").start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def state(self) -> Mapping[str, bool]:
        """What the service depends on, and whether it has it at the moment."""
        try:
            return self.readiness()
        except RedisError:  # lost in the middle of the answer
            return {"redis": False}


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Who asked has gone, as health checks do that have waited long enough: nothing to say. Else: log it."""
        if not isinstance(error := sys.exception(), OSError):
            log.error("a question about health failed", exc_info=error)


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS

        def do_GET(self) -> None:
            match self.path:
                case "/healthz":
                    self._answer_json(200, {"alive": True})
                case "/readyz":
                    state = dict(health.state())
                    self._answer_json(200 if all(state.values()) else 503, state)
                case "/metrics":
                    body, content_type = exposition(self.headers.get("Accept", ""), *health.collectors)
                    self._answer(200, body, content_type)
                case _:
                    self._answer_json(404, {})

        def _answer_json(self, status: int, body: dict[str, bool]) -> None:
            self._answer(status, json.dumps(body).encode(), "application/json")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Health checks are not worth a line each."""

    return Handler
