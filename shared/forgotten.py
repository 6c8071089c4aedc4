"""That somebody was forgotten: said by `callmonitor forget`, heard by all who have calls in their memory.

    {callmonitor:events}:forgotten   the newest event's id at that moment, and a number that tells it from other times

A copy from before that moment may have what was forgotten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, cast

from shared.event_log import ORIGIN, EventLog

KEPT_SECONDS: Final = 30 * 24 * 3600
"""Longer than anybody leaves a page asleep and takes it up again: a token lasts 12 hours."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """When somebody was forgotten the last time."""

    position: str
    """What was made from the event log up to this event has to be made anew."""
    occasion: str
    """Differs each time."""


def tell(event_log: EventLog) -> None:
    """Say that it has happened just now. Raises `redis.exceptions.RedisError`."""
    value = f"{event_log.newest_id() or ORIGIN} {time.time_ns()}"
    event_log.redis.set(event_log.keys.beside("forgotten"), value, ex=KEPT_SECONDS)


def told(event_log: EventLog) -> Forgotten | None:
    """What was said last. Raises `redis.exceptions.RedisError`."""
    value = cast("bytes | None", event_log.redis.get(event_log.keys.beside("forgotten")))
    position, _, occasion = value.decode().partition(" ") if value else ("", "", "")
    return Forgotten(position, occasion) if value else None
