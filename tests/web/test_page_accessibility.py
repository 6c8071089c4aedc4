"""The page for everybody: by keyboard, by screen reader, in the dark and on a phone. A real Chromium, and axe."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from services.web.rights import Rights, Scope
from tests.web.conftest import Open
from tests.web.scenes import OFFICE
from tests.web.screen import cards, rows
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

WITH_OWN_NUMBER = Rights(calls=Scope.ALL, own_numbers=frozenset({OFFICE}))
GERMAN: dict[str, Any] = {"language": "de-DE"}
ENGLISH_PHONE: dict[str, Any] = {"language": "en-GB", "width": 360}
DARK: dict[str, Any] = {"language": "de-DE", "color_scheme": "dark"}
DARK_PHONE: dict[str, Any] = {**DARK, "width": 360}


@pytest.mark.parametrize("how", [GERMAN, ENGLISH_PHONE, DARK, DARK_PHONE])
def test_axe_finds_nothing_wrong_with_the_calls(office: WebProcess, open_page: Open, how: dict[str, Any]) -> None:
    page = opened(office, open_page, how)
    expect(cards(page)).to_have_count(3)
    assert faults(page) == []
    page.locator("[data-filter=missed]").click()
    expect(page.locator("#all-dealt-with")).to_be_visible()
    page.locator("#alerts-button").click()
    expect(page.locator("#alerts")).to_be_visible()
    assert faults(page) == []
    page.locator("#all-dealt-with").click()
    page.get_by_role("searchbox").fill("weber")
    expect(rows(page)).to_have_count(1)
    page.locator(".row summary").click()
    expect(page.locator(".row .candidate").first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("searchbox").fill("nobody is called like that")
    expect(page.locator("#nothing-found")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("how", [ENGLISH_PHONE, DARK])
def test_axe_finds_nothing_wrong_with_an_empty_page(site: WebProcess, open_page: Open, how: dict[str, Any]) -> None:
    page = opened(site, open_page, how)
    expect(page.locator("#no-calls")).to_be_visible()
    assert faults(page) == []
    site.stop()
    expect(page.locator("#stale")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("how", [ENGLISH_PHONE, DARK])
def test_axe_finds_nothing_wrong_with_the_sign_in(office: WebProcess, open_page: Open, how: dict[str, Any]) -> None:
    page = open_page(office, token=None, reduced_motion="reduce", **how)
    expect(page.locator("#sign-in")).to_be_visible()
    assert faults(page) == []


def test_everything_is_reached_by_the_tab_key_and_seen_where_one_is(office: WebProcess, open_page: Open) -> None:
    page = opened(office, open_page, GERMAN)
    expect(cards(page)).to_have_count(3)
    controls = page.locator("button:visible, input:visible, summary:visible").count()
    seen = []
    for _ in range(controls + 1):  # and the link to skip what comes first
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """() => {
                const here = document.activeElement;
                const { outlineStyle, outlineWidth } = getComputedStyle(here);
                const name = here.ariaLabel ?? here.closest("label")?.textContent ?? here.textContent;
                return [name.trim().replace(/\\s+/g, " "), `${outlineStyle} ${outlineWidth}`];
            }"""
        )
        assert outline == "solid 2px", name
        seen.append(name)
    assert seen[:8] == [
        "Zu den Anrufen springen",
        "Nur meine Anrufe",
        "Ton und Hinweise",
        "Das ist Jonas Weber",
        "Das ist Clara Weber",
        "Alle",
        "Verpasst 5",
        "Anrufe suchen",
    ]
    assert seen.count("Erledigt") == 5
    assert "Wer ist es?" in seen


def test_escape_leaves_the_search_and_closes_the_settings(office: WebProcess, open_page: Open) -> None:
    page = opened(office, open_page, GERMAN)
    expect(cards(page)).to_have_count(3)
    everything = rows(page).count()
    page.keyboard.press("Control+k")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("weber")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    expect(rows(page)).to_have_count(everything)
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    button = page.get_by_role("button", name="Ton und Hinweise")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch", name="Ton, wenn es klingelt")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("switch", name="Ton, wenn es klingelt")).to_be_hidden()
    expect(button).to_be_focused()


def opened(site: WebProcess, open_page: Open, how: dict[str, Any]) -> Page:
    """The page for somebody with a number of their own, without animations: axe looks at colours as they are."""
    return open_page(site, token=site.token(rights=WITH_OWN_NUMBER), reduced_motion="reduce", **how)


def faults(page: Page) -> list[str]:
    """What axe has to say, of any rule that it has."""
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {node['html']} {node['failureSummary']}" for fault in found for node in fault["nodes"]]
