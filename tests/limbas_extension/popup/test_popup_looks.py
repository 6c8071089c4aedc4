"""The pop-ups and the sidebar as everybody sees, hears and reaches them. In a real Chromium."""

from __future__ import annotations

from datetime import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from shared.events import Outcome
from tests.limbas_extension.popup.conftest import ANRUFE, KUNDEN, OpenLimbas
from tests.limbas_extension.popup.people import (
    ANNA,
    ANNAS_NUMBER,
    HELGA,
    HORST,
    LISA,
    LISAS_NUMBER,
    SCHROEDERS_NUMBER,
    STRANGERS_NUMBER,
)
from tests.limbas_extension.popup.screen import main_frame, opened, popups, preview, says, shows_record
from tests.web.scenes import BERLIN, MUNICH, Scene

pytestmark = pytest.mark.browser


def a_busy_moment(scene: Scene) -> None:
    """Somebody talks, somebody missed a call, several may be calling, and a stranger does."""
    scene.end(scene.ring(STRANGERS_NUMBER, MUNICH, ago=600), Outcome.MISSED)
    scene.answer(scene.ring(LISAS_NUMBER, LISA, ago=90))
    scene.ring(SCHROEDERS_NUMBER, HELGA, HORST)
    scene.ring(ANNAS_NUMBER, ANNA)


def test_axe_finds_nothing(open_limbas: OpenLimbas, scene: Scene) -> None:
    a_busy_moment(scene)
    page = open_limbas(reduced_motion="reduce")
    expect(popups(page)).to_have_count(4)
    assert faults(page, ".callmonitor-popups") == []
    assert faults(page, ".callmonitor-preview") == []


def test_a_screen_reader_says_who_calls_and_who_was_missed(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    spoken = page.locator(".callmonitor-popups [aria-live=polite]")
    expect(spoken).to_have_text("Anruf von Anna Schmidt")
    expect(page.get_by_role("region", name="Anrufe").get_by_role("group", name="Anna Schmidt")).to_be_visible()
    scene.end(call, Outcome.MISSED, 1)
    expect(spoken).to_have_text("Verpasster Anruf von Anna Schmidt")


def test_nothing_moves_for_those_who_do_not_want_it(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_limbas(reduced_motion="reduce")
    says(popups(page), "Anna Schmidt")
    assert page.evaluate("document.getAnimations().length") == 0


def test_every_pop_up_can_be_reached_on_every_screen(open_limbas: OpenLimbas, scene: Scene) -> None:
    a_busy_moment(scene)
    page = open_limbas()
    for width, height in ((360, 640), (1280, 600), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        expect(popups(page)).to_have_count(4)
        region = page.locator(".callmonitor-popups").bounding_box()
        assert region
        assert region["x"] >= 0
        assert region["y"] >= 0
        assert region["x"] + region["width"] <= width
        assert region["y"] + region["height"] <= height
        for close in page.get_by_role("button", name="Schließen").all():
            close.click(trial=True)


def test_the_sidebar_shows_who_is_on_the_phone_and_who_was_missed(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.now = datetime.now(BERLIN).replace(hour=12, minute=0)
    scene.end(scene.ring(LISAS_NUMBER, LISA, ago=600), Outcome.MISSED)
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_limbas()
    now, missed = preview(page).get_by_role("list").all()
    says(now, "Anna Schmidt", "Klingelt")
    says(missed, "Lisa Becker", "11:50")
    preview(page).get_by_role("link", name="Lisa Becker").click()
    shows_record(page, KUNDEN, 12)


def test_a_quiet_sidebar_says_so(open_limbas: OpenLimbas) -> None:
    says(preview(open_limbas()), "Gerade kein Anruf", "Nichts verpasst")


def test_our_entry_opens_the_list_of_calls(open_limbas: OpenLimbas) -> None:
    page = open_limbas()
    page.locator("#multiframecont").get_by_text("Anrufmonitor").click()
    expect(main_frame(page).locator("table")).to_be_visible()
    assert (opened(page)["action"], opened(page)["gtabid"]) == ("gtab_erg", str(ANRUFE))


def faults(page: Page, part: str) -> list[str]:
    """What axe has to say of a part of the page."""
    found = Axe().run(page, context=part, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{fault['id']}: {node['target']} {node['failureSummary']}" for fault in found for node in fault["nodes"]]
