"""What tests of every package stand on: a real Valkey and an event log on it."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from redis import Redis

from shared.event_log import EventLog
from shared.redis_client import connect
from tests.valkey import Valkey

STREAM = "callmonitor:events"

# A busy machine is no failure; what hangs is ended by pytest-timeout.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def running_valkey() -> Iterator[Valkey]:
    """One server for the whole test run. Tests ask for `valkey`, which is this one, empty."""
    server = Valkey()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(running_valkey: Valkey) -> Valkey:
    """A running server without any key. Not to be stopped: others use it after you."""
    with connect(running_valkey.url) as redis:
        redis.flushdb()
    return running_valkey


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    """A server of the test's own, not started yet, for tests that start and stop it."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def redis_client(valkey: Valkey) -> Iterator[Redis]:
    with connect(valkey.url) as redis:
        yield redis


@pytest.fixture
def event_log(redis_client: Redis) -> EventLog:
    """An empty event log."""
    return EventLog(redis_client, STREAM, retention_seconds=7 * 24 * 3600)
