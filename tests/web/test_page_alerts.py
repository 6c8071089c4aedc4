"""Sound and desktop notifications: for who wants them, when a call comes in, and only once. A real Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.events import Outcome, RemoteNumber
from tests.waiting import eventually
from tests.web.conftest import Open
from tests.web.relay import Relay
from tests.web.scenes import ANNA, JONAS, PETRA, Scene, german
from tests.web.screen import another_tab, cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
PETRAS_NUMBER = german("+4930231250117")
HOSTILE = '<img src=x onerror="console.error(1)">'
WITNESS = """
    globalThis.chimes = 0;
    globalThis.notifications = [];
    const start = AudioScheduledSourceNode.prototype.start;
    AudioScheduledSourceNode.prototype.start = function (...when) {
        globalThis.chimes += this.frequency.value > 800; // one of its two tones
        return start.apply(this, when);
    };
    const Real = globalThis.Notification;
    globalThis.Notification = class extends EventTarget {
        static get permission() { return ALLOWED ?? Real.permission; }
        static async requestPermission() { globalThis.asked = (globalThis.asked ?? 0) + 1; return "granted"; }
        constructor(title, how) {
            super();
            this.n = notifications.push({ title, ...how, closed: false }) - 1;
        }
        close() { notifications[this.n].closed = true; }
    };
"""
"""Hears what is played and sees what is shown: a test has neither ears nor a desktop."""


def test_nothing_is_heard_or_asked_before_somebody_wants_it(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = opened(site, open_page)
    page.get_by_role("heading", name="Anrufmonitor").click()
    scene.end(scene.ring(ANNAS_NUMBER, ANNA), Outcome.MISSED)
    says(cards(page), "Verpasst")
    assert page.evaluate("[chimes, notifications, globalThis.asked]") == [0, [], None]


def test_a_click_on_the_switch_lets_one_hear_the_sound_and_then_incoming_calls_are_heard(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = opened(site, open_page)
    switch_on(page, "Ton, wenn es klingelt")
    eventually(lambda: chimes(page) == 1)
    scene.dial(PETRAS_NUMBER, PETRA)
    says(cards(page), "Wählt")
    call = scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: chimes(page) >= 3, within=20)  # it goes on
    scene.answer(call)
    expect(page.locator("[data-kind=talking]")).to_be_visible()
    before = chimes(page)
    page.clock.fast_forward(10_000)
    assert chimes(page) == before


def test_the_switch_is_remembered_and_says_what_is_missing_after_a_reload(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = opened(site, open_page)
    switch_on(page, "Ton, wenn es klingelt")
    page.reload()
    page.get_by_role("button", name="Ton und Hinweise").focus()
    page.evaluate("document.getElementById('alerts').showPopover()")
    expect(page.get_by_role("switch", name="Ton, wenn es klingelt")).to_be_checked()
    expect(page.get_by_text("Nach dem Laden der Seite ist Ton erst nach einem Klick erlaubt.")).to_be_visible()
    page.get_by_role("heading", name="Jetzt").click()
    expect(page.locator("#sound-hint")).to_have_attribute("hidden", "")
    scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: chimes(page) >= 1)


def test_a_call_that_the_box_rejects_is_neither_heard_nor_notified(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = opened(site, open_page)
    switch_on(page, "Ton, wenn es klingelt", "Hinweis auf dem Bildschirm")
    eventually(lambda: chimes(page) == 1)
    scene.end(scene.ring(PETRAS_NUMBER, PETRA), Outcome.MISSED, 0.2)
    says(rows(page), "Abgewiesen")
    scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: notifications(page))
    assert [shown["title"] for shown in notifications(page)] == ["Anna Schmidt ruft an"]
    assert chimes(page) == 2


def test_of_several_tabs_one_is_heard_the_one_that_was_looked_at_last(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    token = relay.token()
    first = opened(relay, open_page, token=token)
    switch_on(first, "Ton, wenn es klingelt", "Hinweis auf dem Bildschirm")
    eventually(lambda: chimes(first) == 1)
    second = another_tab(first.context, relay, token)
    expect(second.get_by_role("heading", name="Jetzt")).to_be_visible()
    scene.ring(ANNAS_NUMBER, ANNA)
    # Nobody has used the second one yet, so its browser would not let it be heard.
    eventually(lambda: chimes(first) >= 2)
    for tab in (first, second):
        says(cards(tab), "Anna Schmidt")
    assert (chimes(second), notifications(second), len(notifications(first))) == (0, [], 1)
    first.close()
    second.get_by_role("heading", name="Jetzt").click()
    eventually(lambda: chimes(second) >= 1)
    assert len(notifications(second)) == 1


def test_a_notification_says_who_is_calling_and_goes_when_the_ringing_ends(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = opened(site, open_page)
    switch_on(page, "Hinweis auf dem Bildschirm")
    call = scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: notifications(page))
    [shown] = notifications(page)
    assert (shown["title"], shown["tag"], shown["closed"]) == ("Anna Schmidt ruft an", call.id, False)
    assert shown["body"].splitlines() == ["Schmidt & Söhne GmbH", "0221 4710123", "an 069 90009100"]
    assert chimes(page) == 0
    scene.answer(call)
    eventually(lambda: notifications(page)[0]["closed"])


def test_a_name_that_comes_late_is_put_into_the_same_notification(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = opened(site, open_page, language="en-GB")
    switch_on(page, "Desktop notification")
    call = scene.ring(RemoteNumber(received="02214710123", e164="+492214710123"), known=False)
    eventually(lambda: notifications(page))
    scene.choose(call, JONAS)
    eventually(lambda: len(notifications(page)) == 2)
    before, after = notifications(page)
    assert before["title"] == "0221 4710123 is calling"
    assert after["title"] == "Jonas Weber is calling"
    assert before["tag"] == after["tag"] == call.id


@pytest.mark.parametrize(
    ("permission", "sentence"), [("denied", "Ihr Browser verbietet sie für diese Seite."), ("default", "")]
)
def test_the_permission_is_asked_for_by_the_click_and_a_refusal_is_said(
    site: WebProcess, open_page: Open, permission: str, sentence: str
) -> None:
    page = opened(site, open_page, allowed=permission)
    assert page.evaluate("globalThis.asked") is None
    page.get_by_role("button", name="Ton und Hinweise").click()
    switch = page.get_by_role("switch", name="Hinweis auf dem Bildschirm")
    if permission == "denied":
        expect(switch).to_be_disabled()
        expect(page.get_by_text(sentence)).to_be_visible()
    else:
        switch.click()
        eventually(lambda: page.evaluate("globalThis.asked") == 1)
    expect(switch).not_to_be_checked()


def opened(site: WebProcess | Relay, open_page: Open, *, allowed: str | None = None, **how: Any) -> Page:
    """The page, in a browser of which one can tell what it lets people hear and see."""
    page = open_page(site, **{**how, "token": None})
    page.clock.install()
    page.context.add_init_script(WITNESS.replace("ALLOWED", json.dumps(allowed or "granted")))
    page.goto("about:blank")
    page.goto(f"{site.url}/#token={how.get('token') or site.token()}")
    expect(page.locator("#connection[data-state=live]")).to_be_visible()
    return page


def switch_on(page: Page, *names: str) -> None:
    page.locator("#alerts-button").click()
    for name in names:
        page.get_by_role("switch", name=name).click()
        expect(page.get_by_role("switch", name=name)).to_be_checked()
    page.keyboard.press("Escape")


def chimes(page: Page) -> int:
    count: int = page.evaluate("chimes")
    return count


def notifications(page: Page) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = page.evaluate("notifications")
    return shown
