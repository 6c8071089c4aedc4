"""An HTTP client that reads server-sent events, made of nothing but sockets and http.client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

PATIENCE = 20
"""Seconds. No test waits for them, unless it fails."""


def token(secret: str, algorithm: str = "HS256", **claims: Any) -> str:
    """A token for a user who may see everything, unless the claims say otherwise. None leaves a claim out."""
    now = int(time.time())
    usual = {"aud": "callmonitor", "sub": "conformance", "iat": now, "exp": now + 600, "calls": "all"}
    present = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    parts = [_base64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": algorithm}, present)]
    digest = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}.get(algorithm)
    signature = hmac.digest(secret.encode(), ".".join(parts).encode(), digest) if digest else b""
    return ".".join([*parts, _base64(signature)])


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Block:
    """What stands between two empty lines."""

    text: str
    fields: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        lines = [line.partition(":")[::2] for line in self.text.split("\n") if not line.startswith(":")]
        self.fields = {name: value.removeprefix(" ") for name, value in lines}

    @property
    def name(self) -> str:
        """Of the event; empty when it is none."""
        return self.fields.get("event", "") if "data" in self.fields else ""

    @property
    def id(self) -> str | None:
        return self.fields.get("id")

    @property
    def data(self) -> Any:
        return json.loads(self.fields["data"])

    @property
    def about(self) -> str:
        """Which call an event is about."""
        return str(self.data["call"]["id"] if "call" in self.data else self.data.get("call_id", ""))


class Stream:
    """An answer of a server, read block by block."""

    def __init__(
        self, url: str, path: str, headers: Mapping[str, str], *, method: str = "GET", patience: float = PATIENCE
    ) -> None:
        """`patience`: the seconds of silence after which the server counts as dead."""
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=patience)
        self.connection.request(method, parts.path + path, headers=dict(headers))
        self.answer = self.connection.getresponse()

    def block(self) -> Block | None:
        """The next block; None at the end of the stream."""
        lines: list[str] = []
        while line := self.answer.readline():
            if line == b"\n":
                return Block("\n".join(lines))
            lines.append(line.decode().removesuffix("\n"))
        return None

    def event(self, *names: str, about: str = "") -> Block:
        """The next event, or the next one of these names, or about this call."""
        while (block := self.block()) is not None:
            if block.name and (not names or block.name in names) and (not about or block.about == about):
                return block
        raise AssertionError(f"the stream ended before {names or 'an event'}")

    def events_up_to(self, event_id: str) -> list[Block]:
        """The events of calls up to the one of this id, which is among them."""
        found: list[Block] = []
        while not found or found[-1].id != event_id:
            block = self.event()
            if block.name not in ("snapshot", "status"):
                found.append(block)
        return found

    def close(self) -> None:
        self.answer.close()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
