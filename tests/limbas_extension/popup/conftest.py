"""The pop-up in a real Chromium: a simulated Limbas whose PHP is run by the real one, and the real event service."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from cli.limbas.layout import Limbas
from shared.event_log import EventLog
from simulators.limbas.endpoint import Options
from simulators.limbas.server import PASSWORD, LimbasSimulator
from simulators.limbas.sessions import User
from tests.limbas_extension.limbas_folder import SECRET, configure, make_limbas_with_extension
from tests.limbas_extension.popup.screen import preview, unfold
from tests.valkey import Valkey
from tests.web.scenes import Scene
from tests.web.web_process import WebProcess

KUNDEN, ANRUFE = 4, 5
"""The ids of the simulated tables."""
BERNDS_NUMBER = "069 90009155"
USERS = (
    User("anna", PASSWORD, id=4, first_name="Anna", last_name="Amend"),
    User("bernd", PASSWORD, id=5, first_name="Bernd", last_name="Bäumler", phone=f"{BERNDS_NUMBER}, **610"),
    User("emma", PASSWORD, id=6, first_name="Emma", last_name="Evans", language=2),
    User("leser", PASSWORD, id=3, first_name="L", last_name="Leser", may_write=False),
)

OpenLimbas = Callable[..., Page]
Configured = Callable[..., None]


@pytest.fixture
def limbas_version() -> str:
    """Which Limbas the simulator plays, unless a test says otherwise."""
    return "7"


@pytest.fixture
def limbas(php: str, tmp_path: Path, limbas_version: Any) -> Iterator[LimbasSimulator]:  # noqa: ARG001 - needs php
    """A Limbas with the extension in it. At the end PHP may not have complained of anything."""
    make_limbas_with_extension(tmp_path / "limbas", "http://127.0.0.1:1")
    options = Options(version=limbas_version)
    with LimbasSimulator(users=USERS, installation=tmp_path / "limbas", options=options) as simulator:
        yield simulator
        assert simulator.site
        assert simulator.site.complaints == []


@pytest.fixture
def site(valkey: Valkey, limbas: LimbasSimulator, tmp_path: Path) -> Iterator[WebProcess]:
    """The event service that the extension is configured for, on an empty log."""
    web = WebProcess(
        valkey.url, FRITZBOX_AREA_CODE="069", WEB_ORIGINS=limbas.url, WEB_SECRET=SECRET, WEB_HEARTBEAT_SECONDS="0.5"
    )
    try:
        web.start()
        configure_for(tmp_path, web)
        yield web
        assert "Traceback" not in web.log()
    finally:
        web.close()


@pytest.fixture
def configured(tmp_path: Path, site: WebProcess) -> Configured:
    """Puts more into the extension's configuration."""
    return lambda **entries: configure_for(tmp_path, site, **entries)


def configure_for(folder: Path, site: WebProcess, **entries: Any) -> None:
    """Write the extension's configuration."""
    everything = {"service_url": site.url, "secret": SECRET, "who_sees": {"users": {"bernd": "own"}}} | entries
    configure(Limbas.at(folder / "limbas"), **everything)


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    """An office in which nobody has called yet."""
    return Scene(event_log)


@pytest.fixture
def open_limbas(chromium: Browser, limbas: LimbasSimulator, site: WebProcess) -> Iterator[OpenLimbas]:  # noqa: ARG001 - configured
    """Opens Limbas, logged in, our entry in the sidebar unfolded. At the end nothing may have gone wrong in it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_in(
        user: str = "anna",
        *,
        beside: Page | None = None,
        routes: Mapping[str, Callable[[Route], object]] | None = None,
        edited: Callable[[str], str] | None = None,
        frozen: bool = False,
        console: list[str] | None = None,
        wait: bool = True,
        **how: Any,
    ) -> Page:
        """`beside`: as another tab of that browser. `edited`: what becomes of the top document on its way. `frozen`:
        the page's clock stands until it is moved. `console`: where its lines go; they are no complaints then. `wait`:
        until the calls are there."""
        how = {"viewport": {"width": 1400, "height": 900}, "locale": "de-DE", "timezone_id": "Europe/Berlin"} | how
        if not beside:
            contexts.append(chromium.new_context(**how))
        page = (beside.context if beside else contexts[-1]).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: (complaints if console is None else console).append(message.text))
        if frozen:
            page.clock.install()
        page.goto(limbas.url)
        if not beside:
            page.locator("#username").fill(user)
            page.locator("#password").fill(PASSWORD)
            for address, answer in (routes or {}).items():
                page.route(address, answer)
            if edited:
                page.route(f"{limbas.url}/", lambda route: edit(route, edited))
            page.locator("#btn-login").click()
        expect(page.frame_locator("#main").locator("body.main")).to_be_visible()
        if wait:
            unfold(page)
            expect(preview(page).locator("p, li").first).to_be_visible()
        return page

    yield open_in
    for context in contexts:
        context.close()
    # What the browser itself says of a server that is away, or of a login form, is no fault of ours.
    assert [text for text in complaints if not re.search(r"net::ERR|\[DOM\]|favicon", text)] == []


def edit(route: Route, edited: Callable[[str], str]) -> None:
    """Let a document arrive changed."""
    answer = route.fetch()
    route.fulfill(response=answer, body=edited(answer.text()))
