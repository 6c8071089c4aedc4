"""The TCP client of one FRITZ!Box: connects, reads lines, connects again, and never gives up.

The box only pushes, and says nothing for hours: a dead connection looks like a quiet one. TCP keepalive, set
explicitly, finds it within 90 s (Linux' default takes 2 hours).
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event as StopSignal
from typing import Final

import structlog

from services.ingest.framing import Garbage, LineSplitter
from services.ingest.metrics import CONNECTED, CONNECTIONS, LINES
from shared.boxes import Box

CONNECT_TIMEOUT: Final = 5.0
KEEPALIVE_IDLE: Final = 25
KEEPALIVE_INTERVAL: Final = 15
KEEPALIVE_PROBES: Final = 4
"""25 s of silence, then 4 probes 15 s apart: a dead peer is found after 85 s."""
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 10.0
"""What the box says until we are back is lost, and it takes a minute to restart: so not much longer than needed."""
STABLE_AFTER: Final = 30.0
"""Seconds. A connection that lasted so long starts the waits over; a box that accepts and closes at once does not."""
WHOLE_AFTER: Final = 2.0
"""Seconds of a connection, after which another ingest has had the time to notice that there was none before."""
STOP_CHECK: Final = 0.5
"""Seconds between two looks at the stop signal."""
CHUNK: Final = 65536
FASTEST: Final = 1_000_000
"""Bytes a second. A call monitor says 100. Who floods us must not keep us from the other boxes."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Received:
    """A line, or what should have been one, as it came from a box."""

    box: str
    at: datetime
    """UTC."""
    line: bytes | Garbage


class BoxReader:
    """Reads one box, in a thread of its own."""

    def __init__(
        self,
        box: Box,
        deliver: Callable[[Received], None],
        *,
        connect: Callable[..., socket.socket] = socket.create_connection,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`connect` and `now` are the world's; tests bring their own."""
        self._box = box
        self._deliver = deliver
        self._connect = connect
        self._now = now
        self._wait = FIRST_WAIT
        self._told = ""
        self._connections, self._lines = CONNECTIONS.labels(box.name), LINES.labels(box.name)
        self.connected = False
        self._connected_at = 0.0
        self._count = 0
        CONNECTED.labels(box.name).set_function(lambda: self.connected)

    @property
    def misses_nothing(self) -> bool:
        """Whether everything is heard that the box says, and was in the last seconds."""
        return self.connected and time.monotonic() - self._connected_at > WHOLE_AFTER

    @property
    def connection(self) -> int:
        """How many connections there have been with the present one; 0: there is none."""
        return self._count if self.connected else 0

    def run(self, stop: StopSignal) -> None:
        """Read until `stop` is set."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                with self._connect((self._box.host, self._box.port), timeout=CONNECT_TIMEOUT) as connection:
                    self._listen(connection, stop)
            except OSError as error:
                self._tell(self._explain(error))
            self.connected = False
            if stop.is_set():
                return
            if time.monotonic() - began > STABLE_AFTER:
                self._wait = FIRST_WAIT
            stop.wait(self._wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreading load, not secrets
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    def _listen(self, connection: socket.socket, stop: StopSignal) -> None:
        """Deliver lines until the connection ends. Raises `OSError` when it breaks."""
        _keep_alive(connection)
        connection.settimeout(STOP_CHECK)
        self._count += 1
        self._connected_at, self.connected = time.monotonic(), True
        self._connections.inc()
        self._tell("")
        splitter = LineSplitter()
        while not stop.is_set():
            try:
                chunk = connection.recv(CHUNK)
            except TimeoutError as error:
                if error.errno is None:  # ours; keepalive's, that the box is gone, has one
                    continue
                raise
            lines = splitter.feed(chunk) if chunk else splitter.close()
            for line in lines:
                self._lines.inc()
                self._deliver(Received(self._box.name, self._now(), line))
            if not chunk:
                raise ConnectionResetError
            if len(chunk) > CHUNK // 4:
                stop.wait(len(chunk) / FASTEST)

    def _tell(self, problem: str) -> None:
        """Say what is wrong once, and once that it is over."""
        if problem == self._told:
            return
        if problem:
            log.warning(problem, box=self._box.name)
        else:
            log.info("connected to the call monitor", box=self._box.name, host=self._box.host)
        self._told = problem

    def _explain(self, error: OSError) -> str:
        """What a person can do about it."""
        where = f"{self._box.host}:{self._box.port}"
        match error:
            case ConnectionRefusedError():
                return (
                    f"{where} refuses the connection: switch the call monitor on by dialling #96*5* "
                    "on a phone at the box (not in the FRITZ!App Fon)."
                )
            case socket.gaierror():
                return (
                    f"The name {self._box.host} is unknown: check the box's host in the settings, or use its address."
                )
            case ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
                return f"{where} closed the connection; connecting again."
            case _:
                return f"{where} cannot be reached: is the box on, and in a network that this machine can reach?"


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # macOS calls TCP_KEEPIDLE TCP_KEEPALIVE.
    idle: int = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE")  # noqa: B009 - not in Linux' stubs
    connection.setsockopt(socket.IPPROTO_TCP, idle, KEEPALIVE_IDLE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)
