"""The pop-ups when things fail: the service away, restarted, refusing, wrongly set up. In a real Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from shared.events import Outcome
from tests.limbas_extension.popup.conftest import KUNDEN, OpenLimbas
from tests.limbas_extension.popup.people import ANNA, ANNAS_NUMBER, LISA, LISAS_NUMBER
from tests.limbas_extension.popup.screen import main_frame, popup, popups, preview, says, unfold
from tests.web.scenes import Scene
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

TOKEN = "**/main_dyns.php?actid=callmonitorToken*"


def test_calls_go_on_after_the_service_was_restarted(open_limbas: OpenLimbas, scene: Scene, site: WebProcess) -> None:
    page = open_limbas()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Klingelt", "Anna Schmidt")
    green = head_colour(page)
    site.stop()
    says(preview(page), "Der Anrufmonitor ist gerade nicht erreichbar.")
    assert head_colour(page) != green, "nobody knows whether it still rings"
    call = scene.answer(call, after=1)
    scene.ring(LISAS_NUMBER, LISA)
    site.start()
    says(popups(page), "Im Gespräch", "Lisa Becker")
    scene.end(call, Outcome.ANSWERED)
    says(popups(page), "Gespräch")
    expect(popups(page)).to_have_count(2)


def test_a_service_that_comes_up_later_is_found(open_limbas: OpenLimbas, scene: Scene, site: WebProcess) -> None:
    site.stop()
    page = open_limbas(wait=False)
    unfold(page)
    says(preview(page), "Der Anrufmonitor ist gerade nicht erreichbar.")
    expect(popups(page)).to_have_count(0)
    scene.ring(ANNAS_NUMBER, ANNA)
    site.start()
    says(popups(page), "Anna Schmidt")
    expect(preview(page).get_by_text("Der Anrufmonitor ist gerade nicht erreichbar.")).to_be_hidden()


def test_the_token_is_renewed_without_a_gap(open_limbas: OpenLimbas, scene: Scene, site: WebProcess) -> None:
    handed_out: list[str] = []

    def hand_out(route: Route) -> None:
        # A minute before its end a token is replaced: this first one at once.
        handed_out.append(site.token(seconds=61 if not handed_out else 600))
        route.fulfill(json={"token": handed_out[-1]})

    page = open_limbas(routes={TOKEN: hand_out})
    scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Anna Schmidt")
    wait_until(page, lambda: len(handed_out) == 2)
    scene.ring(LISAS_NUMBER, LISA)
    says(popups(page), "Lisa Becker")
    expect(popups(page)).to_have_count(2)


def test_who_is_not_let_in_asks_again(open_limbas: OpenLimbas, scene: Scene, site: WebProcess) -> None:
    answers = ["<html>Anmeldung</html>", json.dumps({"token": "x.y.z"}), json.dumps({"token": site.token()})]
    page = open_limbas(routes={TOKEN: lambda route: route.fulfill(body=answers.pop(0))}, wait=False)
    unfold(page)
    scene.ring(ANNAS_NUMBER, ANNA)
    says(preview(page), "Der Anrufmonitor lässt Sie gerade nicht ein.")
    says(popups(page), "Anna Schmidt")
    expect(preview(page).get_by_text("Der Anrufmonitor lässt Sie gerade nicht ein.")).to_be_hidden()


def test_two_tabs_share_one_stream(open_limbas: OpenLimbas, scene: Scene, site: WebProcess) -> None:
    first = open_limbas()
    second = open_limbas(beside=first)
    scene.ring(ANNAS_NUMBER, ANNA)
    for page in (first, second):
        says(popups(page), "Anna Schmidt")
    assert open_streams(site) == 1
    first.close()
    scene.ring(LISAS_NUMBER, LISA)
    says(popup(second, "Lisa Becker"), "Klingelt")
    assert open_streams(site) == 1


@pytest.mark.parametrize("settings", ["", "{", "null", '{"service": "http://[", "token": "x"}'])
def test_with_settings_that_are_none_limbas_is_as_it_always_was(open_limbas: OpenLimbas, settings: str) -> None:
    lines: list[str] = []
    page = open_limbas(edited=with_settings(settings), wait=False, console=lines)
    page.evaluate(
        "url => document.getElementById('main').contentWindow.location.href = url",
        f"main.php?action=gtab_change&gtabid={KUNDEN}&ID=4",
    )
    expect(main_frame(page).locator(f"[name=g_{KUNDEN}_2]")).to_be_visible()
    wait_until(page, lambda: any("Callmonitor" in line for line in lines))
    assert [line.split(":")[0] for line in lines if "[DOM]" not in line] == ["Callmonitor is off"]
    assert page.locator("[class^=callmonitor-popup]").count() == 0


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Waits as Playwright does, which hands over what the browser says only meanwhile."""
    while not condition():
        page.wait_for_timeout(50)


def head_colour(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('.callmonitor-head')).backgroundColor"))


def with_settings(settings: str) -> Callable[[str], str]:
    return lambda page: re.sub(r'(id="callmonitor-settings">).*?(</script>)', rf"\g<1>{settings}\2", page)


def open_streams(site: WebProcess) -> int:
    """How many browsers are connected."""
    events = [json.loads(line)["event"] for line in site.log().splitlines() if line.startswith("{")]
    return events.count("stream opened") - events.count("stream closed")
