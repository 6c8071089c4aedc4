"""`scripts/bench [NAME …]`: runs the benchmarks, shows how far they are, and says and keeps what was found."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr
from importlib import import_module
from pathlib import Path
from typing import Final, cast

import click

from benchmarks import archive, docs
from benchmarks.archive import Run
from benchmarks.bench import Bench, Benchmark
from benchmarks.machine import Conditions, conditions
from benchmarks.tables import report
from shared import logs
from shared.garbage import look_less
from tests.valkey import Valkey

NAMES: Final = ("popup", "screen", "pipeline", "fanout", "parse", "matching", "record", "growth", "startup")


@click.command()
@click.argument("names", metavar="[NAME]…", nargs=-1, type=click.Choice(NAMES))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="bench-results", show_default=True,
              help="The folder of the results: JSON with every round, and charts.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Only see whether it works: the smallest sizes, whose numbers say nothing.")
@click.option("--write-docs", is_flag=True, help="Run nothing: put the latest results of the folder into the docs.")
def main(names: Sequence[str], out: Path, *, quick: bool, write_docs: bool) -> None:
    """Run all benchmarks, or the named: popup, screen, pipeline, fanout, parse, matching, record, growth, startup."""
    names = names or NAMES
    if write_docs:
        _write_docs(names, out)
        return
    _behave_as_a_service()
    now = conditions()
    click.echo(now.line())
    if now.busy:
        click.secho("This machine has something else to do: what is measured now says little.", err=True, fg="yellow")
    failed = [name for name in names if not _run(name, now, out, quick=quick)]
    click.echo(f"The results and charts are in {out}/.")
    if failed:
        raise click.ClickException(f"not measured: {', '.join(failed)}")


def _run(name: str, now: Conditions, out: Path, *, quick: bool) -> bool:
    """Returns whether it got to its end. One that fails does not cost the others their time."""
    server = Valkey(appendfsync="everysec")  # as docker-compose.yml has it
    server.start()
    began = time.perf_counter()
    try:
        benchmark = cast("Benchmark", import_module(f"benchmarks.{name}"))
        with click.progressbar(length=benchmark.total(quick), label=name) as bar:
            result = benchmark.run(Bench(server.url, bar.update, quick))
        run = Run(result, now, round(time.perf_counter() - began, 1))
        archive.save(run, out)
    except Exception:  # noqa: BLE001 - whatever it is, it is told
        click.echo(f"\n{traceback.format_exc()}", err=True)
        return False
    finally:
        server.stop()
    click.echo(f"\n## {name} ({run.seconds:.0f} s)\n\n{report(result)}\n")
    return True


def _behave_as_a_service() -> None:
    """Collect garbage and log, to nowhere, as a service does: some of what is measured is in this process."""
    look_less()
    with redirect_stderr(Path(os.devnull).open("w")):
        logs.configure("bench", "json")


def _write_docs(names: Sequence[str], folder: Path) -> None:
    for name in names:
        run = archive.load(name, folder)
        if run is None:
            click.echo(f"{name}: nothing in {folder}/")
            continue
        if run.conditions.busy:
            click.secho(f"{name}: the machine was busy (load {run.conditions.load:.1f})", err=True, fg="yellow")
        docs.write(run, folder)
        click.echo(f"{name}: of {run.conditions.date}")


if __name__ == "__main__":
    main()
