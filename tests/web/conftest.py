"""A running web service, calls that happen, and its page in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from redis import Redis

from shared.event_log import EventLog
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.valkey import Valkey
from tests.web.relay import Relay
from tests.web.scenes import Scene, an_office
from tests.web.web_process import WebProcess

WEEK = 7 * 24 * 3600
expect.set_options(timeout=20_000)  # the machine may have other things to do

Start = Callable[..., WebProcess]
Open = Callable[..., Page]


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


@pytest.fixture
def site(start: Start) -> WebProcess:
    """A web service on an empty log."""
    web = start(FRITZBOX_AREA_CODE="069")
    web.start()
    return web


@pytest.fixture
def relay(start: Start) -> Iterator[Relay]:
    """The network in front of a web service on an empty log, with a quick heartbeat."""
    web = start(FRITZBOX_AREA_CODE="069", WEB_HEARTBEAT_SECONDS="0.2")
    web.start()
    network = Relay(web)
    yield network
    network.close()


@pytest.fixture(scope="module")
def office(web: WebProcess, calls: EventLog) -> WebProcess:
    """The web service of an office that is on the phone."""
    an_office(calls)
    return web


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    """An office in which nobody has called yet."""
    return Scene(event_log)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens the page of a service in a browser of its own. At the end nothing may have gone wrong in it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_in(site: WebProcess | Relay, *, language: str = "de-DE", token: str | None = "", **how: Any) -> Page:
        size = ViewportSize(width=how.pop("width", 1280), height=900)
        context = chromium.new_context(locale=language, timezone_id="Europe/Berlin", viewport=size, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(site.url + ("/" if token is None else f"/#token={token or site.token()}"))
        return page

    yield open_in
    for context in contexts:
        context.close()
    # What the browser itself says of a server that is away, or of a refusal, is no fault of the page.
    assert [text for text in complaints if "net::ERR" not in text and "401" not in text] == []
