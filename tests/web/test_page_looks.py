"""The page in every language, light and dark, on every screen: a real Chromium, on the real service."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Open
from tests.web.scenes import (
    ANNA,
    Scene,
    german,
)
from tests.web.screen import cards, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")


@pytest.mark.parametrize(
    ("language", "title", "state"), [("de-AT", "Anrufmonitor", "Klingelt"), ("en-GB", "Callmonitor", "Ringing")]
)
def test_the_page_speaks_the_browsers_language(
    site: WebProcess, scene: Scene, open_page: Open, language: str, title: str, state: str
) -> None:
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_page(site, language=language)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    says(cards(page), state)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_light_or_dark_as_the_computer_is(
    web: WebProcess, open_page: Open, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(web, color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert brightness < 64 if scheme == "dark" else brightness > 192


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_nothing_sticks_out_on_any_screen(office: WebProcess, open_page: Open, width: int, language: str) -> None:
    page = open_page(office, width=width, language=language)
    expect(cards(page)).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert overlapping(page) == []


def overlapping(page: Page) -> list[str]:
    """Texts of a row that lie over each other."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".row")].flatMap((row) => {
            const leaves = [...row.querySelectorAll("[data-is]")].filter((leaf) => leaf.offsetWidth > 1);
            const boxes = leaves.map((leaf) => leaf.getBoundingClientRect());
            return leaves.filter((_, n) => boxes.some((b, m) => m > n && boxes[n].right > b.left + 1 &&
                b.right > boxes[n].left + 1 && boxes[n].bottom > b.top + 3 && b.bottom > boxes[n].top + 3))
                .map((leaf) => leaf.textContent);
        })"""
    )
    return found
