"""The network between a browser and the web service: sees what is asked, and can fail."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from threading import Event, Lock, Thread

from services.web.rights import EVERYTHING, Rights
from tests.web.web_process import WebProcess

_REQUEST = re.compile(rb"^(?:GET|POST|OPTIONS) (\S+) HTTP/1.1\r\n", re.MULTILINE)


class Relay:
    """Passes connections on to a web service, as long as it is told to."""

    def __init__(self, site: WebProcess) -> None:
        self._site = site
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked: list[str] = []
        """Every address that was asked for, with its query."""
        self._there = Event()
        self._flowing = Event()
        self._there.set()
        self._flowing.set()
        self._lock = Lock()
        self._streams: set[socket.socket] = set()
        self._sockets: set[socket.socket] = set()
        Thread(target=self._accept, daemon=True).start()

    @property
    def streams(self) -> int:
        """How many event streams are open."""
        return len(self._streams)

    @property
    def streams_ever(self) -> int:
        """How many event streams were ever asked for."""
        return sum(address.startswith("/events") for address in self.asked)

    def token(self, seconds: int = 600, user: str = "anna", rights: Rights = EVERYTHING) -> str:
        """A token that the web service accepts."""
        return self._site.token(seconds, user, rights)

    def cut(self) -> None:
        """The network is gone, and says so: every connection breaks, and no other can be made."""
        self._there.clear()
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            _hang_up(each)

    def silence(self) -> None:
        """The network is gone without a word: nothing breaks, and nothing comes through."""
        self._flowing.clear()

    def mend(self) -> None:
        """The network is back. What was connected while it was silent stays lost."""
        if not self._flowing.is_set():
            self.cut()
        self._flowing.set()
        self._there.set()

    def close(self) -> None:
        """Leave nothing behind."""
        self._listener.close()
        self._flowing.set()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if not self._there.is_set():
                    browser.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._site.port))
                except OSError:  # it does not run
                    browser.close()
                    continue
                with self._lock:
                    self._sockets |= {browser, server}
                Thread(target=self._pump, args=(browser, server), daemon=True).start()
                Thread(target=self._pump, args=(server, browser), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                addresses = [address.decode() for address in _REQUEST.findall(data)]
                self.asked += addresses
                if any(address.startswith("/events") for address in addresses):
                    self._streams.add(source)
                self._flowing.wait()
                target.sendall(data)
        self._streams -= {source, target}
        for each in (source, target):
            _hang_up(each)
        with self._lock:
            if {source, target} <= self._sockets:
                self._sockets -= {source, target}
            else:  # the other direction has ended, too
                source.close()
                target.close()


def _hang_up(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
