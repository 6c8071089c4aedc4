"""Missed calls, which nobody may forget: the page in a real Chromium, on the real service."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.events import Outcome
from tests.web.conftest import Open
from tests.web.scenes import ANNA, MACHINE, PETRA, WITHHELD, Scene, german
from tests.web.screen import another_tab, cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
PETRAS_NUMBER = german("+4930231250117")


def test_missed_calls_are_counted_until_somebody_has_dealt_with_them(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.ring(WITHHELD, ago=200), Outcome.MISSED)
    page = open_page(site)
    expect(count(page)).to_have_text("2")
    expect(page).to_have_title("(2) Anrufmonitor")
    done(page, "Anna Schmidt").click()
    expect(done(page, "Anna Schmidt")).to_have_attribute("aria-pressed", "true")
    expect(count(page)).to_have_text("1")
    expect(page).to_have_title("(1) Anrufmonitor")
    done(page, "Anna Schmidt").click()
    expect(count(page)).to_have_text("2")


def test_what_is_dealt_with_in_one_tab_is_so_in_all_and_tomorrow(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    token = site.token()
    first = open_page(site, token=token)
    second = another_tab(first.context, site, token)
    expect(count(second)).to_have_text("1")
    done(first, "Anna Schmidt").click()
    expect(count(second)).to_be_hidden()
    expect(done(second, "Anna Schmidt")).to_have_attribute("aria-pressed", "true")
    expect(second).to_have_title("Anrufmonitor")
    second.reload()
    expect(done(second, "Anna Schmidt")).to_have_attribute("aria-pressed", "true")
    expect(count(second)).to_be_hidden()


def test_another_user_of_the_browser_has_dealt_with_nothing(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    anna = open_page(site, token=site.token(user="anna"))
    done(anna, "Anna Schmidt").click()
    expect(count(anna)).to_be_hidden()
    jonas = another_tab(anna.context, site, site.token(user="jonas"))
    expect(count(jonas)).to_have_text("1")


def test_all_can_be_dealt_with_at_once(site: WebProcess, scene: Scene, open_page: Open) -> None:
    for number, who in ((ANNAS_NUMBER, ANNA), (PETRAS_NUMBER, PETRA)):
        scene.end(scene.ring(number, who, ago=300), Outcome.MISSED)
    page = open_page(site)
    everything = page.get_by_role("button", name="Alle als erledigt markieren")
    expect(count(page)).to_have_text("2")
    expect(everything).to_be_hidden()
    page.get_by_role("button", name="Verpasst").click()
    everything.click()
    expect(count(page)).to_be_hidden()
    expect(everything).to_be_hidden()
    expect(rows(page)).to_have_count(2)


@pytest.mark.parametrize("way", ["they called again", "somebody called back"])
def test_a_missed_call_is_dealt_with_once_somebody_has_talked_to_them(
    site: WebProcess, scene: Scene, open_page: Open, way: str
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.ring(PETRAS_NUMBER, PETRA, ago=300), Outcome.MISSED)
    page = open_page(site)
    expect(count(page)).to_have_text("2")
    again = scene.ring(ANNAS_NUMBER, ANNA) if way == "they called again" else scene.dial(ANNAS_NUMBER, ANNA)
    expect(cards(page)).to_have_count(1)
    expect(count(page)).to_have_text("2")
    scene.answer(again, after=1)
    expect(count(page)).to_have_text("1")
    says(row(page, "Anna Schmidt"), "Seitdem gesprochen")
    expect(done(page, "Anna Schmidt")).to_have_count(0)
    expect(done(page, "Petra Lindner")).to_have_attribute("aria-pressed", "false")


def test_a_call_to_the_answering_machine_is_no_talk(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(ANNAS_NUMBER, ANNA, ago=200), MACHINE), Outcome.VOICEMAIL, 30)
    page = open_page(site)
    expect(rows(page)).to_have_count(2)
    expect(count(page)).to_have_text("1")


def test_calls_of_withheld_numbers_are_not_taken_for_one_another_tab(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(WITHHELD, ago=300), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(WITHHELD, ago=200)), Outcome.ANSWERED, 30)
    page = open_page(site)
    expect(rows(page)).to_have_count(2)
    expect(count(page)).to_have_text("1")


def test_a_call_that_the_box_rejects_is_neither_counted_nor_shown_as_missed(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = open_page(site)
    expect(page.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    scene.end(scene.ring(ANNAS_NUMBER, ANNA), Outcome.MISSED, after=0.2)
    says(rows(page), "Abgewiesen")
    expect(cards(page)).to_have_count(0)
    expect(count(page)).to_be_hidden()
    expect(done(page, "Anna Schmidt")).to_have_count(0)
    scene.end(scene.ring(ANNAS_NUMBER, ANNA), Outcome.MISSED, after=0.4)
    says(cards(page), "Verpasst")
    expect(count(page)).to_have_text("1")


def row(page: Page, who: str) -> Locator:
    return rows(page).filter(has_text=who)


def done(page: Page, who: str) -> Locator:
    """The button by which a call is dealt with."""
    return row(page, who).get_by_role("button", name="Erledigt")


def count(page: Page) -> Locator:
    return page.locator("#missed-count")
