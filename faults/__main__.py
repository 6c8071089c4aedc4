"""`scripts/faults`: a run of so many minutes, and what it showed."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from faults import run as processes
from faults.containers import run as containers
from faults.containers.engine import DockerFailed
from faults.report import report

_ENDED: Final = 128 + signal.SIGTERM
"""The exit code of who is asked to end. Everything that was started is stopped before."""


@click.command()
@click.option("--minutes", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="How long.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same one gives the same calls and faults.")
@click.option("--containers", "in_containers", is_flag=True, help="Over docker-compose.yml. Needs a Docker engine.")
def main(*, minutes: float, seed: int, in_containers: bool) -> None:
    """Let everything fall over while calls go on, and check that none was lost, doubled or leaked.

    Ends with exit code 1 when one was; then the services' logs are kept.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_ENDED))
    folder = Path(tempfile.mkdtemp(prefix="callmonitor-faults-"))
    click.echo(f"seed {seed}, {minutes:g} minutes; logs in {folder}", err=True)
    run = containers.run if in_containers else processes.run
    try:
        result = run(seed, minutes * 60, folder, _show)
    except (DockerFailed, TimeoutError) as failed:
        raise click.ClickException(str(failed)) from None
    click.echo("", err=True)
    click.echo(report(result.findings, result.faults, calls=result.calls, died=result.died))
    if not result.well:
        sys.exit(1)
    shutil.rmtree(folder)


def _show(seconds: float, calls: int, faults: int) -> None:
    click.echo(f"\r{seconds:5.0f} s  {calls} calls  {faults} faults ", nl=False, err=True)


if __name__ == "__main__":
    main()
