"""Lets happen what a timetable says, in time."""

from __future__ import annotations

from datetime import datetime, tzinfo
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final, Self, assert_never

from simulators.fritzbox.faults import Drop, Garbage, GoHalfOpen
from simulators.fritzbox.messages import Connect, Dial, Disconnect, Ring
from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Action, Timetable, Verbatim

_QUIET: Final = 0.02
"""Seconds without anything to send, after which held back bytes go out."""
_IDLE: Final = 3600.0


class Player:
    """Plays one timetable on a simulator for as long as its `with` block lasts, from the first client's arrival on."""

    def __init__(self, simulator: FritzBoxSimulator, timetable: Timetable, zone: tzinfo) -> None:
        self._simulator = simulator
        self._timetable = timetable
        self._zone = zone
        self._lock = Lock()
        self._woken = Event()
        self._stopping = False
        self._start: float | None = None
        self._thread = Thread(target=self._run, daemon=True, name="player")

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, in the middle of calls too."""
        self._stopping = True
        self._woken.set()
        self._thread.join()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to play."""
        with self._lock:
            return self._timetable.next_at() is None

    def play(self, call: PlannedCall) -> None:
        """Let a call begin now, beside those that are planned."""
        with self._lock:
            self._timetable.add(self._now(), call)
        self._woken.set()

    def _run(self) -> None:
        while not self._simulator.clients and not self._stopping:
            self._woken.wait(_QUIET)
            self._woken.clear()
        self._start = monotonic()
        while not self._stopping:
            wait = self._perform_what_is_due()
            if not self._woken.wait(min(wait, _QUIET)):
                self._simulator.flush()
                self._woken.wait(max(0.0, wait - _QUIET))
            self._woken.clear()

    def _perform_what_is_due(self) -> float:
        """Returns the seconds until more is due."""
        while not self._stopping:
            with self._lock:
                next_at = self._timetable.next_at()
                if next_at is None:
                    return _IDLE
                if (wait := next_at - self._now()) > 0:
                    return wait
                _, action = self._timetable.pop()
            self._perform(action)
        return 0.0

    def _perform(self, action: Action) -> None:
        match action:
            case Ring() | Dial() | Connect() | Disconnect():
                self._simulator.send(action.at(datetime.now(self._zone)))
            case Verbatim(line):
                self._simulator.send(line)
            case Drop(reset):
                self._simulator.drop(reset=reset)
            case GoHalfOpen():
                self._simulator.go_half_open()
            case Garbage(data):
                self._simulator.send_bytes(data)
            case _:
                assert_never(action)

    def _now(self) -> float:
        """Seconds of playing time."""
        return 0.0 if self._start is None else monotonic() - self._start
