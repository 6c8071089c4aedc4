"""Waiting for something to become true, instead of sleeping and hoping."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], within: float = 5.0) -> T:
    """The first true value of `condition`. If none comes `within` seconds: fails, showing the last value."""
    deadline = monotonic() + within
    while not (value := condition()):
        assert monotonic() < deadline, f"still {value!r} after {within} s"
        sleep(0.01)
    return value
