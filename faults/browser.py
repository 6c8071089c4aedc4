"""A browser without a screen: follows the event stream as the HTML standard says, and comes back where it left off."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
from dataclasses import dataclass
from typing import Final

from faults.invitation import EVERYTHING
from faults.watched import Watched

SILENCE: Final = 5.0
"""Seconds without a heartbeat, after which the connection is given up."""
HERE: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a browser behaves."""

    stays: tuple[float, float] | None = None
    """Seconds, from and to, after which it hangs up; None: it stays."""
    reads_every: float = 0.0
    """Seconds of rest after each message."""


class Browser:
    """Watches until it is closed, in a thread of its own."""

    def __init__(self, watched: Watched, port: int, token: str, manner: Manner, chance: random.Random) -> None:
        self.connections = 0
        self.calm = False
        """Set at the end of a run: from then on it stays, and reads as fast as it can."""
        self._watched = watched
        self._lock = threading.Lock()
        self._port = port
        self._path = watched.invitation.path if watched.invitation else EVERYTHING.path
        self._token = token
        self._manner = manner
        self._chance = chance
        self._awake = threading.Event()
        self._awake.set()
        self._socket: socket.socket | None = None
        self._closed = threading.Event()
        self._last_id: str | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=watched.name, daemon=True)
        self._thread.start()

    def watched(self) -> Watched:
        """What it was told so far."""
        with self._lock:
            return self._watched.so_far()

    def hang_up(self) -> None:
        """End the present connection, in the middle of a message too. It comes back at once."""
        if connection := self._socket:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def sleep(self) -> None:
        """Read nothing more, and keep the connection, as a notebook does that is shut."""
        self._awake.clear()

    def wake(self) -> None:
        """Go on where it fell asleep."""
        self._awake.set()

    def close(self) -> None:
        """Go, and raise what went wrong within this browser itself, if anything did."""
        self._closed.set()
        self.wake()
        self.hang_up()
        self._thread.join()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._watch()
            except (OSError, http.client.HTTPException):
                pass
            except Exception as error:  # noqa: BLE001 - a witness that died must not look as if all were well
                self._failure = error
                return
            self._closed.wait(self._chance.uniform(0.05, 0.5))

    def _watch(self) -> None:
        connection = http.client.HTTPConnection(HERE, self._port, timeout=SILENCE)
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/event-stream"}
            if self._last_id is not None:
                headers["Last-Event-ID"] = self._last_id
            connection.request("GET", self._path, headers=headers)
            self._socket = connection.sock
            answer = connection.getresponse()
            self.connections += 1
            leaving = self._leaving()
            try:
                self._read(answer)
            finally:
                if leaving:
                    leaving.cancel()
        finally:
            self._socket = None
            connection.close()

    def _leaving(self) -> threading.Timer | None:
        if self._manner.stays is None or self.calm:
            return None
        timer = threading.Timer(self._chance.uniform(*self._manner.stays), self.hang_up)
        timer.daemon = True
        timer.start()
        return timer

    def _read(self, answer: http.client.HTTPResponse) -> None:
        """Dispatch whole messages. What the end of the connection cuts off does not count, nor does its id."""
        if answer.status != http.client.OK:
            answer.read()
            return
        block: list[str] = []
        while line := answer.readline():
            text = line.decode().removesuffix("\n")
            if text:
                block.append(text)
                continue
            self._dispatch(block)
            block = []
            self._awake.wait()
            if self._manner.reads_every and not self.calm:
                self._closed.wait(self._manner.reads_every)

    def _dispatch(self, block: list[str]) -> None:
        fields = [line.partition(": ")[::2] for line in block if not line.startswith(":")]
        data, by_name = "\n".join(value for name, value in fields if name == "data"), dict(fields)
        with self._lock:
            if data:
                self._watched.take(by_name.get("event", "message"), by_name.get("id"), json.loads(data), data)
            elif "id" in by_name:
                self._watched.pass_over(by_name["id"])
        self._last_id = by_name.get("id", self._last_id)
