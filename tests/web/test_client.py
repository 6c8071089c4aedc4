"""The modules that the page shares with the pop-up in Limbas, as whoever uses them sees them: in a real Chromium."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.waiting import eventually
from tests.web.conftest import Open
from tests.web.relay import Relay
from tests.web.scenes import ANNA, PETRA, Scene, german
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
PETRAS_NUMBER = german("+4930231250117")
OPEN = """async ([token, name]) => {
    const { Stream } = await import("/static/client/stream.js");
    const seen = (globalThis[name] = { events: [], states: [], asked: 0 });
    seen.stream = new Stream({
        url: "/events",
        token,
        onEvent: (type, data) => seen.events.push([type, data.call?.id ?? data.calls?.length ?? ""]),
        onState: (state) => seen.states.push(state),
        onTokenNeeded: () => seen.asked++,
        onToken: (newer) => (seen.newer = newer),
    });
}"""


def test_a_token_is_asked_for_before_it_ends_and_renewed_without_a_gap(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    page = open_page(relay, token=None)
    ends = time.time() + 8
    page.evaluate(OPEN, [relay.token(8), "one"])
    eventually(lambda: seen(page, "one", "states") == ["live"], within=20)
    eventually(lambda: seen(page, "one", "asked") == 1)
    first = scene.ring(ANNAS_NUMBER, ANNA)
    page.evaluate("token => one.stream.renew(token)", relay.token(600))
    second = scene.ring(PETRAS_NUMBER, PETRA)
    eventually(lambda: time.time() > ends + 0.5, within=20)
    third = scene.ring(ANNAS_NUMBER, ANNA)
    wanted = ["snapshot", "call.ringing", "contact.resolved"]
    eventually(lambda: [first.id, second.id, third.id] == rung(page, "one"))
    events = [name for name, _ in seen(page, "one", "events") if name in wanted]
    assert events[:6] == ["snapshot", *["call.ringing", "contact.resolved"] * 2, "call.ringing"]
    assert seen(page, "one", "states") == ["live"]
    assert relay.streams == 1


def test_of_several_tabs_one_is_asked_for_a_token_and_all_get_it(relay: Relay, open_page: Open) -> None:
    page = open_page(relay, token=None)
    token, newer = relay.token(50), relay.token(700)
    for name in ("one", "two"):
        page.evaluate(OPEN, [token, name])
        is_live(page, name)
    eventually(lambda: asked(page) == [0, 1] or asked(page) == [1, 0])
    page.evaluate("token => one.stream.renew(token)", newer)
    eventually(lambda: page.evaluate("two.stream.token") == newer)
    assert seen(page, "two", "newer") == newer


def test_after_a_refusal_a_renewal_begins_anew(relay: Relay, scene: Scene, open_page: Open) -> None:
    page = open_page(relay, token=None)
    page.evaluate(OPEN, ["nonsense", "one"])
    eventually(lambda: seen(page, "one", "states") == ["refused"], within=20)
    asked_before = relay.streams_ever
    call = scene.ring(ANNAS_NUMBER, ANNA)
    page.evaluate("token => one.stream.renew(token)", relay.token())
    eventually(lambda: seen(page, "one", "states")[-1] == "live")
    assert seen(page, "one", "events")[0] == ["snapshot", 1]
    assert relay.streams_ever == asked_before + 1
    scene.answer(call)
    eventually(lambda: ["call.connected", call.id] in seen(page, "one", "events"))


def test_what_was_closed_hears_nothing_and_holds_no_connection(relay: Relay, scene: Scene, open_page: Open) -> None:
    page = open_page(relay, token=None)
    token = relay.token()
    for name in ("one", "two"):
        page.evaluate(OPEN, [token, name])
        is_live(page, name)
    page.evaluate("one.stream.close()")
    scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: len(rung(page, "two")) == 1)
    assert rung(page, "one") == []
    page.evaluate("two.stream.close()")
    eventually(lambda: relay.streams == 0)


def test_for_a_tab_that_says_nothing_any_more_nothing_piles_up_and_when_it_is_back_it_gets_all(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = open_page(site, token=None)
    page.clock.install()
    page.goto(f"{site.url}/?")
    page.evaluate(
        """async ([url, token]) => {
            const { StreamHub } = await import("/static/client/stream_hub.js");
            const hub = new StreamHub();
            for (const name of ["silent", "alive"]) {
                const { port1, port2 } = new MessageChannel();
                const tab = (globalThis[name] = { told: [], say: () => port1.postMessage({ url, token }) });
                port1.addEventListener("message", ({ data }) => tab.told.push(data.name ?? data.state ?? ""));
                port1.start();
                hub.add(port2);
                tab.say();
            }
        }""",
        [f"{site.url}/events", site.token()],
    )
    eventually(lambda: all("live" in told(page, name) for name in ("silent", "alive")), within=20)
    page.clock.fast_forward(200_000)
    page.evaluate("alive.say()")
    eventually(lambda: told(page, "alive")[-1] in ("", "live"))
    before = len(told(page, "silent"))
    scene.ring(ANNAS_NUMBER, ANNA)
    eventually(lambda: "call.ringing" in told(page, "alive"), within=20)
    assert "call.ringing" not in told(page, "silent")[before:]
    page.evaluate("silent.say()")
    eventually(lambda: "snapshot" in told(page, "silent")[before:])


def test_what_was_dealt_with_is_kept_for_the_newest_calls_only(site: WebProcess, open_page: Open) -> None:
    page = open_page(site, token=None)
    kept = page.evaluate(
        """async () => {
            const { DealtWith } = await import("/static/client/dealt_with.js");
            const dealtWith = new DealtWith("anna", () => {});
            for (let n = 0; n < 600; n++) dealtWith.set(`call-${n}`);
            return [...Array(600).keys()].filter((n) => dealtWith.has(`call-${n}`));
        }"""
    )
    assert kept == list(range(100, 600))


@pytest.mark.parametrize("kept", ["nonsense", "{}", "[1, null, {}]", "null"])
def test_what_somebody_else_left_in_the_browser_does_no_harm(site: WebProcess, open_page: Open, kept: str) -> None:
    page = open_page(site, token=None)
    found = page.evaluate(
        """async (kept) => {
            localStorage.setItem("callmonitor-dealt-with:anna", kept);
            const { DealtWith } = await import("/static/client/dealt_with.js");
            const dealtWith = new DealtWith("anna", () => {});
            dealtWith.set("call-1");
            return [dealtWith.has("call-1"), dealtWith.has("call-2")];
        }""",
        kept,
    )
    assert found == [True, False]


def seen(page: Page, name: str, what: str) -> Any:
    return page.evaluate(f"{name}.{what}")


def is_live(page: Page, name: str) -> None:
    eventually(lambda: seen(page, name, "states") == ["live"], within=20)


def rung(page: Page, name: str) -> list[str]:
    """The calls that came in."""
    return [call for event, call in seen(page, name, "events") if event == "call.ringing"]


def asked(page: Page) -> list[int]:
    return [seen(page, name, "asked") for name in ("one", "two")]


def told(page: Page, name: str) -> list[str]:
    words: list[str] = page.evaluate(f"{name}.told")
    return words
