"""The top document's own scripts, in Chromium: what an extension may rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from simulators.limbas.server import PASSWORD, LimbasSimulator
from simulators.limbas.store import Store
from simulators.limbas.tables import PHONE_TEST

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, limbas_in_browser: LimbasSimulator) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(limbas_in_browser.url)
    page.locator("#username").fill("anna")
    page.locator("#password").fill(PASSWORD)
    page.locator("#btn-login").click()
    expect(page.frame_locator("#main").locator("body.main")).to_be_visible()
    yield page
    context.close()


def test_an_entry_unfolds_with_what_the_extension_says(page: Page) -> None:
    page.locator("#HS3").click()
    expect(page.locator("#limbasDivMultiframePreview3")).to_have_text("preview 1")
    page.locator("#HS3").click()
    expect(page.locator("#CONTENT_3")).to_be_hidden()


def test_the_sidebar_folds_away_and_comes_back(page: Page) -> None:
    page.locator(".evt-hide-frame.multiframe").click()
    expect(page.locator("#multiframe")).to_be_hidden()
    page.locator("#hiddenmultiframe").click()
    expect(page.locator("#multiframe")).to_be_visible()


def test_a_message_stands_at_the_lower_right(page: Page) -> None:
    page.evaluate("lmbShowSuccessMsg('<b>Anna</b>')")
    expect(page.locator("#toast-success")).to_be_visible()
    expect(page.locator("#toast-success-body")).to_have_text("<b>Anna</b>")


def test_a_page_in_the_frame_has_the_extensions_script_and_names_itself_above(page: Page) -> None:
    page.get_by_role("link", name="Kunden").click()
    expect(page.locator("#lmb-main-title")).to_have_text("Kunden")
    frame = page.frame("main")
    assert frame
    assert frame.evaluate("window.mine") is True


def test_the_stock_click_on_a_phone_number_loses_the_number(page: Page, limbas_in_browser: LimbasSimulator) -> None:
    store: Store = limbas_in_browser.store
    record_id = store.insert(PHONE_TEST)
    store.write(PHONE_TEST, record_id, {3: "030 23125 123"})
    assert limbas_in_browser.site
    limbas_in_browser.site.dial_engine = "mine"
    frame = page.frame("main")
    assert frame
    frame.goto(f"{limbas_in_browser.url}/main.php?action=gtab_change&gtabid={PHONE_TEST.id}&ID={record_id}")
    frame.evaluate("window.dialled = (number) => (document.title = String(number))")
    frame.locator(".lmb-dial").click()
    frame.wait_for_function("document.title === 'null'")
