"""The command line of the simulator: `python -m simulators.fritzbox`, and `callmonitor simulate fritzbox`."""

from __future__ import annotations

import heapq
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from simulators.fritzbox.control import Control
from simulators.fritzbox.faults import Chunker, FaultRates, fault_schedule
from simulators.fritzbox.numbers import CUSTOMERS, read_numbers
from simulators.fritzbox.office_day import Office, burst, office_day
from simulators.fritzbox.player import Player
from simulators.fritzbox.scenario import ScenarioError, bundled_names, load_scenario
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Item, Timetable
from simulators.fritzbox.tr064.interface import Tr064Interface

MOST_CALLS_AT_ONCE: Final = 90
"""Connection ids of three digits were never seen."""
PAUSE_BETWEEN_SCENARIOS: Final = 2.0

_PORT: Final = click.IntRange(0, 65535)
_ABOVE_ZERO: Final = click.FloatRange(min=0, min_open=True)


def _zone(_: click.Context, __: click.Parameter, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"{name} is no time zone; write it as Europe/Berlin.") from None


def _numbers(_: click.Context, __: click.Parameter, path: Path | None) -> Sequence[str]:
    try:
        return read_numbers(path) if path else CUSTOMERS
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{error}.") from None


@click.command(short_help="A FRITZ!Box's call monitor.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=_PORT, default=11012, show_default=True, help="A real box has 1012. 0: any free one.")
@click.option("--control-port", type=_PORT, help="HTTP to direct it by. 0: any free one. [default: none]")
@click.option("--control-host", default="127.0.0.1", show_default=True, help="Where the control port listens.")
@click.option("--tr064-port", type=_PORT, help="TR-064; a real box has 49000. 0: any free one. [default: none]")
@click.option("--timezone", "zone", default="Europe/Berlin", show_default=True, callback=_zone, help="The box's.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same calls and faults.")
@click.option(
    "--calls-per-minute",
    type=click.FloatRange(0, 6000),
    default=6.0,
    show_default=True,
    help="On average. 0: no calls.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, MOST_CALLS_AT_ONCE),
    default=4,
    show_default=True,
    help="As many calls at once, and no more.",
)
@click.option(
    "--numbers",
    type=click.Path(path_type=Path),
    callback=_numbers,
    help="File of customers' numbers, one a line. [default: those of the Limbas simulator]",
)
@click.option(
    "--play",
    multiple=True,
    metavar="FILE|NAME",
    help=f"Scenario, and no random calls. NAME: {', '.join(bundled_names())}.",
)
@click.option(
    "--speed", type=_ABOVE_ZERO, default=1.0, show_default=True, help="Of scenarios: 10 takes a tenth of the time."
)
@click.option("--calls", type=click.IntRange(min=1), help="Exactly so many random calls, at --rate, and then none.")
@click.option("--rate", type=_ABOVE_ZERO, default=10.0, show_default=True, help="Calls per second, with --calls.")
@click.option("--split-and-glue", is_flag=True, help="Cut and glue what is sent, at random.")
@click.option("--drop-every", type=_ABOVE_ZERO, metavar="SECONDS", help="End all connections, so often on average.")
@click.option("--half-open-every", type=_ABOVE_ZERO, metavar="SECONDS", help="Fall silent, but keep the connections.")
@click.option("--garbage-every", type=_ABOVE_ZERO, metavar="SECONDS", help="Send something that is no line.")
@click.option("--flood-every", type=_ABOVE_ZERO, metavar="SECONDS", help="Send a line of a million bytes.")
def fritzbox(
    *,
    host: str,
    port: int,
    control_port: int | None,
    control_host: str,
    tr064_port: int | None,
    zone: ZoneInfo,
    seed: int,
    calls_per_minute: float,
    concurrency: int,
    numbers: Sequence[str],
    play: tuple[str, ...],
    speed: float,
    calls: int | None,
    rate: float,
    split_and_glue: bool,
    drop_every: float | None,
    half_open_every: float | None,
    garbage_every: float | None,
    flood_every: float | None,
) -> None:
    """Simulate a FRITZ!Box's call monitor, until stopped.

    Without --play and --calls it plays a random office day. It begins when the first client connects. TR-064 lets in
    the user callmonitor with the password callmonitor.
    """
    if play and calls:
        raise click.UsageError("Give --play or --calls, not both.")
    office = Office(calls_per_minute, concurrency, numbers)
    if play:
        planned = _scenarios(play, speed)
    elif calls:
        planned = burst(seed, office, calls, rate)
    else:
        planned = office_day(seed, office)
    faults = fault_schedule(seed, FaultRates(drop_every, half_open_every, garbage_every, flood_every))
    chunker = Chunker(Random(seed)) if split_and_glue else None  # noqa: S311 - play, not secrets
    ends = {signal.SIGTERM, signal.SIGINT}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # for all threads, so that they wait for `sigwait`
    with ExitStack() as running:
        running.callback(signal.pthread_sigmask, signal.SIG_SETMASK, before)
        try:
            simulator = running.enter_context(FritzBoxSimulator(port, host, chunker))
            player = running.enter_context(Player(simulator, Timetable(planned), zone))
            where = f"fritzbox simulator: {host}:{simulator.port}"
            if control_port is not None:
                control = running.enter_context(Control(simulator, player, control_port, control_host))
                where += f", control: http://{control_host}:{control.port}"
            if tr064_port is not None:
                tr064 = running.enter_context(Tr064Interface(tr064_port, host))
                where += f", TR-064: http://{host}:{tr064.port}"
        except OSError as error:
            raise click.ClickException(f"Cannot listen: {error.strerror or error}.") from None
        running.enter_context(Player(simulator, Timetable(faults), zone))
        click.echo(where)
        signal.sigwait(ends)


def _scenarios(names: Iterable[str], speed: float) -> Iterator[tuple[float, Item]]:
    start, schedules = 0.0, []
    for name in names:
        try:
            scenario = load_scenario(name)
        except ScenarioError as error:
            raise click.BadParameter(str(error), param_hint="--play") from None
        schedules.append(scenario.at_speed(speed, start))
        start += (scenario.lasts + PAUSE_BETWEEN_SCENARIOS) / speed
    return heapq.merge(*schedules, key=lambda planned: planned[0])
