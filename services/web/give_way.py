"""Taking turns in a process in which everybody has to let go by themselves (gevent)."""

from __future__ import annotations

import time
from typing import Final

BREATH: Final = 0.001
"""Seconds. 0 would let those run who wait for their turn, and nobody who waits for a socket."""


def give_way() -> None:
    """Let the others run. To be called between pages of work.

    Reading from Redis does not: its answer is often there before one looks for it, and whoever has much to read would
    keep everybody else waiting to the end.
    """
    time.sleep(BREATH)
