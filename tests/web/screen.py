"""The page on the screen: its parts, and what they say."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.web.relay import Relay
from tests.web.web_process import WebProcess


def cards(page: Page) -> Locator:
    return page.locator(".card")


def rows(page: Page) -> Locator:
    return page.locator(".row")


def says(part: Locator, *expected: str) -> None:
    """Waits until these are among the lines that people read."""
    for line in expected:
        expect(part.get_by_text(line, exact=True)).to_be_visible()


def another_tab(context: BrowserContext, site: WebProcess | Relay, token: str) -> Page:
    """One more tab of the same browser, signed in."""
    page = context.new_page()
    page.goto(f"{site.url}/#token={token}")
    return page
