"""How many streams one user may have open: a script that forgets to close them must not take the others' places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Final

STREAMS_PER_USER: Final = 32
"""In one process. A browser has one; this is for many devices, and for connections that nobody has missed yet."""
RETRY_AFTER_SECONDS: Final = 30
"""How long a connection that was lost without a word may take to be noticed."""


class TooManyStreams(Exception):
    """The user has as many as one may have. The text is a sentence for them."""


class StreamLimit:
    """Counts the open streams of each user. Safe to use from several threads."""

    def __init__(self, most: int = STREAMS_PER_USER) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._lock = Lock()

    def enter(self, user: str) -> Callable[[], None]:
        """Count one more; returns what counts it off again. Raises `TooManyStreams`."""
        with self._lock:
            if self._open[user] >= self._most:
                raise TooManyStreams(f"You have {self._most} event streams open, and may not have more: close some.")
            self._open[user] += 1
        return partial(self._leave, user)

    def _leave(self, user: str) -> None:
        with self._lock:
            self._open[user] -= 1
            if not self._open[user]:
                del self._open[user]
