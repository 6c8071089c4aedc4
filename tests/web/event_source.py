"""A reader of server-sent events over a plain socket: an independent witness of what goes over the wire."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Message:
    """One event as a browser would dispatch it."""

    name: str
    id: str | None
    data: Any
    raw: str


class EventSource:
    """An open stream. Reading past `timeout` seconds of silence raises `TimeoutError`."""

    def __init__(
        self,
        port: int,
        token: str,
        last_event_id: str | None = None,
        timeout: float = 5,
        path: str = "/events",
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.blocks: list[str] = []
        """Everything that was received, comments too."""

    def block(self) -> str | None:
        """The next lines up to an empty one; None at the end of the stream."""
        lines: list[str] = []
        while line := self.answer.readline():
            text = line.decode().removesuffix("\n")
            if not text:
                self.blocks.append("\n".join(lines))
                return self.blocks[-1]
            lines.append(text)
        return None

    def message(self) -> Message | None:
        """The next event; None at the end of the stream. Comments and `retry` are no events."""
        while (block := self.block()) is not None:
            fields = [line.partition(": ")[::2] for line in block.split("\n") if not line.startswith(":")]
            data = "\n".join(value for name, value in fields if name == "data")
            if data:
                found = dict(fields)
                return Message(found.get("event", "message"), found.get("id"), json.loads(data), data)
        return None

    def next(self, *names: str) -> Message:
        """The next event with one of these names, or the next one whatever its name."""
        while (message := self.message()) is not None:
            if not names or message.name in names:
                return message
        raise AssertionError(f"the stream ended before an event {names}")

    def messages(self, count: int) -> list[Message]:
        """The next so many events."""
        return [self.next() for _ in range(count)]

    def close(self) -> None:
        """Hang up."""
        self.answer.close()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
