"""One run over the real processes: everything is started, falls over for a while, comes to rest, and is judged."""

from __future__ import annotations

import threading
from pathlib import Path

from faults.audience import watching
from faults.course import Progress, Result, come_to_rest, fall_over
from faults.crowd import make_room
from faults.injuries import Injuries
from faults.office import PATIENCE, Office, a_port, token
from faults.switchboard import Switchboard
from faults.timeline import timeline
from faults.traffic import BRANCH, OFFICE


def run(seed: int, seconds: float, folder: Path, progress: Progress, *, logger: str = "services.logger") -> Result:
    """`folder`: for logs and spools. `logger`: its module, if not the usual one is to be run."""
    make_room()
    with (
        Switchboard(OFFICE, seed, seconds, a_port()) as switchboard,
        Switchboard(BRANCH, seed, seconds, a_port()) as second,
        Office(folder, [switchboard, second], seed, logger=logger) as office,
        watching(office.web_port, seed, seconds, token) as browsers,
    ):
        over = threading.Event()
        injuries = Injuries(office, switchboard, second, browsers, over.wait)

        def meanwhile(at: float, faults: int) -> None:
            office.revive()
            progress(at, switchboard.calls + second.calls, faults)

        switchboard.begin()
        second.begin()
        faults = fall_over(
            timeline(seed, seconds),
            seconds,
            folder / "faults.txt",
            over,
            happen=injuries.happen,
            both_listen=injuries.both_listen,
            meanwhile=meanwhile,
        )
        office.wait_until_ready()
        if not injuries.both_listen():
            raise TimeoutError(f"after {PATIENCE} s not every ingest is connected")
        switchboard.finish()
        second.finish()
        (folder / "boxes.txt").write_text("\n".join(sorted([*switchboard.log(), *second.log()])))
        findings = come_to_rest(browsers, lambda: office.evidence([switchboard, second], browsers), office.revive)
    return Result(findings, faults, switchboard.calls + second.calls, office.died)
