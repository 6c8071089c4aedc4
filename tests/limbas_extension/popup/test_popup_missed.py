"""Missed calls: they stay until somebody has dealt with them, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shared.events import Outcome
from tests.limbas_extension.popup.conftest import OpenLimbas
from tests.limbas_extension.popup.people import ANNA, ANNAS_NUMBER, LISA, LISAS_NUMBER, WIEBKE, WIEBKES_NUMBER
from tests.limbas_extension.popup.screen import badge, popup, popups, preview, says
from tests.web.scenes import Scene

pytestmark = pytest.mark.browser

DAY = 24 * 3600


def test_a_missed_call_stays_over_a_reload_until_it_is_dealt_with(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Klingelt")
    scene.end(call, Outcome.MISSED)
    says(popups(page), "Verpasst", "Anna Schmidt")
    expect(badge(page)).to_have_text("1")
    page.reload()
    says(popups(page), "Verpasst", "Anna Schmidt")
    expect(badge(page)).to_have_text("1")
    popups(page).get_by_role("button", name="Erledigt").click()
    expect(popups(page)).to_have_count(0)
    expect(badge(page)).to_be_hidden()
    page.reload()
    scene.ring(LISAS_NUMBER, LISA)
    says(popups(page), "Lisa Becker")
    expect(popups(page)).to_have_count(1)


def test_what_is_closed_in_one_tab_is_closed_in_all(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=60), Outcome.MISSED)
    scene.ring(LISAS_NUMBER, LISA)
    first = open_limbas()
    second = open_limbas(beside=first)
    expect(popups(first)).to_have_count(2)
    expect(popups(second)).to_have_count(2)
    popup(first, "Anna Schmidt").get_by_role("button", name="Erledigt").click()
    popup(second, "Lisa Becker").get_by_role("button", name="Schließen").click()
    expect(popups(first)).to_have_count(0)
    expect(popups(second)).to_have_count(0)
    expect(badge(second)).to_be_hidden()


def test_who_was_called_back_is_dealt_with_for_everybody(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=600), Outcome.MISSED)
    scene.end(scene.ring(LISAS_NUMBER, LISA, ago=500), Outcome.MISSED)
    page = open_limbas()
    expect(badge(page)).to_have_text("2")
    scene.answer(scene.dial(ANNAS_NUMBER, ANNA, ago=10), after=5)
    expect(badge(page)).to_have_text("1")
    expect(popups(page)).to_have_count(1)
    says(popups(page), "Lisa Becker")


def test_to_try_to_call_back_is_not_enough(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=600), Outcome.MISSED)
    scene.end(scene.dial(ANNAS_NUMBER, ANNA, ago=300), Outcome.NOT_REACHED)
    page = open_limbas()
    says(popups(page), "Verpasst", "Anna Schmidt")
    expect(badge(page)).to_have_text("1")


def test_a_call_of_the_weekend_is_there_on_monday_one_of_last_week_is_not(
    open_limbas: OpenLimbas, scene: Scene
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=4 * DAY), Outcome.MISSED)
    scene.end(scene.ring(WIEBKES_NUMBER, WIEBKE, ago=2.5 * DAY), Outcome.MISSED)
    page = open_limbas()
    says(popups(page), "Wiebke Petersen")
    expect(popups(page)).to_have_count(1)
    expect(badge(page)).to_have_text("1")


def test_a_rejected_call_is_not_counted(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=600), Outcome.MISSED, after=0.1)
    scene.end(scene.ring(LISAS_NUMBER, LISA, ago=500), Outcome.MISSED, after=0.5)
    page = open_limbas()
    expect(badge(page)).to_have_text("1")
    says(popups(page), "Lisa Becker")
    expect(preview(page)).not_to_contain_text("Anna Schmidt")


def test_the_number_at_the_entry_is_there_while_the_sidebar_is_folded_away(
    open_limbas: OpenLimbas, scene: Scene
) -> None:
    page = open_limbas()
    page.locator(".evt-hide-frame.multiframe").last.click()
    expect(page.locator("#multiframe")).to_be_hidden()
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=60), Outcome.MISSED)
    says(popups(page), "Verpasst", "Anna Schmidt")
    page.locator("#hiddenmultiframe").click()
    expect(badge(page)).to_have_text("1")
