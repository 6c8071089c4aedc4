"""What every benchmark is given, and how peers take turns.

A benchmark is a module or package of this name in `benchmarks`, which is a `Benchmark`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from redis import Redis

from benchmarks import peers
from benchmarks.results import Result
from shared.redis_client import connect

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """One run."""

    redis_url: str
    """An empty Valkey, for this benchmark alone."""
    advance: Callable[[int], None]
    """To be told of every step that is done, of `Benchmark.total`."""
    quick: bool = False
    """Whether it only has to be seen to work: the tests' mode, with the smallest sizes and one round, in seconds."""

    @cached_property
    def peers(self) -> Path:
        """The Python of the peers' environment, which is made when it is asked for the first time."""
        return peers.python()

    @cached_property
    def redis(self) -> Redis:
        """A connection to that Valkey, as the services have it."""
        return connect(self.redis_url)


class Benchmark(Protocol):
    """Measures our part and what one would use instead, side by side."""

    def total(self, quick: bool) -> int:
        """How many steps a run has, for the progress bar."""

    def run(self, bench: Bench) -> Result:
        """Run it."""


def turns(competitors: Sequence[T], rounds: int) -> Iterator[T]:
    """Each competitor once a round. Every round begins with another one, so that nobody always follows the same."""
    for number in range(rounds):
        start = number % len(competitors)
        yield from (*competitors[start:], *competitors[:start])
