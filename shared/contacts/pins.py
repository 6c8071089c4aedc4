"""Pins: what a person said about who is behind a number. They win over everything that is found.

    {callmonitor:events}:pins   hash: E.164 number -> the pin, as JSON

They are few: people make them by hand.
"""

from __future__ import annotations

from typing import cast

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.event_log import EventLog
from shared.events import Candidate, Match, Source


class Pin(BaseModel):
    """Who is behind a number."""

    model_config = ConfigDict(frozen=True)

    table: str
    """The Limbas table of the record."""
    record_id: int
    name: str
    """As it was when the number was pinned, so that nobody has to ask Limbas for it during a call."""
    company: str = ""
    at: AwareDatetime
    by: str
    """Who said so."""

    @property
    def candidate(self) -> Candidate:
        """As matcher answers it."""
        return Candidate(
            source=Source.LIMBAS,
            match=Match.PINNED,
            name=self.name,
            company=self.company,
            table=self.table,
            record_id=self.record_id,
        )


class Pins:
    """The pins of one event log's Redis."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self.key = event_log.keys.beside("pins")

    def set(self, number: str, pin: Pin) -> None:
        """Pin an E.164 number; an older pin of it is forgotten."""
        self._redis.hset(self.key, number, pin.model_dump_json())

    def remove(self, number: str) -> bool:
        """Forget the pin of an E.164 number. Returns whether there was one."""
        return bool(self._redis.hdel(self.key, number))

    def all(self) -> dict[str, Pin]:
        """Every pin by its number, in the numbers' order."""
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(self.key))
        return {number.decode(): Pin.model_validate_json(document) for number, document in sorted(stored.items())}
