"""Limbas with our extension in it, as the simulator plays it; a browser logs in to it by `open_limbas`.

    def test_…(limbas_for: LimbasFor, open_limbas: OpenLimbas, …) -> None:
        limbas = limbas_for(web.url)              # an event service; start it with WEB_SECRET=SECRET
        page = open_limbas(limbas, user="anna")   # the top document; page.frame(name="main") is the main frame

The event service has to know the simulator's address by WEB_ORIGINS, unless a proxy puts both on one origin:
`limbas_for` takes `port` for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cli.limbas.layout import Limbas
from simulators.limbas.endpoint import Options
from simulators.limbas.server import PASSWORD, LimbasSimulator
from tests.limbas_extension.in_limbas import InLimbas
from tests.limbas_extension.limbas_folder import make_limbas_with_extension

LimbasFor = Callable[..., LimbasSimulator]
OpenLimbas = Callable[..., Page]


@pytest.fixture
def limbas_for(php: str, tmp_path: Path) -> Iterator[LimbasFor]:  # noqa: ARG001 - the simulator needs it
    """Starts Limbas servers with the extension, each for an event service. At the end PHP may not have complained."""
    with ExitStack() as running:
        started: list[LimbasSimulator] = []

        def start(service_url: str, *, port: int = 0, version: Any = "7", **entries: Any) -> LimbasSimulator:
            folder = tmp_path / f"limbas-{len(started)}"
            make_limbas_with_extension(folder, service_url, **entries)
            simulator = LimbasSimulator(port=port, installation=folder, options=Options(version=version))
            started.append(running.enter_context(simulator))
            return simulator

        yield start
        assert [complaint for simulator in started if simulator.site for complaint in simulator.site.complaints] == []


@pytest.fixture
def open_limbas(chromium: Browser) -> Iterator[OpenLimbas]:
    """Logs a user in, in a browser of its own or in `context`. At the end nothing may have gone wrong in it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def log_in(
        limbas: LimbasSimulator, user: str = "anna", *, context: BrowserContext | None = None, **how: Any
    ) -> Page:
        if context is None:
            how = {"locale": "de-DE", "timezone_id": "Europe/Berlin", "viewport": {"width": 1500, "height": 900}} | how
            context = chromium.new_context(**how)
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(limbas.url)
        if page.locator("#username").is_visible():
            page.locator("#username").fill(user)
            page.locator("#password").fill(PASSWORD)
            page.locator("#btn-login").click()
        expect(page.locator("#multiframecont")).to_be_visible()
        expect(page.frame_locator("#main").locator("body.main")).to_be_visible()
        return page

    yield log_in
    for context in contexts:
        context.close()
    # What the browser itself says of a server that is away, or of a refusal, is no fault of the page.
    assert [text for text in complaints if "net::ERR" not in text and "401" not in text] == []


@pytest.fixture
def limbas_folder(tmp_path: Path) -> Limbas:
    """The folder of a Limbas with the extension, set up for a service on the same origin."""
    return make_limbas_with_extension(tmp_path, "/callmonitor/")


@pytest.fixture
def in_limbas(php: str, limbas_folder: Limbas) -> InLimbas:
    """The extension's PHP files in that Limbas."""
    return InLimbas(php, limbas_folder)
