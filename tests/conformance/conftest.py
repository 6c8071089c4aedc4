"""The server under test: one that the environment names, or else one of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.server import Office, Server
from tests.valkey import Valkey


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """For all tests together."""
    valkey = Valkey()
    if (tested := Server.named_by_the_environment()) is None:
        valkey.start()
        tested = Server.started(valkey.url)
    try:
        tested.wait()
        yield tested
    finally:
        tested.stop()
        valkey.stop()


@pytest.fixture
def own_server(own_valkey: Valkey) -> Iterator[Server]:
    """For one test alone, which may do anything to its Redis. Not to be had when another server is tested."""
    if Server.named_by_the_environment() is not None:
        pytest.skip("would have to stop or empty the Redis of the server that the environment names")
    own_valkey.start()
    server = Server.started(own_valkey.url)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture
def office() -> Office:
    """What only one test has."""
    return Office()
