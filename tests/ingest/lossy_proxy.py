"""A way to Redis on which answers get lost after the request was carried out: nobody can tell whether it was."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

from tests.valkey import Valkey


class LossyProxy:
    """Passes everything on, for as long as its `with` block lasts; while `deaf`, no answer comes back."""

    def __init__(self, valkey: Valkey) -> None:
        parts = urlsplit(valkey.url)
        self._server = parts.hostname or "", parts.port or 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self.deaf = False
        self.lost = 0
        """Answers that did not come back."""

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
                Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                if answers and self.deaf:
                    self.lost += 1
                    break
                sink.sendall(data)
            for end in (source, sink):
                end.shutdown(socket.SHUT_RDWR)
