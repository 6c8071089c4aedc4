"""The TCP side of the simulated box: pushes bytes to all who are connected and listens to nobody, as the real one.

Half-open connections can be imitated only as far as a program can: nothing is sent any more, but the kernel still
answers keepalive probes. A peer that vanished altogether takes a cut cable, or a firewall rule.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition, Thread
from typing import Any, Final, Self, TypeVar, cast

from simulators.fritzbox.faults import Chunker

LINE_END: Final = b"\r\n"
LOG_LENGTH: Final = 200_000
"""Sent lines that are remembered."""
LONGEST_BACKLOG: Final = 16_000_000
"""Bytes. A client that leaves more unread is disconnected."""

_NO_LINGERING: Final = struct.pack("ii", 1, 0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line that was pushed."""

    at: datetime
    """UTC."""
    line: bytes
    """Without its end."""
    clients: int
    """How many it was pushed to."""


class FritzBoxSimulator:
    """A call monitor to connect to, for as long as its `with` block lasts. May be used from several threads."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1", chunker: Chunker | None = None) -> None:
        """`port` 0: any free one. With a `chunker` what is sent arrives cut and glued; `flush` it in quiet moments."""
        self.host = host
        self.port = port
        """Known from the beginning of the `with` block on."""
        self._chunker = chunker
        self._clients: dict[asyncio.Transport, bool] = {}
        """Whether each still gets something."""
        self._changed = Condition()
        self._sent: deque[SentLine] = deque(maxlen=LOG_LENGTH)

    def __enter__(self) -> Self:
        """Listen.

        Raises `OSError` when the port cannot be had.
        """
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_unless_a_client_left)
        self._thread = Thread(target=self._loop.run_forever, daemon=True, name="fritzbox simulator")
        self._thread.start()
        try:
            self._server = self._do(self._listen())
        except OSError:
            self._end()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up on everybody and stop listening."""
        self.flush()
        self._do(self._close())
        self._end()

    @property
    def clients(self) -> int:
        """How many are connected, those that get nothing any more included."""
        with self._changed:
            return len(self._clients)

    @property
    def unsent(self) -> int:
        """Bytes that no client's connection has taken yet."""
        return self._do(self._backlog())

    @property
    def sent(self) -> tuple[SentLine, ...]:
        """The lines that were pushed, oldest first."""
        return self._do(self._copy_sent())

    def send(self, line: str | bytes) -> None:
        """Push one line, given without its end, to everybody who is connected."""
        self._do(self._send(line.encode() if isinstance(line, str) else line))

    def send_bytes(self, data: bytes) -> None:
        """Push bytes as they are. They are not among the `sent` lines."""
        self._do(self._push(data))

    def flush(self) -> None:
        """Push what the chunker held back."""
        self._do(self._flush())

    def drop(self, *, reset: bool = False) -> None:
        """End all connections: in order, or by a reset, as a box does that has forgotten them."""
        self._do(self._drop(reset=reset))

    def go_half_open(self) -> None:
        """Send nothing more over the present connections, and keep them."""
        self._do(self._go_half_open())

    def wait_for_client(self, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until `count` clients are connected.

        Raises `TimeoutError` after `timeout` seconds.
        """
        self._wait(lambda: len(self._clients) >= count, timeout)

    def wait_for_no_client(self, timeout: float = 5.0) -> None:
        """Wait until nobody is connected.

        Raises `TimeoutError` after `timeout` seconds.
        """
        self._wait(lambda: not self._clients, timeout)

    def _wait(self, condition: Callable[[], bool], timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"after {timeout} s there are {len(self._clients)} clients")

    def _do(self, action: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(action, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # From here on everything happens in the event loop's thread.

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(lambda: _Connection(self._joined, self._left), self.host, self.port)

    async def _close(self) -> None:
        self._server.close()
        await self._drop(reset=False)

    async def _backlog(self) -> int:
        return sum(client.get_write_buffer_size() for client in self._clients)

    async def _copy_sent(self) -> tuple[SentLine, ...]:
        return tuple(self._sent)

    async def _send(self, line: bytes) -> None:
        at, clients = datetime.now(UTC), await self._push(line + LINE_END)
        self._sent.append(SentLine(at, line, clients))

    async def _push(self, data: bytes) -> int:
        return self._write(self._chunker.feed(data) if self._chunker else [data])

    async def _flush(self) -> None:
        if self._chunker:
            self._write(self._chunker.flush())

    async def _drop(self, *, reset: bool) -> None:
        dropped = list(self._clients)
        for client in dropped:
            if reset:
                client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
            client.abort()
        while any(client in self._clients for client in dropped):
            await asyncio.sleep(0)

    async def _go_half_open(self) -> None:
        self._clients = dict.fromkeys(self._clients, False)

    def _write(self, chunks: list[bytes]) -> int:
        """Returns to how many clients."""
        listening = [client for client, gets_something in self._clients.items() if gets_something]
        for client in listening:
            for chunk in chunks:
                if not client.is_closing():
                    client.write(chunk)
            if client.get_write_buffer_size() > LONGEST_BACKLOG:
                client.abort()
        return len(listening)

    def _joined(self, client: asyncio.Transport) -> None:
        if self._chunker:
            self._write(self._chunker.flush())  # who comes now gets no part of what was said before
        with self._changed:
            self._clients[client] = True
            self._changed.notify_all()

    def _left(self, client: asyncio.Transport) -> None:
        with self._changed:
            self._clients.pop(client, None)
            self._changed.notify_all()


class _Connection(asyncio.Protocol):
    """One client. What it says is not listened to."""

    def __init__(self, joined: Callable[[asyncio.Transport], None], left: Callable[[asyncio.Transport], None]) -> None:
        self._joined = joined
        self._left = left

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._joined(self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._left(self._transport)


def _unless_a_client_left(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Connections that break are what this simulator is for; anything else is reported as usual."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)
