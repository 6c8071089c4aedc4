"""Many clients of a stream, in one process of their own: one epoll loop that hears marks and when they came.

A mark is what tells one event from another, whatever it is wrapped in: `Kundin 0123`, a contact's name. So server-sent
events of any server and what Redis sends its subscribers are read by the same loop, and cost the reader the same.
"""

from __future__ import annotations

import multiprocessing
import re
import select
import socket
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.processes import let_open_many_files

MARKS: Final = 10_000
"""There can be so many."""
_MARK: Final = re.compile(rb"Kundin (\d{4})")
_EVENT_ID: Final = re.compile(rb"\nid: ?(\S+)")
_PIECE: Final = 1 << 18
_QUIET: Final = 2.0
"""Seconds without a mark after which nothing more is expected."""
_CALM: Final = 0.3
"""The same, of what a server tells who has just come."""


def mark(number: int) -> str:
    """The name that stands for an event."""
    return f"Kundin {number % MARKS:04}"


@dataclass(frozen=True, slots=True)
class Heard:
    """Which client heard which mark when: three sequences of one length. Repetitions are among them."""

    clients: Sequence[int]
    marks: Sequence[int]
    times: Sequence[float]
    """Seconds since 1970."""

    def lost(self, sent: Mapping[int, float], clients: int) -> float:
        """Which share of the marks that were sent did not come to a client, of what ought to have come to all."""
        came = {(client, each) for client, each in zip(self.clients, self.marks, strict=True) if each in sent}
        return 1 - len(came) / (len(sent) * clients)

    def milliseconds(self, sent: Mapping[int, float]) -> list[float]:
        """How long each took since it was sent."""
        pairs = zip(self.marks, self.times, strict=True)
        return [1000 * (at - sent[each]) for each, at in pairs if each in sent]


class Audience:
    """Listens for as long as its `with` block lasts."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        """One client for each request. After an HTTP one it comes back, when sent away, with its `Last-Event-ID`."""
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_listen, args=(theirs, port, requests), daemon=True)

    def __enter__(self) -> Self:
        """Returns when all have sent their requests. Raises `ConnectionError` when they could not."""
        self._process.start()
        self._next()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._pipe.send("end")
        self._process.join()

    @property
    def answered(self) -> int:
        """How many clients have been sent anything."""
        return int(self._ask("answered"))

    def begin(self) -> None:
        """Forget what was heard so far, once nothing more comes: a picture of calls has marks, too."""
        before, count = -1, int(self._ask("count"))
        while count > before:
            time.sleep(_CALM)
            before, count = count, int(self._ask("count"))
        self._ask("begin")

    def go(self) -> None:
        """All hang up."""
        self._ask("go")

    def come_back(self) -> None:
        """All connect again."""
        self._ask("come back")

    def wait(self, most: int, patience: float) -> None:
        """Wait until so many marks were heard, or no more have come for a while."""
        deadline, count, grown = time.monotonic() + patience, 0, time.monotonic()
        while count < most and time.monotonic() < min(deadline, grown + _QUIET):
            time.sleep(0.01)
            before, count = count, int(self._ask("count"))
            grown = time.monotonic() if count > before else grown

    def heard(self) -> Heard:
        """What was heard so far."""
        return Heard(*self._ask("take"))

    def _ask(self, what: str) -> Any:
        self._pipe.send(what)
        return self._next()

    def _next(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError:
            raise ConnectionError("the clients did not get in, or were thrown out") from None


class _Client:
    def __init__(self, number: int, port: int, request: bytes) -> None:
        self.number = number
        self.answered = False
        self._port = port
        self._request = request
        self._last_event_id = b""
        self._rest = b""
        """A line that has begun."""
        self.connect()

    def connect(self) -> None:
        """Connect, again with what it heard last."""
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        came_from = b"\r\nLast-Event-ID: %b\r\n\r\n" % self._last_event_id if self._last_event_id else b"\r\n\r\n"
        self.socket.sendall(self._request.replace(b"\r\n\r\n", came_from))
        self._rest = b""

    def read(self) -> list[bytes]:
        """The marks of what has come. Raises `ConnectionError` when the server has hung up."""
        piece = self.socket.recv(_PIECE)
        if not piece or not (self.answered or piece.startswith((b"HTTP/1.1 200", b"*3"))):
            raise ConnectionError(f"client {self.number} was sent {piece[:80]!r}")
        self.answered = True
        lines, end, rest = piece.rpartition(b"\n")
        if not end:
            self._rest += piece
            return []
        heard, self._rest = self._rest + lines, rest
        if ids := _EVENT_ID.findall(heard):
            self._last_event_id = ids[-1]
        return _MARK.findall(heard)


class _Clients:
    """All of them, and what they heard."""

    def __init__(self, port: int, requests: Sequence[bytes], pipe: Pipe) -> None:
        self._all = [_Client(number, port, request) for number, request in enumerate(requests)]
        self._poll = select.epoll()
        self._pipe = pipe
        self._poll.register(pipe.fileno(), select.EPOLLIN)
        self._commands: Mapping[str, Callable[[], Any]] = {
            "answered": lambda: sum(client.answered for client in self._all),
            "begin": self._begin,
            "go": self._go,
            "come back": self._come_back,
            "count": lambda: len(self._marks),
            "take": lambda: (self._numbers, self._marks, self._times),
        }
        self._begin()
        self._enter()

    def listen(self) -> None:
        """Listen, and do what is asked, until it is to end."""
        while True:
            for file, _ in self._poll.poll():
                if file != self._pipe.fileno():
                    self._hear(self._present[file])
                elif (what := self._pipe.recv()) == "end":
                    return
                else:
                    self._pipe.send(self._commands[what]())
                    break  # what else was ready may be of connections that are closed by now

    def _hear(self, client: _Client) -> None:
        found = client.read()
        now = time.time()
        for each in found:
            self._numbers.append(client.number)
            self._marks.append(int(each))
            self._times.append(now)

    def _begin(self) -> None:
        self._numbers, self._marks, self._times = array("H"), array("H"), array("d")

    def _enter(self) -> None:
        self._present = {client.socket.fileno(): client for client in self._all}
        for file in self._present:
            self._poll.register(file, select.EPOLLIN)

    def _go(self) -> None:
        for client in self._present.values():
            client.socket.close()
        self._present = {}

    def _come_back(self) -> None:
        for client in self._all:
            client.connect()
        self._enter()


def _listen(pipe: Pipe, port: int, requests: Sequence[bytes]) -> None:
    let_open_many_files()
    clients = _Clients(port, requests, pipe)
    pipe.send("here")
    clients.listen()
