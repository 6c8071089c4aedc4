"""`callmonitor simulate`: what is not at hand, or must not be touched: a FRITZ!Box, a Limbas server, a call."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import click
from pydantic import ValidationError

from simulators.fritzbox.command import fritzbox
from simulators.fritzbox.control import USUAL_PORT
from simulators.fritzbox.planned_call import DIRECT_LINE, PlannedCall
from simulators.limbas.__main__ import main as limbas


@click.group()
def simulate() -> None:
    """Simulate a FRITZ!Box, a Limbas server or one call."""


simulate.add_command(fritzbox)
simulate.add_command(limbas, "limbas")


@simulate.command(short_help="One call on a simulated FRITZ!Box.")
@click.option("--from", "caller", metavar="NUMBER", help="Who calls. Without a number: a suppressed caller.")
@click.option("--to", "called", metavar="NUMBER", help="Who is called, instead: the call goes out.")
@click.option("--own-number", default=DIRECT_LINE, show_default=True, help="The office's number.")
@click.option("--extension", default=10, show_default=True, help="Who answers, or dials; 40: answering machine.")
@click.option("--answer-after", "rings", default=5.0, show_default=True, metavar="SECONDS", help="Ringing till then.")
@click.option("--talk", "talks", default=30.0, show_default=True, metavar="SECONDS", help="From the answer to the end.")
@click.option("--missed", is_flag=True, help="Nobody answers.")
@click.option(
    "--control-port", type=click.IntRange(1, 65535), default=USUAL_PORT, show_default=True, help="The simulator's."
)
def call(
    *,
    caller: str | None,
    called: str | None,
    own_number: str,
    extension: int,
    rings: float,
    talks: float,
    missed: bool,
    control_port: int,
) -> None:
    """Let one call happen on a simulator that runs with --control-port."""
    if caller and called:
        raise click.UsageError("Give --from or --to, not both.")
    try:
        planned = PlannedCall(
            direction="outbound" if called else "inbound",
            remote=called or caller or "",
            own_number=own_number,
            extension=extension,
            answered=not missed,
            rings=rings,
            talks=talks,
        )
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise click.UsageError(f"{problem['loc'][0]}: {problem['msg']}.") from None
    _post(f"http://127.0.0.1:{control_port}/calls", planned.model_dump_json().encode())


def _post(url: str, body: bytes) -> None:
    try:
        urllib.request.urlopen(url, body, timeout=5).close()  # noqa: S310 - always http, always this machine
    except urllib.error.HTTPError as error:
        with error:
            raise click.ClickException(json.load(error)["error"]) from None
    except OSError:
        hint = f"callmonitor simulate fritzbox --control-port {USUAL_PORT}"
        raise click.ClickException(f"No simulator answers at {url}. Start one: {hint}") from None
