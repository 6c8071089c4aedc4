"""Whether calls get into Limbas at the moment: said by the loggers, shown by the page.

A key in Redis that goes by itself, so that nobody has to be alive to take a word back.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, cast

from shared.event_log import EventLog

KEPT_SECONDS: Final = 90
"""Longer than the longest wait between two tries, so that the word stays as long as it is true."""


class LimbasState(StrEnum):
    """How Limbas answers."""

    FINE = "fine"
    AWAY = "away"
    """It gives no proper answer. Calls are kept, and recorded when it is back."""
    LOGIN_REFUSED = "login refused"
    """It does not know our user or password."""


def tell(event_log: EventLog, state: LimbasState) -> None:
    """Say how Limbas answers. Raises `redis.exceptions.RedisError`."""
    key = event_log.keys.beside("limbas")
    if state is LimbasState.FINE:
        event_log.redis.delete(key)
    else:
        event_log.redis.set(key, state.value, ex=KEPT_SECONDS)


def told(event_log: EventLog) -> LimbasState:
    """What was said last. Raises `redis.exceptions.RedisError`."""
    value = cast("bytes | None", event_log.redis.get(event_log.keys.beside("limbas")))
    return LimbasState(value.decode()) if value else LimbasState.FINE
