"""Many readers at once, who lose their connection all the time. Plain sockets, in one thread."""

from __future__ import annotations

import asyncio
import random
from asyncio import StreamReader
from dataclasses import dataclass, field

from services.web.tokens import mint
from tests.web.readers import ReaderRights, Seen
from tests.web.web_process import SECRET

LONGEST_PAUSE = 0.3
"""Seconds."""
STAYS = (2, 5, 20, 100, 600)
"""How many blocks a connection lives for. Not for how long: on a busy machine nobody would get anywhere."""
HOUR = 3600


@dataclass
class Member:
    """One reader, over all its connections."""

    user: str
    reader: ReaderRights
    chance: random.Random
    seen: Seen = field(default_factory=Seen)
    connections: int = 0

    async def take_part(self, port: int, end: asyncio.Future[str]) -> None:
        """Come and go until everything up to the end, once that is known, has been seen."""
        while not self._has_seen(end):
            await asyncio.sleep(self.chance.uniform(0, LONGEST_PAUSE))
            try:
                await self._stay(port, end)
            except (OSError, asyncio.IncompleteReadError):  # too slow, say: then it is the server that hangs up
                continue

    async def _stay(self, port: int, end: asyncio.Future[str]) -> None:
        """One connection, which breaks after some blocks, wherever that is."""
        source, sink = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        self.connections += 1
        try:
            sink.write(self._request())
            head = await source.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.0 200 "), head
            await self._read(source, end)
        finally:
            sink.transport.abort()

    async def _read(self, source: StreamReader, end: asyncio.Future[str]) -> None:
        for _ in range(self.chance.choice(STAYS)):
            block = await source.readuntil(b"\n\n")
            self.seen.take(block.decode().removesuffix("\n\n"))
            if self._has_seen(end):
                return

    def _has_seen(self, end: asyncio.Future[str]) -> bool:
        return end.done() and self.seen.last_event_id == end.result()

    def _request(self) -> bytes:
        """HTTP/1.0, so that the stream comes as it is and not in chunks."""
        lines = [
            f"GET /events{'?calls=mine' if self.reader.mine else ''} HTTP/1.0",
            "Host: localhost",
            f"Authorization: Bearer {mint(SECRET, self.user, HOUR, self.reader.rights)}",
        ]
        if self.seen.last_event_id is not None:
            lines.append(f"Last-Event-ID: {self.seen.last_event_id}")
        return "\r\n".join([*lines, "", ""]).encode()
