"""One run over containers: everything is brought up, falls over for a while, comes to rest, and is judged."""

from __future__ import annotations

import threading
from pathlib import Path

from faults.audience import watching
from faults.containers.calls import Calls
from faults.containers.deployment import PATIENCE, Deployment
from faults.containers.injuries import Injuries
from faults.containers.wounds import timeline
from faults.course import Progress, Result, come_to_rest, fall_over


def run(seed: int, seconds: float, folder: Path, progress: Progress) -> Result:
    """`folder`: for settings and logs. Raises `DockerFailed`: not a finding, it could not be tried."""
    with Deployment(folder, seed) as deployment:
        with (
            watching(deployment.web_port, seed, seconds, deployment.token) as browsers,
            Calls(deployment.box(""), seed) as calls,
        ):
            over = threading.Event()
            faults = fall_over(
                timeline(seed, seconds),
                seconds,
                folder / "faults.txt",
                over,
                happen=Injuries(deployment, over.wait).happen,
                both_listen=deployment.both_listen,
                meanwhile=lambda at, number: progress(at, calls.count, number),
            )
            deployment.wait_until_well()
            if not deployment.both_listen():
                raise TimeoutError(f"after {PATIENCE:g} s not every ingest hears the box")
            calls.finish()
            said = [f"{entry['at']} {entry['line']} to {entry['clients']}" for entry in deployment.sent()]
            (folder / "boxes.txt").write_text("\n".join(said))
            findings = come_to_rest(browsers, lambda: deployment.evidence(browsers), lambda: None)
        return Result(findings, faults, calls.count, deployment.died())
