"""The pop-up on Limbas' page: its parts, and what they say."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

PATIENCE = 15_000
"""Milliseconds. A busy machine is no failure."""


def popups(page: Page) -> Locator:
    """All pop-ups, the newest call first."""
    return page.locator(".callmonitor-popup")


def popup(page: Page, text: str) -> Locator:
    """The pop-up in which this stands."""
    return popups(page).filter(has_text=text)


def preview(page: Page) -> Locator:
    """The preview below our entry in the sidebar."""
    return page.locator(".callmonitor-preview")


def our_entry(page: Page) -> Locator:
    """Our entry in the sidebar."""
    return page.locator("#multiframe li").filter(has=page.locator(".menu-side-header .lmb-phone"))


def unfold(page: Page) -> None:
    """Unfold our entry, so that its preview is fetched."""
    our_entry(page).locator("i[id^=HS]").click()


def badge(page: Page) -> Locator:
    """The number at our entry in the sidebar."""
    return our_entry(page).locator(".badge")


def main_frame(page: Page) -> FrameLocator:
    """Limbas' main frame, as one looks for things in it."""
    return page.frame_locator("#main")


def opened(page: Page) -> dict[str, str]:
    """What is open in the main frame, as its address says: `{"action": "gtab_change", "gtabid": "4", "ID": "7"}`."""
    frame: Frame | None = page.frame("main")
    assert frame is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(frame.url).query).items()}


def shows_record(page: Page, table: int, record: int) -> None:
    """Waits until the main frame shows a record."""
    page.wait_for_function(
        "expected => document.getElementById('main').contentWindow.location.search === expected",
        arg=f"?action=gtab_change&gtabid={table}&ID={record}",
    )


def says(part: Locator, *expected: str) -> None:
    """Waits until these are among the lines that people read."""
    for line in expected:
        expect(part.get_by_text(line, exact=True)).to_be_visible(timeout=PATIENCE)
