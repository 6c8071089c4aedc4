"""How a run goes, whatever it is that falls over: faults happen in lanes, everything comes to rest, and is judged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, TypeVar

from faults.browser import Browser
from faults.checker import Evidence, Finding, check
from faults.timeline import HEARING

REST: Final = 110.0
"""Seconds in which nothing gets better any more. The longest wait of all, 75 s, is for a login that Limbas refused."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    findings: Sequence[Finding]
    faults: Counter[str]
    calls: int
    died: Sequence[str]

    @property
    def well(self) -> bool:
        """Whether the promise was kept."""
        return all(finding.well for finding in self.findings) and not self.died


Progress = Callable[[float, int, int], None]
"""Told about once a second: the seconds, the calls and the faults so far."""


class Fault(Protocol):
    """One thing that happens, as far as it matters here."""

    @property
    def at(self) -> float:
        """Seconds from the run's start, or later when its lane is still busy."""

    @property
    def kind(self) -> object:
        """What it is counted as."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""


F = TypeVar("F", bound=Fault)


def fall_over(
    lanes: Mapping[str, Sequence[F]],
    seconds: float,
    log_file: Path,
    over: threading.Event,
    *,
    happen: Callable[[F], None],
    both_listen: Callable[[], bool],
    meanwhile: Callable[[float, int], None],
) -> Counter[str]:
    """Let every lane happen, until the time is over and everything is back. Returns how often what happened.

    `happen`: ends soon after `over` is set. `meanwhile`: told the seconds and the number of faults so far.
    """
    happened, began = Counter[str](), time.monotonic()
    log = log_file.open("a", buffering=1)

    def play(lane: str, faults: Sequence[F]) -> None:
        for fault in faults:
            over.wait(began + fault.at - time.monotonic())
            if over.is_set() or (lane == HEARING and not both_listen()):
                return
            happened[str(fault.kind)] += 1
            log.write(f"{datetime.now(UTC):%H:%M:%S.%f} {fault}, {fault.seconds:g} s\n")
            happen(fault)

    with log, ThreadPoolExecutor(len(lanes)) as threads:
        playing = [threads.submit(play, lane, faults) for lane, faults in lanes.items()]
        try:
            while time.monotonic() < began + seconds and not any(each.done() and each.exception() for each in playing):
                time.sleep(0.5)
                meanwhile(time.monotonic() - began, happened.total())
        finally:
            over.set()
    for each in playing:
        each.result()
    return happened


def come_to_rest(
    browsers: Sequence[Browser], evidence: Callable[[], Evidence], meanwhile: Callable[[], None]
) -> list[Finding]:
    """The findings when there is nothing left to find, or when they change no more."""
    for browser in browsers:
        browser.calm = True
        browser.hang_up()
    before, until = list[Finding](), 0.0
    while True:
        findings = check(evidence())
        if findings != before:
            before, until = findings, time.monotonic() + REST
        if all(finding.well for finding in findings) or time.monotonic() > until:
            return findings
        meanwhile()
        time.sleep(1.0)
