"""Who watches in a run: browsers of every manner, and of every right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from faults.browser import Browser, Manner
from faults.invitation import EVERYTHING, Invitation
from faults.timeline import chance_of
from faults.traffic import some_numbers
from faults.watched import Watched

Mint = Callable[[str, Invitation | None], str]
"""A user's token that opens so much. None: a forged one, that would open everything if it were believed."""


@contextmanager
def watching(port: int, seed: int, seconds: float, mint: Mint) -> Iterator[list[Browser]]:
    """The browsers of a run of so many seconds. Raises what went wrong within them themselves."""
    browsers = [
        Browser(Watched(name, invitation), port, mint(name, invitation), manner, chance_of(seed, name))
        for name, (manner, invitation) in _everybody(seconds).items()
    ]
    try:
        yield browsers
    finally:
        for browser in browsers:
            browser.close()


def _everybody(seconds: float) -> dict[str, tuple[Manner, Invitation | None]]:
    of_numbers = Invitation(own_numbers=some_numbers(seconds))
    of_one_phone = Invitation(phones=frozenset({10}))
    asks_for_its_own = Invitation(own_numbers=some_numbers(seconds), phones=frozenset({20}), mine=True)
    return {
        "browser": (Manner(), EVERYTHING),
        "another browser": (Manner(), EVERYTHING),
        "slow browser": (Manner(reads_every=0.4), EVERYTHING),
        "leaving browser": (Manner(stays=(0.2, 4.0)), EVERYTHING),
        "browser that seldom stays": (Manner(stays=(0.01, 1.0)), EVERYTHING),
        "browser of some numbers": (Manner(), of_numbers),
        "browser of one phone": (Manner(), of_one_phone),
        "leaving browser of one phone": (Manner(stays=(0.2, 4.0)), of_one_phone),
        "browser that asks for its own": (Manner(stays=(0.5, 8.0)), asks_for_its_own),
        "browser with a forged token": (Manner(), None),
    }
