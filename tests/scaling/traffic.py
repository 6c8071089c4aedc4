"""Calls that go on while something falls over, and what has to have become of them."""

from __future__ import annotations

import threading
from itertools import count
from typing import Final, Self

from tests.system.browser import Browser
from tests.system.office import Office
from tests.waiting import eventually

PAUSE: Final = 0.05
"""Seconds between two lines: the pace of the calls."""
_EXTENSIONS: Final = count(60000)
"""Of the callers in 030 23125. Each of a test run calls once."""


class Traffic:
    """Short calls of strangers, one after the other, for as long as its `with` block lasts."""

    def __init__(self, office: Office) -> None:
        self._callers: list[str] = []
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._call)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wait_for_more(self, calls: int = 5) -> None:
        """Until so many more calls have begun."""
        wanted = len(self._callers) + calls
        eventually(lambda: len(self._callers) >= wanted, within=30)

    def is_recorded(self) -> bool:
        """Whether each call is in Limbas, once, and as missed.

        For a moment it may be there twice, when Redis has forgotten that it was written: then the second one goes.
        """
        found = sorted((row["RUFNUMMER"], row["STATUS"]) for row in self._office.rows("ANRUFE"))
        ours = {f"+49{caller[1:]}" for caller in self._callers}
        return [row for row in found if row[0] in ours] == sorted((caller, "missed") for caller in ours)

    def is_shown(self, browser: Browser) -> bool:
        """Whether the browser was told how each call began and ended."""
        return all(set(browser.life(caller)) == {"call.ringing", "call.ended"} for caller in self._callers)

    def _call(self) -> None:
        while not self._over.wait(PAUSE):
            self._callers.append(f"03023125{next(_EXTENSIONS)}")
            connection = len(self._callers) % 10
            self._office.says(f"RING;{connection};{self._callers[-1]};4710100;SIP0;")
            self._over.wait(PAUSE)
            self._office.says(f"DISCONNECT;{connection};0;")
