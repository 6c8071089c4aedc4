"""`python -m simulators.limbas`: a Limbas server to try things on, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from simulators.limbas import business
from simulators.limbas.browser.site import Unable
from simulators.limbas.endpoint import Options
from simulators.limbas.server import PASSWORD, SESSION_SECONDS, USERS, LimbasSimulator


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8088, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
@click.option("--speed", default="instant", show_default=True, type=click.Choice(["instant", "real"]))
@click.option("--limbas", "version", default="7", show_default=True, type=click.Choice(["7", "5"]), help="Version.")
@click.option("--base64", is_flag=True, help="As with the Limbas setting soap_base64.")
@click.option("--password", default=PASSWORD, show_default=True, help="Of every user.")
@click.option("--session-seconds", default=SESSION_SECONDS, show_default=True, type=click.FloatRange(min=0.1))
@click.option(
    "--installation",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder laid out as Limbas': its pages, with the extensions in it. Needs php and Bootstrap-Flask.",
)
@click.option("--seed", type=int, help="Makes faults with a probability repeatable.")
def main(
    host: str,
    port: int,
    speed: Literal["instant", "real"],
    version: Literal["7", "5"],
    base64: bool,
    password: str,
    session_seconds: float,
    installation: Path | None,
    seed: int | None,
) -> None:
    """Simulate a Limbas server, with a small sample business in it.

    User `callmonitor` may read and write, user `leser` may read; `admin`, `anna` and `bernd` are people.
    """
    options = Options(speed=speed, version=version, base64=base64)
    users = [replace(user, password=password) for user in USERS]
    try:
        simulator = LimbasSimulator(
            host,
            port,
            store=business.store(),
            users=users,
            options=options,
            session_seconds=session_seconds,
            seed=seed,
            installation=installation,
        )
    except Unable as unable:
        raise click.ClickException(str(unable)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    ends = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # for all threads, so that they wait for `sigwait`
    try:
        with simulator:
            click.echo(f"limbas simulator: {simulator.url}")
            signal.sigwait(ends)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


if __name__ == "__main__":
    main()
