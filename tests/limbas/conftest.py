"""What the tests of the Limbas client stand on: the simulator, a server that misbehaves, and settings for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.limbas.client import Limbas
from shared.limbas.settings import LimbasSettings
from simulators.limbas.server import PASSWORD, LimbasSimulator
from tests.limbas.answering import AnsweringServer


def settings(url: str, **more: Any) -> LimbasSettings:
    """Settings for the Limbas at `url`."""
    return LimbasSettings(limbas_url=url, **{"limbas_user": "callmonitor", "limbas_password": PASSWORD, **more})


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator() -> Iterator[LimbasSimulator]:
    """A simulated Limbas with the sample business in it."""
    with LimbasSimulator() as running:
        yield running


@pytest.fixture
def limbas(simulator: LimbasSimulator) -> Iterator[Limbas]:
    """A client of the simulator."""
    with Limbas(settings(simulator.url)) as client:
        yield client


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    """A server that answers what it is told."""
    with AnsweringServer() as running:
        yield running


@pytest.fixture
def client(server: AnsweringServer) -> Iterator[Limbas]:
    """A client of the server that answers what it is told."""
    with Limbas(settings(server.url, limbas_timeout=5)) as running:
        yield running
