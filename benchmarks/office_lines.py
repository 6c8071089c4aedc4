"""What the box of a busy office says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from simulators.fritzbox.messages import Connect, Dial, Disconnect, Ring

AREA_CODE: Final = "030"
"""Of the callers."""
CONNECTIONS: Final = 4
"""Calls at a time."""
PAUSE: Final = timedelta(milliseconds=10)
"""From line to line. The newest is of now, so that the box's clock is right for as many as are asked for."""


def office_lines(calls: int, callers: int) -> Iterator[str]:
    """The lines of so many calls: of ten seven come in, of which two are missed, and three go out.

    `callers` is how many different numbers the other side has.
    """
    chance = random.Random(1)  # noqa: S311 - a sample, not a secret
    numbers = [f"030231{number:05}" for number in chance.sample(range(100_000), callers)]
    say = _Clock(_now() - 3 * calls * PAUSE).say
    for number in range(calls):
        connection, other, kind = number % CONNECTIONS, numbers[number % callers], number % 10
        if kind < 7:
            yield say(Ring(connection, other, "4710100", "SIP0"))
        else:
            yield say(Dial(connection, 10 + kind, "4710100", other, "SIP0"))
        if kind > 1:
            yield say(Connect(connection, 10 + kind, other))
        yield say(Disconnect(connection, 60 if kind > 1 else 0))


def said_now(message: Ring | Dial | Connect | Disconnect) -> str:
    """Its line, by a clock that is right. One line again and again is no second call to the product, nor need it be."""
    return message.at(_now())


class _Clock:
    """The box's, which is right."""

    def __init__(self, start: datetime) -> None:
        self._at = start

    def say(self, message: Ring | Dial | Connect | Disconnect) -> str:
        self._at += PAUSE
        return message.at(self._at)


def _now() -> datetime:
    return datetime.now(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
