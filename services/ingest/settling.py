"""Whether another ingest, which may have been back at the box earlier, has had the time to go first.

It says so by Redis. So this is a clock that stands still while Redis does not answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SETTLED_AFTER: Final = 4.0
"""Seconds of a connection, after which another ingest that was connected before has taken over, if there is one."""
LONGEST_STEP: Final = 1.0
"""Seconds from one answer of Redis to the next. When they are more, the other one had no answer either."""


class Settling:
    """After each connection to the box. For its publisher's thread."""

    def __init__(self, connection: Callable[[], int]) -> None:
        """`connection`: how many there have been with the present one; 0: there is none."""
        self._connection = connection
        self._seen = 0
        self._left = 0.0
        self._answered_at = float("-inf")

    @property
    def over(self) -> bool:
        """Whether it is, or there is no connection to settle."""
        self._look()
        return self._left <= 0

    def redis_answers(self) -> None:
        """To be called whenever it just did."""
        self._look()
        now = time.monotonic()
        self._left -= min(now - self._answered_at, LONGEST_STEP)
        self._answered_at = now

    def _look(self) -> None:
        connection = self._connection()
        if connection != self._seen:
            self._seen, self._left = connection, SETTLED_AFTER if connection else 0.0
