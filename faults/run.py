"""One run: everything is started, falls over for a while, comes to rest, and is judged."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from faults.browser import Browser, Manner
from faults.checker import Evidence, Finding, check
from faults.injuries import Injuries
from faults.office import PATIENCE, Office, a_port, token
from faults.switchboard import Switchboard
from faults.timeline import HEARING, Fault, timeline
from faults.watched import Watched

REST: Final = 110.0
"""Seconds in which nothing gets better any more. The longest wait of all, 75 s, is for a login that Limbas refused."""
MANNERS: Final = {
    "browser": Manner(),
    "another browser": Manner(),
    "slow browser": Manner(reads_every=0.4),
    "leaving browser": Manner(stays=(0.2, 4.0)),
    "browser that seldom stays": Manner(stays=(0.01, 1.0)),
}
UNINVITED: Final = "browser with a forged token"


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


def run(seed: int, seconds: float, folder: Path, progress: Progress, *, logger: str = "services.logger") -> Result:
    """`folder`: for logs and spools. `logger`: its module, if not the usual one is to be run."""
    with (
        Switchboard(seed, seconds, a_port()) as switchboard,
        Office(folder, switchboard.box, seed, logger=logger) as office,
    ):
        browsers = [_browser(name, manner, office.web_port, seed) for name, manner in MANNERS.items()]
        browsers.append(_browser(UNINVITED, Manner(), office.web_port, seed, invited=False))
        try:
            switchboard.begin()
            faults = _fall_over(seed, seconds, folder, office, switchboard, browsers, progress)
            switchboard.finish()
            for browser in browsers:
                browser.calm = True
                browser.hang_up()
            findings = _come_to_rest(office, lambda: office.evidence(switchboard.box, browsers))
        finally:
            for browser in browsers:
                browser.close()
    return Result(findings, faults, switchboard.calls, office.died)


def _fall_over(
    seed: int,
    seconds: float,
    folder: Path,
    office: Office,
    switchboard: Switchboard,
    browsers: list[Browser],
    progress: Progress,
) -> Counter[str]:
    """Let every lane happen, until the time is over and everything is back. Returns how often what happened."""
    over, happened, began = threading.Event(), Counter[str](), time.monotonic()
    log = (folder / "faults.txt").open("a", buffering=1)
    injuries = Injuries(office, switchboard, browsers, over.wait)

    def play(lane: str, faults: list[Fault]) -> None:
        for fault in faults:
            over.wait(began + fault.at - time.monotonic())
            if over.is_set() or (lane == HEARING and not injuries.both_listen()):
                return
            happened[str(fault.kind)] += 1
            log.write(f"{datetime.now(UTC):%H:%M:%S.%f} {fault}, {fault.seconds:g} s\n")
            injuries.happen(fault)

    lanes = timeline(seed, seconds)
    with log, ThreadPoolExecutor(len(lanes)) as threads:
        playing = [threads.submit(play, lane, faults) for lane, faults in lanes.items()]
        try:
            while time.monotonic() < began + seconds and not any(each.done() and each.exception() for each in playing):
                time.sleep(0.5)
                office.revive()
                progress(time.monotonic() - began, switchboard.calls, happened.total())
        finally:
            over.set()
    for each in playing:
        each.result()
    office.wait_until_ready()
    if not injuries.both_listen():
        raise TimeoutError(f"after {PATIENCE} s not every ingest is connected")
    return happened


def _come_to_rest(office: Office, evidence: Callable[[], Evidence]) -> list[Finding]:
    """The findings when there is nothing left to find, or when they change no more."""
    before, until = list[Finding](), 0.0
    while True:
        findings = check(evidence())
        if findings != before:
            before, until = findings, time.monotonic() + REST
        if all(finding.well for finding in findings) or time.monotonic() > until:
            return findings
        office.revive()
        time.sleep(1.0)


def _browser(name: str, manner: Manner, port: int, seed: int, *, invited: bool = True) -> Browser:
    chance = random.Random(f"{seed} {name}")  # noqa: S311 - repeatable on purpose
    return Browser(Watched(name, invited=invited), port, token("somebody", good=invited), manner, chance)
