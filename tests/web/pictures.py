"""Takes the pictures of the page for the documentation: `scripts/pictures`. The same office day, at the same minute."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from services.web.rights import Rights, Scope
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.valkey import Valkey
from tests.web.scenes import BERLIN, OFFICE, an_office
from tests.web.screen import cards, rows
from tests.web.web_process import WebProcess

NOW: Final = datetime(2026, 11, 24, 10, 42, 0, tzinfo=BERLIN)
YEAR: Final = 365 * 24 * 3600
CLOCK_OF_THE_DAY: Final = """() => {
    // The service says what time it is; in pictures it is always the same.
    const clock = () => new TransformStream({
        transform(text, out) { out.enqueue(text.replace(/"now":"[^"]+"/g, '"now":"NOW"')); },
    });
    const real = globalThis.fetch;
    globalThis.fetch = async (...how) => {
        const answer = await real(...how);
        if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return answer;
        const text = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(clock());
        return new Response(text.pipeThrough(new TextEncoderStream()), { headers: answer.headers });
    };
    delete globalThis.SharedWorker; // it would have a clock of its own
}"""


def take(folder: Path) -> Iterator[Path]:
    """Takes all pictures into `folder`."""
    with a_site() as (site, log), a_browser() as browser:
        page = opened(browser, site, language="en-GB")
        expect(page.get_by_text("No calls yet")).to_be_visible()
        yield shot(page, folder / "page-empty.png", 620)
        an_office(log, NOW)
        looks: dict[str, dict[str, Any]] = {
            "page-en": {"language": "en-GB"},
            "page-de": {"language": "de-DE"},
            "page-dark": {"language": "de-DE", "color_scheme": "dark"},
            "page-360": {"language": "de-DE", "width": 360, "device_scale_factor": 2},
        }
        for name, how in looks.items():
            page = opened(browser, site, **how)
            expect(cards(page)).to_have_count(3)
            yield shot(page, folder / f"{name}.png", 1000 if "width" not in how else 1500)
        page = opened(browser, site, language="de-DE")
        expect(cards(page)).to_have_count(3)
        yield shot(page, folder / "page-calls-now.png", 420)
        page.get_by_role("button", name="Verpasst").click()
        expect(rows(page).first).to_be_visible()
        page.get_by_role("button", name="Ton und Hinweise").click()
        yield shot(page, folder / "page-missed.png", 900)
        page = opened(browser, site, language="de-DE")
        page.get_by_role("searchbox").fill("weber")
        expect(rows(page)).to_have_count(1)
        page.get_by_role("listitem").filter(has_text="Jonas Weber oder Clara Weber").get_by_text("Wer ist es?").click()
        yield shot(page, folder / "page-search.png", 800)
        page = opened(browser, site, language="de-DE", width=720, token=None)
        yield shot(page, folder / "page-sign-in.png", 480)


@contextmanager
def a_site() -> Iterator[tuple[WebProcess, EventLog]]:
    """A web service, and the office whose calls it shows."""
    valkey = Valkey()
    valkey.start()
    site = WebProcess(valkey.url, FRITZBOX_AREA_CODE="069", RETENTION_DAYS="30")
    try:
        with connect(valkey.url) as redis:
            site.start()
            yield site, EventLog(redis, STREAM, YEAR)
    finally:
        site.close()
        valkey.stop()


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        )
        yield browser
        browser.close()


def opened(browser: Browser, site: WebProcess, *, language: str, token: str | None = "", **how: Any) -> Page:
    """The page, for somebody with a phone of their own, at the time of the day that the pictures show."""
    size = ViewportSize(width=how.pop("width", 1280), height=900)
    context = browser.new_context(
        locale=language, timezone_id="Europe/Berlin", viewport=size, reduced_motion="reduce", **how
    )
    context.clock.set_fixed_time(NOW)
    context.add_init_script(f"({CLOCK_OF_THE_DAY.replace('NOW', NOW.isoformat())})()")
    page = context.new_page()
    rights = Rights(calls=Scope.ALL, own_numbers=frozenset({OFFICE}))
    page.goto(site.url + ("/" if token is None else f"/#token={site.token(rights=rights)}"))
    return page


def shot(page: Page, to: Path, height: int) -> Path:
    """A picture of the upper part of the page."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.set_viewport_size(ViewportSize(width=width, height=height))
    page.mouse.move(0, height - 1)
    page.screenshot(path=to, animations="disabled")
    return to


if __name__ == "__main__":
    for picture in take(Path(sys.argv[1])):
        print(picture)  # noqa: T201 - this is what the script is for
