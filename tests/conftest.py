"""What tests of every package stand on: a real Valkey and an event log on it, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright
from redis import Redis

from shared.event_log import EventLog
from shared.redis_client import SOCKET_TIMEOUT, connect
from tests.valkey import Valkey

STREAM = "callmonitor:events"
WEEK = 7 * 24 * 3600

OpenLog = Callable[..., EventLog]

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
    return EventLog(redis_client, STREAM, retention_seconds=WEEK)


@pytest.fixture
def open_log() -> Iterator[OpenLog]:
    """Opens the event log of a server by its URL, each time on a connection of its own, as another process does."""
    with ExitStack() as connections:

        def open_at(url: str, *, retention_seconds: float = WEEK, timeout: float = SOCKET_TIMEOUT) -> EventLog:
            redis = connections.enter_context(connect(url, timeout=timeout))
            return EventLog(redis, STREAM, retention_seconds)

        yield open_at


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Tests that use it carry the mark `browser`, and open a context of their own."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", *quiet]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def php() -> str:
    """The PHP interpreter. Where there is none tests that ask for it are skipped; with CI=true they fail."""
    path = shutil.which("php")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("there is no php in PATH")
    assert path, "there is no php in PATH"
    return path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, signed by nobody but itself, and its key: `ca.pem` and `key.pem` in this folder."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "ca.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder
