"""The server under test: one that the environment names, or else one of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conformance.server import Office, Server
from tests.valkey import Valkey


@contextmanager
def ready(server: Server) -> Iterator[Server]:
    """A server from when it answers until nobody needs it any more."""
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """For all tests together."""
    named = Server.named_by_the_environment()
    valkey = Valkey()
    if named is None:
        valkey.start()
    try:
        with ready(named or Server.started(valkey.url)) as tested:
            yield tested
    finally:
        valkey.stop()


@pytest.fixture
def own_server(own_valkey: Valkey) -> Iterator[Server]:
    """For one test alone, which may do anything to its Redis. Not to be had when another server is tested."""
    if Server.named_by_the_environment() is not None:
        pytest.skip("would have to stop or empty the Redis of the server that the environment names")
    own_valkey.start()
    with ready(Server.started(own_valkey.url)) as started:
        yield started


@pytest.fixture
def office() -> Office:
    """What only one test has."""
    return Office()
