"""The events of the event log, as docs/events.md describes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Id = tuple[int, int]
"""An event's id: Redis' milliseconds, and a count within them."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event, as far as it says who may see it."""

    at: Id
    call_id: str
    own_number: str = ""
    phone: int | None = None
    """The code of the phone that takes part in the call, where the event says so."""

    @classmethod
    def of(cls, at: Id, document: dict[str, Any]) -> Event:
        """What an event's document says."""
        call = document.get("call")
        if call is None:
            return cls(at, document["call_id"])
        return cls(at, call["id"], call["own_number"], call["extension"]["code"] if call["extension"] else None)


def parse_id(written: str) -> Id:
    """`1732300000000-0`."""
    milliseconds, _, count = written.partition("-")
    return int(milliseconds), int(count)
