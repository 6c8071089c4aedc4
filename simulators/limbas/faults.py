"""What can go wrong with a Limbas server, to be switched on and off while it runs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    """A way for `main_soap.php` to fail."""

    DOWN = "down"
    """The connection is reset before anything is done."""
    SLOW = "slow"
    """The request waits for some seconds before it is worked on."""
    SERVER_ERROR = "server-error"
    """HTTP 500 with an HTML page, nothing is done."""
    LOGIN_PAGE = "login-page"
    """HTTP 200 with the login page, nothing is done, the session is over."""
    WRITES_FAIL = "writes-fail"
    """HTTP 500 with an HTML page for every request that writes, nothing is done; questions are answered."""
    RESTARTING = "restarting"
    """HTTP 503 with an HTML page, nothing is done, all sessions are over."""
    WARNING = "warning"
    """All is done, but a PHP warning stands ahead of the XML of the answer."""
    CUT_OFF = "cut-off"
    """All is done, but the answer breaks off in the middle."""
    ANSWER_LOST = "answer-lost"
    """All is done, but the connection is reset before the answer."""
    HALF_DONE = "half-done"
    """The first half of the actions is done, then PHP dies with HTTP 500 and an HTML page."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How a fault happens, once it is switched on."""

    kind: FaultKind
    probability: float = 1.0
    """Of a request to meet it, 0 to 1."""
    count: int | None = None
    """How many requests are still to meet it; None: all, until it is switched off."""
    seconds: float = 10.0
    """How long `slow` waits."""


class Faults:
    """The faults that are on. Safe to use from many threads."""

    def __init__(self, seed: int | None = None) -> None:
        self._lock = Lock()
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._on: dict[FaultKind, Fault] = {}

    def switch_on(self, fault: Fault) -> None:
        """Let the fault happen from the next request on."""
        with self._lock:
            self._on[fault.kind] = fault

    def switch_off(self, kind: FaultKind | None = None) -> None:
        """End one fault, or all of them."""
        with self._lock:
            if kind is None:
                self._on.clear()
            else:
                self._on.pop(kind, None)

    def now_on(self) -> list[Fault]:
        """The faults that are on, with what is left of their counts."""
        with self._lock:
            return list(self._on.values())

    def strike(self) -> Mapping[FaultKind, Fault]:
        """Which faults the request at hand meets. Counts them down."""
        with self._lock:
            struck = {kind: fault for kind, fault in self._on.items() if self._random.random() < fault.probability}
            for kind, fault in struck.items():
                if fault.count is not None:
                    self._on[kind] = replace(fault, count=fault.count - 1)
            self._on = {kind: fault for kind, fault in self._on.items() if fault.count is None or fault.count > 0}
            return struck
