"""How long it takes from the line that leaves the FRITZ!Box to the pop-up on the screen, in a real Chromium.

The box and Limbas are simulated; ingest, Redis, the event service, the extension's PHP and scripts, and the browser are
the real ones. All of them, and all other browsers, share this machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect, sync_playwright
from redis import Redis

from benchmarks.crowd import Crowd
from cli.limbas.layout import Limbas
from services.web.rights import EVERYTHING
from services.web.tokens import mint
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.limbas.server import PASSWORD, LimbasSimulator
from tests.limbas_extension.limbas_folder import SECRET, configure, make_limbas_with_extension
from tests.limbas_extension.popup.screen import preview, unfold
from tests.web.web_process import WebProcess

OTHERS: Final = (1, 200)
"""Other browsers that are connected."""
RINGS: Final = 200
"""With each number of them."""
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

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds from the line, of every ring, with so many other browsers."""

    others: int
    event: Sequence[float]
    """Until the call was in the page."""
    popup: Sequence[float]
    """Until its pop-up was on the screen."""


@dataclass(frozen=True, slots=True)
class Found:
    """The benchmark."""

    measured: Sequence[Measured]

    def table(self) -> str:
        """Markdown."""
        rings = len(self.measured[0].popup)
        title = f"### popup: from the line of the box to the pop-up on the screen, {rings} rings each"
        head = "| | " + " | ".join(f"{m.others} other browser{'s' * (m.others != 1)}" for m in self.measured) + " |"
        rows = [title, "", head, "|---|" + "---:|" * len(self.measured)]
        rows.append(_row("to the event in the browser, median and 99 %", [m.event for m in self.measured]))
        rows.append(_row("to the pop-up on the screen, median and 99 %", [m.popup for m in self.measured]))
        rows.append(_row("… of which not waited on purpose", [[t - HOLD for t in m.popup] for m in self.measured]))
        return "\n".join(rows)


def run(redis: Redis, progress: Progress, rings: int = RINGS) -> Found:
    """All of it. `progress` is told of every ring; see `total`."""
    return Found([_measure(redis, progress, others, rings) for others in OTHERS])


def total(rings: int = RINGS) -> int:
    """How many rings there are."""
    return len(OTHERS) * (rings + WARM_UP)


def _measure(redis: Redis, progress: Progress, others: int, rings: int) -> Measured:
    redis.flushall()
    times = []
    with _office(redis) as (box, site, limbas):
        tokens = [mint(SECRET, f"user{number}", 3600, EVERYTHING) for number in range(others)]
        with Crowd(site.port, tokens), _page(limbas) as page:
            for number in range(WARM_UP + rings):
                times.append(_ring(box, page, number))
                progress(1)
    event, popup = zip(*times[WARM_UP:], strict=True)
    return Measured(others, event, popup)


def _ring(box: FritzBoxSimulator, page: Page, number: int) -> tuple[float, float]:
    """Somebody calls, and gives up once the pop-up is there. Returns both times in milliseconds."""
    page.evaluate(WATCH, f"030 23125{number:03}")
    box.send(f"22.11.26 18:00:00;RING;0;03023125{number:03};4710100;SIP0;")
    left = box.sent[-1].at.timestamp() * 1000
    event, popup = page.evaluate("() => window.arrived")
    box.send("22.11.26 18:00:05;DISCONNECT;0;0;")
    page.evaluate(CLOSE_ALL)
    expect(preview(page).locator(".callmonitor-call")).to_have_count(0)
    return event - left, popup - left


@contextmanager
def _office(redis: Redis) -> Iterator[tuple[FritzBoxSimulator, WebProcess, LimbasSimulator]]:
    """The simulators, ingest, and the event service."""
    settings: dict[str, Any] = redis.connection_pool.connection_kwargs
    redis_url = f"redis://{settings['host']}:{settings['port']}/{settings['db']}"
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory())) / "limbas"
        make_limbas_with_extension(folder, "http://127.0.0.1:1")
        limbas = running.enter_context(LimbasSimulator(installation=folder))
        box = running.enter_context(FritzBoxSimulator())
        site = WebProcess(redis_url, FRITZBOX_AREA_CODE="06221", WEB_ORIGINS=limbas.url, WEB_SECRET=SECRET)
        running.callback(site.close)
        site.start()
        configure(Limbas.at(folder), service_url=site.url, secret=SECRET)
        running.enter_context(_ingest(redis_url, box.port))
        box.wait_for_client(timeout=PATIENCE)
        yield box, site, limbas


@contextmanager
def _ingest(redis_url: str, box_port: int) -> Iterator[None]:
    environment = os.environ | {
        "CALLMONITOR_CONFIG": os.devnull,
        "FRITZBOX_HOST": "127.0.0.1",
        "FRITZBOX_PORT": str(box_port),
        "FRITZBOX_NAME": "office",
        "FRITZBOX_AREA_CODE": "06221",
        "REDIS_URL": redis_url,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "services.ingest"], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


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


def _row(name: str, columns: Sequence[Sequence[float]]) -> str:
    cells = [f"{statistics.median(times):.0f} ms, {_percentile(times, 99):.0f} ms" for times in columns]
    return f"| {name} | " + " | ".join(cells) + " |"


def _percentile(times: Sequence[float], percent: int) -> float:
    """The smallest time that at least so many percent do not exceed."""
    ranked = sorted(times)
    return ranked[-(-len(ranked) * percent // 100) - 1]
