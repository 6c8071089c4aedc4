"""How long to wait until the next try."""

from __future__ import annotations

import random
from typing import Final

FIRST_WAIT: Final = 0.2
"""Seconds."""


class Backoff:
    """Waits that double up to a limit, with jitter so that workers do not come back in step."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._tries = 0

    def next(self) -> tuple[float, bool]:
        """The next wait in seconds, and whether it is the first of a row."""
        wait = min(self._longest, FIRST_WAIT * 2 ** min(self._tries, 16))
        self._tries += 1
        return wait * random.uniform(0.5, 1.0), self._tries == 1  # noqa: S311 - spreading load, not secrets

    def reset(self) -> bool:
        """End the row. Returns whether there was one."""
        waited, self._tries = self._tries > 0, 0
        return waited
