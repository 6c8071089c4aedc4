"""Server-sent events on the wire (HTML standard, 9.2.5 and 9.2.6)."""

from __future__ import annotations

from typing import Final

HEARTBEAT: Final = b":\n\n"
"""A comment: every reader skips it, and every proxy sees that the connection lives."""


def message(name: str, data: bytes, event_id: str | None = None) -> bytes:
    """One event. `event_id` is what the browser sends as `Last-Event-ID` when it comes back."""
    head = f"event: {name}\n" if event_id is None else f"event: {name}\nid: {event_id}\n"
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\ndata: ")
    return head.encode() + b"data: " + lines + b"\n\n"


def retry(seconds: float) -> bytes:
    """How long a reader should wait before it connects again."""
    return f"retry: {round(seconds * 1000)}\n\n".encode()


def position(event_id: str) -> bytes:
    """No event, but the id that a browser sends when it comes back: it has all of what was for it up to there."""
    return f"id: {event_id}\n\n".encode()
