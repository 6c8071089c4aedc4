"""A running web service, and calls that happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from shared.event_log import EventLog
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.valkey import Valkey
from tests.web.web_process import WebProcess

WEEK = 7 * 24 * 3600
Start = Callable[..., WebProcess]


@pytest.fixture(scope="module")
def own_redis(running_valkey: Valkey) -> Iterator[Redis]:
    """A database that is emptied once per module: the service under test runs as long."""
    with connect(running_valkey.url.removesuffix("/0") + "/1") as redis:
        redis.flushdb()
        yield redis


@pytest.fixture(scope="module")
def calls(own_redis: Redis) -> EventLog:
    """The event log that `web` follows."""
    return EventLog(own_redis, STREAM, WEEK)


@pytest.fixture(scope="module")
def web(running_valkey: Valkey, own_redis: Redis) -> Iterator[WebProcess]:  # noqa: ARG001 - emptied before
    """A running web service. Tests of a module share it, so each makes calls of its own."""
    process = WebProcess(running_valkey.url.removesuffix("/0") + "/1", WEB_HEARTBEAT_SECONDS="0.2")
    process.start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.log()
    assert "Warning" not in process.log()
    process.close()


@pytest.fixture
def start(valkey: Valkey) -> Iterator[Start]:
    """Starts web services of the test's own, on an empty Redis unless it names another one."""
    processes = []

    def launch(redis_url: str = valkey.url, **settings: str) -> WebProcess:
        processes.append(WebProcess(redis_url, **settings))
        return processes[-1]

    yield launch
    for process in processes:
        process.close()
