"""Takes the pictures of the pop-up in Limbas for the documentation: `scripts/pictures`. Limbas is the simulated one."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect

from cli.limbas.layout import Limbas
from shared.event_log import EventLog
from shared.events import Outcome
from shared.redis_client import connect
from simulators.limbas import business
from simulators.limbas.server import PASSWORD, LimbasSimulator
from simulators.limbas.sessions import User
from tests.conftest import STREAM
from tests.limbas_extension.limbas_folder import SECRET, configure, make_limbas_with_extension
from tests.limbas_extension.popup.people import (
    ANNA,
    ANNAS_NUMBER,
    HELGA,
    HORST,
    ISAR,
    ISARS_NUMBER,
    LISA,
    LISAS_NUMBER,
    SCHROEDERS_NUMBER,
    STRANGERS_NUMBER,
    WIEBKE,
    WIEBKES_NUMBER,
)
from tests.limbas_extension.popup.screen import main_frame, popup, popups, preview, unfold
from tests.valkey import Valkey
from tests.web.pictures import CLOCK_OF_THE_DAY, NOW, a_browser
from tests.web.scenes import MUNICH, RECEPTION, WORKSHOP, Scene
from tests.web.web_process import WebProcess

YEAR: Final = 365 * 24 * 3600
SIZE: Final = ViewportSize(width=1120, height=720)
USER: Final = User("anna", PASSWORD, id=4, first_name="Anna", last_name="Amend")


def take(folder: Path) -> Iterator[Path]:
    """Takes all pictures into `folder`."""
    with a_browser() as browser:
        with an_office() as (limbas, scene):
            page = opened(browser, limbas)
            scene.ring(ANNAS_NUMBER, ANNA, ago=7)
            popups(page).get_by_role("link", name="Anna Schmidt").click()
            expect(main_frame(page).locator("[name=g_4_3]")).to_have_value("Anna")
            yield shot(page, folder / "limbas-popup.png")
        with an_office() as (limbas, scene):
            page = opened(browser, limbas)
            a_morning(scene)
            expect(preview(page).get_by_text("Lisa Becker")).to_be_visible()
            page.set_viewport_size(ViewportSize(width=SIZE["width"], height=1800))  # the pop-ups are further below
            yield shot(page, folder / "limbas-sidebar.png", part="#multiframecont", height=420)
        with an_office() as (limbas, scene):
            scene.ring(SCHROEDERS_NUMBER, HELGA, HORST, ago=4)
            page = opened(browser, limbas)
            expect(popup(page, "Horst Schröder")).to_be_visible()
            yield shot(page, folder / "limbas-candidates.png", part=".callmonitor-popups")
        with an_office() as (limbas, scene):
            scene.end(scene.ring(LISAS_NUMBER, LISA, ago=48 * 60), Outcome.MISSED)
            scene.end(scene.ring(STRANGERS_NUMBER, MUNICH, ago=12 * 60), Outcome.MISSED)
            page = opened(browser, limbas)
            expect(popups(page)).to_have_count(2)
            yield shot(page, folder / "limbas-missed.png", part=".callmonitor-popups")


def a_morning(scene: Scene) -> None:
    """Two on the phone, one rings, three were missed."""
    minute = 60
    scene.end(scene.ring(STRANGERS_NUMBER, MUNICH, ago=95 * minute), Outcome.MISSED)
    scene.end(scene.ring(SCHROEDERS_NUMBER, HELGA, HORST, ago=48 * minute), Outcome.MISSED)
    scene.end(scene.ring(LISAS_NUMBER, LISA, ago=12 * minute), Outcome.MISSED)
    scene.answer(scene.dial(WIEBKES_NUMBER, WIEBKE, ago=372, phone=WORKSHOP), WORKSHOP)
    scene.answer(scene.ring(ISARS_NUMBER, ISAR, ago=101), RECEPTION)
    scene.ring(ANNAS_NUMBER, ANNA, ago=7)


@contextmanager
def an_office() -> Iterator[tuple[LimbasSimulator, Scene]]:
    """Limbas with the extension and the sample business, the event service, and the calls of that morning."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory())) / "limbas"
        valkey = Valkey()
        valkey.start()
        running.callback(valkey.stop)
        make_limbas_with_extension(folder, "http://127.0.0.1:1")
        limbas = running.enter_context(LimbasSimulator(users=[USER], store=business.store(), installation=folder))
        site = WebProcess(
            valkey.url, FRITZBOX_AREA_CODE="069", WEB_ORIGINS=limbas.url, WEB_SECRET=SECRET, RETENTION_DAYS="30"
        )
        running.callback(site.close)
        site.start()
        configure(Limbas.at(folder), service_url=site.url, secret=SECRET)
        redis = running.enter_context(connect(valkey.url))
        yield limbas, Scene(EventLog(redis, STREAM, YEAR), NOW)


def opened(browser: Browser, limbas: LimbasSimulator) -> Page:
    """Limbas, logged in, our entry in the sidebar unfolded."""
    context = browser.new_context(
        locale="de-DE", timezone_id="Europe/Berlin", viewport=SIZE, reduced_motion="reduce", device_scale_factor=2
    )
    context.clock.set_fixed_time(NOW)
    context.add_init_script(f"({CLOCK_OF_THE_DAY.replace('NOW', NOW.isoformat())})()")
    page = context.new_page()
    page.goto(limbas.url)
    page.locator("#username").fill(USER.name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#btn-login").click()
    expect(main_frame(page).locator("body.main")).to_be_visible()
    unfold(page)
    expect(preview(page).locator("p, li").first).to_be_visible()
    return page


def shot(page: Page, to: Path, *, part: str = "", height: float = 0) -> Path:
    """A picture of the page, or of a part of it and what is around."""
    page.mouse.move(0, 0)
    clip = around(page, part, height) if part else None
    page.screenshot(path=to, animations="disabled", clip=clip)
    return to


def around(page: Page, part: str, height: float) -> FloatRect:
    """A part of the page, with some of what is beside it."""
    box = page.locator(part).bounding_box()
    assert box
    margin = 24
    left, top = max(0, box["x"] - margin), max(0, box["y"] - margin)
    bottom = min(
        page.viewport_size["height"] if page.viewport_size else 0, top + (height or box["height"] + 2 * margin)
    )
    return FloatRect(x=left, y=top, width=SIZE["width"] - left, height=bottom - top)


if __name__ == "__main__":
    for picture in take(Path(sys.argv[1])):
        print(picture)  # noqa: T201 - this is what the script is for
