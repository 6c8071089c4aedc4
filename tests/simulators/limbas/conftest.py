from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.limbas.server import LimbasSimulator
from tests.simulators.limbas.client import Client


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_795_374_039.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[LimbasSimulator]:
    """A simulator with the sample business, and sessions of ten minutes."""
    with LimbasSimulator(session_seconds=600, clock=clock, seed=1) as simulator:
        yield simulator


@pytest.fixture
def limbas(simulator: LimbasSimulator) -> Client:
    """A client that is not logged in yet."""
    return Client(simulator.url)
