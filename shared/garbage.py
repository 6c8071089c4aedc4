"""How often Python looks for garbage: our services make little of it, and hold much that never is."""

from __future__ import annotations

import gc
from typing import Final

ALLOCATIONS: Final = 50_000
"""More new objects than gone ones, until it looks. Python's own 2,000 or less come with every batch of events, whose
objects are no garbage yet: that was a fifth of the web process' time."""


def look_less() -> None:
    """To be called when all is loaded: what is there by now is not looked through any more."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
