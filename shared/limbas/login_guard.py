"""Stops a wrong password from being tried again and again.

After a few wrong logins Limbas refuses everything from that address, the right password too, until about 15 s after the
last attempt (recordings 50 to 52). A client that keeps trying keeps itself locked out, and the office's people with it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

import structlog

from shared.limbas.errors import LoginRefused

WAIT_SECONDS: Final = 75.0
"""From a refused login to the next try. Long enough for the lock-out to end in between."""

log = structlog.get_logger()


class Gate(Protocol):
    """What all who log in as the same user share: one refused login stops them all."""

    def closed(self) -> bool:
        """Whether a login was refused a short while ago, whosever it was."""

    def close(self, seconds: float) -> None:
        """Let nobody try for so long."""


class LoginGuard:
    """Lets requests through until a login is refused, then one per `WAIT_SECONDS` until one succeeds."""

    def __init__(self, clock: Callable[[], float] = monotonic, gate: Gate | None = None) -> None:
        """`clock` counts seconds. Without a `gate` only this process is stopped."""
        self._clock = clock
        self._gate = gate
        self._closed_until: float | None = None

    def check(self) -> None:
        """Raise `LoginRefused` while no request may be sent."""
        if self._closed_until is not None and self._clock() < self._closed_until:
            raise refusal()
        if self._gate and self._gate.closed():
            raise refusal()

    def refused(self) -> LoginRefused:
        """A login was refused. Returns what to raise."""
        if self._closed_until is None:
            log.error("Limbas refuses the login", next_try_in_seconds=WAIT_SECONDS)
        self._closed_until = self._clock() + WAIT_SECONDS
        if self._gate:
            self._gate.close(WAIT_SECONDS)
        return refusal()

    def accepted(self) -> None:
        """Limbas answered as it does to a user it knows."""
        if self._closed_until is not None:
            log.info("Limbas accepts the login again")
        self._closed_until = None


def refusal() -> LoginRefused:
    """The one sentence for a refused login."""
    return LoginRefused(
        "Limbas refuses the login: check LIMBAS_USER and LIMBAS_PASSWORD. "
        f"Only one try every {WAIT_SECONDS:.0f} s is made, because Limbas locks out whoever keeps trying."
    )
