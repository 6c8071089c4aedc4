"""Makes the things happen that the timeline says, to the real processes."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from faults.browser import Browser
from faults.crowd import crowd
from faults.office import PATIENCE, STREAM, Office, token
from faults.redis_injuries import RedisInjuries
from faults.switchboard import Switchboard
from faults.timeline import INGESTS, LANES, SERVICES, Fault, Kind
from simulators.fritzbox.faults import flood, garbage
from simulators.limbas import faults as limbas

SLOW: Final = 2.0
"""Seconds that Limbas takes when it is slow."""
FLOOD: Final = 10_000
"""Lines."""


class Injuries:
    """May be used from several threads, one per lane."""

    def __init__(
        self,
        office: Office,
        switchboard: Switchboard,
        second: Switchboard,
        browsers: Sequence[Browser],
        wait: Callable[[float], bool],
    ) -> None:
        """`wait`: for so many seconds, or until the run is over; returns whether it is."""
        self._office = office
        self._box = switchboard
        self._second_box = second
        self._browsers = browsers
        self._wait = wait
        redis = RedisInjuries(office.valkey, STREAM, wait)
        self._by_kind: Mapping[Kind, Callable[[Fault], None]] = {
            Kind.BOX_DROPS: lambda _: self._box.drop(reset=False),
            Kind.BOX_RESETS: lambda _: self._box.drop(reset=True),
            Kind.BOX_HALF_OPEN: self._go_half_open,
            Kind.BOX_REBOOTS: lambda fault: self._box.reboot(partial(wait, fault.seconds)),
            Kind.GARBAGE: partial(self._send_garbage, 10),
            Kind.LONG_LINE: lambda fault: self._flood(flood(_chance(fault)).data),
            Kind.FLOOD: partial(self._send_garbage, FLOOD),
            Kind.INGEST_KILLED: partial(self._hurt, signal.SIGKILL),
            Kind.INGEST_ENDED: partial(self._hurt, signal.SIGTERM),
            Kind.INGEST_STOPPED: partial(self._hurt, signal.SIGSTOP),
            Kind.INGEST_DISK_FULL: self._fill_disk,
            Kind.ENDLESS_LINE: lambda fault: self._box.send_endless_line(wait, fault.seconds),
            Kind.SECOND_BOX_DEAD: lambda fault: self._second_box.reboot(partial(wait, fault.seconds)),
            **dict.fromkeys(LANES["Redis"], redis.happen),
            Kind.LIMBAS_FAULT: self._fail_in_limbas,
            Kind.SERVICE_KILLED: partial(self._hurt, signal.SIGKILL),
            Kind.SERVICE_ENDED: partial(self._hurt, signal.SIGTERM),
            Kind.SERVICE_STOPPED: partial(self._hurt, signal.SIGSTOP),
            Kind.ROLLING_RESTART: self._restart_everything,
            Kind.STORM: self._hang_up,
            Kind.SLEEP: self._sleep,
            Kind.CROWD: lambda fault: crowd(office.web_port, token, partial(wait, fault.seconds)),
        }

    def happen(self, fault: Fault) -> None:
        """Let it begin, last, and end."""
        self._by_kind[fault.kind](fault)

    def both_listen(self) -> bool:
        """Wait until both ingests are connected to both boxes. Returns whether they are, or it takes far too long."""
        return all(box.wait_for_listeners(len(INGESTS), PATIENCE) for box in (self._box, self._second_box))

    def _go_half_open(self, fault: Fault) -> None:
        self._box.go_half_open()
        self._wait(fault.seconds)
        self._box.drop(reset=True)

    def _send_garbage(self, lines: int, fault: Fault) -> None:
        chance = _chance(fault)
        self._flood(b"".join(garbage(chance).data for _ in range(lines)))

    def _flood(self, data: bytes) -> None:
        """Send it, and let it be read, with what was said behind it, before anything else happens."""
        self._box.send_bytes(data)
        if not self._box.wait_for_readers(PATIENCE):
            raise TimeoutError(f"after {PATIENCE} s a flood is not read")

    def _hurt(self, number: signal.Signals, fault: Fault) -> None:
        self._office.hurt(fault.target, number, partial(self._wait, fault.seconds))

    def _fill_disk(self, fault: Fault) -> None:
        self._office.fill_disk(fault.target, partial(self._wait, fault.seconds))

    def _restart_everything(self, _: Fault) -> None:
        for name in SERVICES:
            self._office.hurt(name, signal.SIGTERM, lambda: None)

    def _fail_in_limbas(self, fault: Fault) -> None:
        kind, probability = limbas.FaultKind(fault.target), _chance(fault).choice([0.3, 1.0])
        self._office.limbas.faults.switch_on(limbas.Fault(kind, probability=probability, seconds=SLOW))
        self._wait(fault.seconds)
        self._office.limbas.faults.switch_off(kind)

    def _hang_up(self, _: Fault) -> None:
        for browser in self._browsers:
            browser.hang_up()

    def _sleep(self, fault: Fault) -> None:
        for browser in self._browsers:
            browser.sleep()
        self._wait(fault.seconds)
        for browser in self._browsers:
            browser.wake()


def _chance(fault: Fault) -> random.Random:
    return random.Random(f"{fault.at} {fault.kind}")  # noqa: S311 - repeatable on purpose
