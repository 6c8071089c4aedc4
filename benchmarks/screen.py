"""How long it takes from the line that leaves the FRITZ!Box to the pop-up on the screen, in a real Chromium.

The box and Limbas are simulated; ingest, Redis, the event service, the extension's PHP and scripts, and the browser are
the real ones. All of them, and all other browsers, share this machine.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.audience import Audience
from benchmarks.bench import Bench
from benchmarks.office import ingest, our_request, web
from benchmarks.office_lines import said_now
from benchmarks.percentile import percentile
from benchmarks.results import Measure, Result
from cli.limbas.layout import Limbas
from simulators.fritzbox.messages import Disconnect, Ring
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.limbas.server import PASSWORD, LimbasSimulator
from tests.limbas_extension.limbas_folder import SECRET, configure, make_limbas_with_extension
from tests.limbas_extension.popup.screen import preview, unfold
from tests.waiting import eventually
from tests.web.web_process import WebProcess

OTHERS: Final = (1, 200)
"""Other browsers that are connected."""
RINGS: Final = 120
"""With each number of them."""
QUICK_RINGS: Final = 2
WARM_UP: Final = 10
"""Rings before, which are not counted: the first one fetches the pop-up's symbols."""
HOLD: Final = 300
"""Milliseconds that a pop-up waits, so that a blocked caller's never appears (popup/deck.js)."""
WATCH: Final = """number => {
    // Tells when the call was first in the page, and when its pop-up was on the screen: milliseconds since 1970.
    const now = () => performance.timeOrigin + performance.now();
    const stands = (place) => [...document.querySelectorAll(place)].some((part) => part.textContent === number);
    window.arrived = new Promise((resolve) => {
        let event = 0;
        const observer = new MutationObserver(() => {
            if (!event && stands(".callmonitor-preview .callmonitor-call-who")) event = now();
            if (!stands(".callmonitor-popup .callmonitor-title")) return;
            observer.disconnect();
            // The frame is painted when its animation callbacks are through.
            requestAnimationFrame(() => setTimeout(() => resolve([event, now()])));
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    });
}"""
CLOSE_ALL: Final = "() => document.querySelectorAll('.callmonitor-close').forEach((button) => button.click())"
PATIENCE: Final = 30
EVENT: Final = "From the line of the box to the event in the browser"
POPUP: Final = f"From the line of the box to the pop-up on the screen, of which it waits {HOLD} ms on purpose"


def total(quick: bool) -> int:
    """Rings."""
    return len(OTHERS) * (WARM_UP + (QUICK_RINGS if quick else RINGS))


def run(bench: Bench) -> Result:
    """All of it."""
    rings = QUICK_RINGS if bench.quick else RINGS
    found = {others: _measure(bench, others, rings) for others in OTHERS}
    measures = [
        Measure(f"{what}, {kind} of {rings} rings", "ms", "lower", "other browsers", OTHERS,
                {"ours": {others: [share(times[place])] for others, times in found.items()}})
        for place, what in enumerate((EVENT, POPUP))
        for kind, share in (("median", statistics.median), ("99th percentile", partial(percentile, percent=99)))
    ]  # fmt: skip
    return Result("screen", measures, aims=())


def _measure(bench: Bench, others: int, rings: int) -> tuple[Sequence[float], Sequence[float]]:
    """Milliseconds from the line of every ring: until the call was in the page, and until its pop-up was painted."""
    bench.redis.flushall()
    times, requests = [], [our_request(number) for number in range(others)]
    with (
        _office(bench.redis_url) as (box, site, limbas),
        Audience(site.port, requests) as audience,
        _page(limbas) as page,
    ):
        eventually(lambda: audience.answered == others, within=PATIENCE)
        for number in range(WARM_UP + rings):
            times.append(_ring(box, page, number))
            bench.advance(1)
    event, popup = zip(*times[WARM_UP:], strict=True)
    return event, popup


def _ring(box: FritzBoxSimulator, page: Page, number: int) -> tuple[float, float]:
    """Somebody calls, and gives up once the pop-up is there. Returns both times in milliseconds."""
    page.evaluate(WATCH, f"030 23125{number:03}")
    box.send(said_now(Ring(0, f"03023125{number:03}", "4710100", "SIP0")))
    left = box.sent[-1].at.timestamp() * 1000
    event, popup = page.evaluate("() => window.arrived")
    box.send(said_now(Disconnect(0, 0)))
    page.evaluate(CLOSE_ALL)
    expect(preview(page).locator(".callmonitor-call")).to_have_count(0)
    return event - left, popup - left


@contextmanager
def _office(redis_url: str) -> Iterator[tuple[FritzBoxSimulator, WebProcess, LimbasSimulator]]:
    """The simulators, ingest, and the event service."""
    with TemporaryDirectory() as folder:
        limbas_folder = Path(folder) / "limbas"
        make_limbas_with_extension(limbas_folder, "http://127.0.0.1:1")
        with (
            LimbasSimulator(installation=limbas_folder) as limbas,
            FritzBoxSimulator() as box,
            web(redis_url, WEB_ORIGINS=limbas.url) as site,
        ):
            configure(Limbas.at(limbas_folder), service_url=site.url, secret=SECRET)
            with ingest(redis_url, box.port):
                box.wait_for_client(timeout=PATIENCE)
                yield box, site, limbas


@contextmanager
def _page(limbas: LimbasSimulator) -> Iterator[Page]:
    """Limbas in a browser, connected to the event service."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(locale="de-DE").new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(limbas.url)
        page.locator("#username").fill("admin")
        page.locator("#password").fill(PASSWORD)
        page.locator("#btn-login").click()
        unfold(page)
        expect(preview(page).locator("p").first).to_be_visible(timeout=PATIENCE * 1000)
        yield page
        browser.close()
