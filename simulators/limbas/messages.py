"""What passes between the HTTP server and those who answer for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What is needed of an HTTP request."""

    body: bytes
    address: str
    cookie: str | None = None
    credentials: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply."""

    status: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_off: bool = False
    """Announce the whole body, send half of it, and hang up."""


class Reset(Exception):
    """The client gets no reply: the connection is reset."""
