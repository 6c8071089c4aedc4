"""The simulated box, its calls, and what is done to it. One thing at a time, so that its log says who heard what."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import Final, Self
from zoneinfo import ZoneInfo

from faults.traffic import Place, last_calls, traffic
from faults.unread import unread
from simulators.fritzbox.faults import Chunker, Drop, Garbage, GoHalfOpen
from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Timetable, Verbatim

QUIET: Final = 0.02
"""Seconds without a line, after which nothing is held back."""
PIECE: Final = 20_000
"""Bytes that are cut into chunks at once: the time for that grows with the square of it."""
ENDLESS: Final = b"x" * 10_000
ZONE: Final = ZoneInfo("Europe/Berlin")


class Switchboard:
    """Lets the calls of a seed happen at one place, for as long as its `with` block lasts."""

    def __init__(self, place: Place, seed: int, seconds: float, port: int) -> None:
        self.place = place
        chance = random.Random(f"{seed} chunks")  # noqa: S311 - repeatable on purpose
        self.box = FritzBoxSimulator(port, chunker=Chunker(chance))
        self.calls = 0
        self._planned = takewhile(lambda planned: planned[0] < seconds, traffic(seed, place))
        self._lock = threading.RLock()
        self._on = True
        self._began: float | None = None
        self._timetable = Timetable(self._counted())
        self._over = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="calls", daemon=True)

    def __enter__(self) -> Self:
        """Switch the box on. Nobody calls yet."""
        self.box.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Switch the box off."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self.box.__exit__()

    def begin(self) -> None:
        """From now on people call."""
        self._began = time.monotonic()
        self._thread.start()

    def finish(self) -> None:
        """Wait for the last call's end, then call once on every connection, and wait for the end of that, too."""
        self._await_the_end()
        for call in last_calls(self.place):
            with self._lock:
                self._timetable.add(self._now(), call)
                self.calls += 1
        self._await_the_end()

    def drop(self, *, reset: bool) -> None:
        """End all connections."""
        with self._lock:
            self.box.flush()
            self.box.drop(reset=reset)

    def go_half_open(self) -> None:
        """Keep all connections, and send nothing more over them."""
        with self._lock:
            self.box.flush()
            self.box.go_half_open()

    def reboot(self, pause: Callable[[], object]) -> None:
        """The box goes away, and has forgotten its calls when it is back."""
        with self._lock:
            self._on = False
            self.box.__exit__()
        pause()
        with self._lock:
            self.box.__enter__()
            self._timetable, self._on = Timetable(self._counted()), True

    def send_bytes(self, data: bytes) -> None:
        """Send what is no line."""
        with self._lock:
            for start in range(0, len(data), PIECE):
                self.box.send_bytes(data[start : start + PIECE])
            self.box.flush()

    def send_endless_line(self, wait: Callable[[float], bool], seconds: float) -> None:
        """Send a line without an end for so long, or until `wait` says that it is over; and hang up in the middle."""
        until = time.monotonic() + seconds
        with self._lock:
            self.box.flush()
            while time.monotonic() < until and not wait(0.05):
                self.box.send_bytes(ENDLESS)
            self.box.flush()
            self.box.drop(reset=False)

    def wait_for_listeners(self, count: int, seconds: float) -> bool:
        """Returns whether there are so many within so many seconds."""
        try:
            self.box.wait_for_client(count, seconds)
        except TimeoutError:
            return False
        return True

    def wait_for_readers(self, seconds: float) -> bool:
        """Returns whether everything that was sent has been read within so many seconds.

        What has not when a connection is reset, or its reader killed, was heard by nobody.
        """
        until = time.monotonic() + seconds
        while self.box.unsent or unread(self.box.port):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def log(self) -> list[str]:
        """What was said, for people: when, by which box, to how many, the line."""
        return [f"{each.at:%H:%M:%S.%f} {self.place.box} {each.clients} {each.line.decode()}" for each in self.box.sent]

    def _counted(self) -> Iterator[tuple[float, PlannedCall]]:
        for planned in self._planned:
            self.calls += 1
            yield planned

    def _await_the_end(self) -> None:
        while True:
            if self._failure:
                raise self._failure
            with self._lock:
                if self._timetable.next_at() is None:
                    return
            time.sleep(0.1)

    def _now(self) -> float:
        return time.monotonic() - (self._began or 0.0)

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                wait = self._say_what_is_due()
                if wait > QUIET:
                    with self._lock:
                        if self._on:
                            self.box.flush()
                self._over.wait(min(wait, 0.1))
        except Exception as error:  # noqa: BLE001 - raised where the end of the calls is waited for
            self._failure = error

    def _say_what_is_due(self) -> float:
        """Returns the seconds until more is due."""
        while True:
            with self._lock:
                next_at = self._timetable.next_at()
                if next_at is None or next_at > self._now():
                    return 1.0 if next_at is None else next_at - self._now()
                _, action = self._timetable.pop()
                if isinstance(action, Verbatim | Drop | GoHalfOpen | Garbage):
                    raise TypeError(f"{action} is no call's")
                if self._on:
                    self.box.send(action.at(datetime.now(ZONE)))
