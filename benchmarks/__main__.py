"""`scripts/bench [NAME …]`: runs the benchmarks, shows how far they are, and prints a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from benchmarks import matching, popup, record
from benchmarks.table import conditions
from shared.redis_client import connect
from tests.valkey import Valkey

BENCHMARKS: Mapping[str, Any] = {"matching": matching, "popup": popup, "record": record}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
def main(names: tuple[str, ...]) -> None:
    """Run all benchmarks, or the named ones."""
    click.echo(conditions())
    server = Valkey()
    server.start()
    try:
        redis = connect(server.url)
        for name in names or BENCHMARKS:
            benchmark = BENCHMARKS[name]
            with click.progressbar(length=benchmark.total(), label=name) as bar:
                result = benchmark.run(redis, bar.update)
            click.echo(f"\n{result.table()}\n")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
