"""A simulated Limbas over HTTP and an event log on a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.event_log import EventLog
from simulators.limbas.server import LimbasSimulator
from tests.logger.office import Office
from tests.valkey import Valkey


@pytest.fixture
def office(event_log: EventLog, valkey: Valkey) -> Iterator[Office]:
    """An office without any logger yet."""
    with LimbasSimulator() as simulator:
        yield Office(simulator, event_log, valkey.url)
