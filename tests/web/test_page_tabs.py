"""One event stream for all tabs of a browser, through everything that happens to browsers: a real Chromium."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Error, Page, expect

from services.web.rights import Rights, Scope
from shared.events import Outcome
from tests.waiting import eventually
from tests.web.conftest import Open
from tests.web.relay import Relay
from tests.web.scenes import ANNA, CLARA, JONAS, PETRA, Scene, german
from tests.web.screen import another_tab, cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
WEBERS_NUMBER = german("+494066969044")
PETRAS_NUMBER = german("+4930231250117")
BACK = 20_000
"""Milliseconds in which a connection is back for sure."""


def test_all_tabs_of_a_browser_share_one_connection(relay: Relay, scene: Scene, open_page: Open) -> None:
    token = relay.token()
    first = open_page(relay, token=token)
    expect(first.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    second = another_tab(first.context, relay, token)
    third = another_tab(first.context, relay, token)
    expect(third.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    scene.ring(ANNAS_NUMBER, ANNA)
    for tab in (first, second, third):
        says(cards(tab), "Anna Schmidt", "Klingelt")
        expect(cards(tab)).to_have_count(1)
    assert (relay.streams, relay.streams_ever) == (1, 1)


def test_a_tab_that_joins_gets_the_picture_at_once_even_without_a_network(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    token = relay.token()
    first = open_page(relay, token=token)
    scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(first), "Anna Schmidt")
    second = first.context.new_page()
    second.goto(relay.url)
    expect(second.get_by_text("Nicht angemeldet")).to_be_visible()
    relay.cut()
    expect(first.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()
    second.evaluate("token => { location.hash = `token=${token}` }", token)
    says(cards(second), "Anna Schmidt")
    expect(second.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()


def test_the_others_go_on_when_the_first_tab_is_closed(relay: Relay, scene: Scene, open_page: Open) -> None:
    token = relay.token()
    first = open_page(relay, token=token)
    expect(first.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    second = another_tab(first.context, relay, token)
    expect(second.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    first.close()
    scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(second), "Anna Schmidt")
    assert (relay.streams, relay.streams_ever) == (1, 1)


def test_when_the_last_tab_is_closed_the_connection_is(relay: Relay, open_page: Open) -> None:
    page = open_page(relay)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    page.goto("about:blank")
    eventually(lambda: relay.streams == 0, within=20)


def test_a_tab_that_dies_takes_no_other_with_it_and_leaves_no_connection(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    token = relay.token()
    first = open_page(relay, token=token)
    expect(first.get_by_text("Verbunden", exact=True)).to_be_visible()
    second = another_tab(first.context, relay, token)
    expect(second.get_by_text("Verbunden", exact=True)).to_be_visible()
    crash(first)  # and with it the process in which the worker may live
    scene.ring(ANNAS_NUMBER, ANNA)
    expect(cards(second).get_by_text("Anna Schmidt", exact=True)).to_be_visible(timeout=BACK)
    crash(second)
    eventually(lambda: relay.streams == 0, within=20)


def test_of_two_users_in_one_browser_each_has_a_connection(relay: Relay, open_page: Open) -> None:
    anna = open_page(relay, token=relay.token(user="anna"))
    expect(anna.get_by_text("Verbunden", exact=True)).to_be_visible()
    jonas = another_tab(anna.context, relay, relay.token(user="jonas"))
    expect(jonas.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert relay.streams == 2


def test_two_tokens_of_one_user_share_only_when_they_open_the_same_calls(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.ring(ANNAS_NUMBER, ANNA, own="06990009100")
    everything = open_page(site, token=site.token())
    says(cards(everything), "Anna Schmidt")
    own = Rights(calls=Scope.OWN, own_numbers=frozenset({"06990009200"}))
    nothing = another_tab(everything.context, site, site.token(rights=own))
    expect(nothing.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    expect(cards(everything)).to_have_count(1)


def test_a_token_that_is_forged_opens_nothing_although_its_user_is_signed_in(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_page(relay)
    says(cards(page), "Anna Schmidt")
    header, claims, _ = relay.token(700).split(".")
    forged = another_tab(page.context, relay, f"{header}.{claims}.{'A' * 43}")
    expect(forged.get_by_role("heading", name="Die Anmeldung ist abgelaufen")).to_be_visible()
    expect(forged.get_by_text("Anna Schmidt")).to_be_hidden()
    scene.ring(PETRAS_NUMBER, PETRA)
    says(cards(page), "Petra Lindner")
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()


@pytest.mark.parametrize("failure", ["cut", "silence"])
def test_a_lost_network_loses_no_call_and_doubles_none(
    relay: Relay, scene: Scene, open_page: Open, failure: str
) -> None:
    token = relay.token()
    first = open_page(relay, token=token)
    tabs = [first, another_tab(first.context, relay, token)]
    call = scene.ring(ANNAS_NUMBER, ANNA)
    for tab in tabs:
        says(cards(tab), "Klingelt")
        tab.evaluate("window.neverReloaded = true")
    getattr(relay, failure)()
    for tab in tabs:
        expect(tab.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()
    scene.end(call, Outcome.MISSED, 1)
    scene.end(scene.answer(scene.ring(PETRAS_NUMBER, PETRA, ago=60)), Outcome.ANSWERED, 30)
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    relay.mend()
    for tab in tabs:
        expect(tab.get_by_text("Verbunden", exact=True)).to_be_visible(timeout=BACK)
        expect(tab.get_by_text("Weber Elektrotechnik", exact=True)).to_be_visible()
        says(tab.locator("[data-kind=missed]"), "Anna Schmidt")
        says(rows(tab), "Petra Lindner")
        expect(cards(tab).or_(rows(tab))).to_have_count(3)
        assert tab.evaluate("window.neverReloaded")
    assert relay.streams == 1


def test_a_tab_that_was_frozen_has_missed_nothing(relay: Relay, scene: Scene, open_page: Open) -> None:
    page = open_page(relay)
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(page), "Klingelt")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    scene.end(call, Outcome.MISSED, 1)
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    expect(page.get_by_text("Weber Elektrotechnik", exact=True)).to_be_visible()
    says(page.locator("[data-kind=missed]"), "Anna Schmidt")
    expect(cards(page).or_(rows(page))).to_have_count(2)


def test_a_newer_token_in_one_tab_keeps_all_tabs_signed_in(relay: Relay, scene: Scene, open_page: Open) -> None:
    first = open_page(relay, token=relay.token(6))
    expect(first.get_by_text("Verbunden", exact=True)).to_be_visible()
    ends = time.time() + 6
    second = another_tab(first.context, relay, relay.token(600))
    expect(second.get_by_text("Verbunden", exact=True)).to_be_visible()
    eventually(lambda: time.time() > ends + 0.5, within=10)
    scene.ring(ANNAS_NUMBER, ANNA)
    for tab in (first, second):
        says(cards(tab), "Anna Schmidt")
        expect(tab.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert relay.streams == 1
    first.reload()
    says(cards(first), "Anna Schmidt")


@pytest.mark.parametrize("why", ["there are none", "its script cannot be loaded"])
def test_without_shared_workers_each_tab_has_a_connection(
    relay: Relay, scene: Scene, open_page: Open, why: str
) -> None:
    page = open_page(relay, token=None)
    page.context.add_init_script(
        "delete globalThis.SharedWorker"
        if why == "there are none"
        else """globalThis.SharedWorker = class extends SharedWorker {
            constructor(address, how) { super(trustedTypes.createPolicy("callmonitor-worker", {
                createScriptURL: () => "/static/nothing.js" }).createScriptURL(""), how); } }"""
    )
    tabs = [another_tab(page.context, relay, relay.token()) for _ in range(2)]
    scene.ring(ANNAS_NUMBER, ANNA)
    for tab in tabs:
        says(cards(tab), "Anna Schmidt")
    assert relay.streams == 2


def crash(page: Page) -> None:
    """The tab's process dies."""
    with page.expect_event("crash"), pytest.raises(Error):
        page.goto("chrome://crash")
