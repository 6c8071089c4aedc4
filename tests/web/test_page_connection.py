"""Who may see the page, and what it says when the connection is lost: a real Chromium, on the real service."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from shared.events import Outcome
from shared.limbas_state import LimbasState, tell
from tests.valkey import Valkey
from tests.web.conftest import Open, Start
from tests.web.relay import Relay
from tests.web.scenes import (
    ANNA,
    CLARA,
    JONAS,
    Scene,
    german,
)
from tests.web.screen import cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
WEBERS_NUMBER = german("+494066969044")


def test_the_token_is_in_no_address(relay: Relay, open_page: Open) -> None:
    page = open_page(relay)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert page.url == f"{relay.url}/"
    page.reload()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert "/events" in relay.asked
    assert [address for address in relay.asked if "token=" in address or "eyJ" in address] == []


def test_the_page_asks_nobody_but_its_own_server(web: WebProcess, open_page: Open) -> None:
    page = open_page(web)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert f"{web.url}/static/page.js" in asked
    assert [url for url in asked if not url.startswith(web.url)] == []


def test_another_tab_is_not_signed_in(web: WebProcess, open_page: Open) -> None:
    page = open_page(web)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto(web.url)
    expect(other.get_by_role("heading", name="Nicht angemeldet")).to_be_visible()


def test_without_a_token_the_page_says_how_to_sign_in_and_a_link_signs_in(site: WebProcess, open_page: Open) -> None:
    page = open_page(site, token=None)
    expect(page.get_by_text("callmonitor token --url")).to_be_visible()
    expect(page.locator("#calls")).to_be_hidden()
    page.goto(f"{site.url}/#token={site.token()}")
    expect(page.get_by_text("Gerade telefoniert niemand.")).to_be_visible()


@pytest.mark.parametrize("seconds", [None, 1])
def test_a_token_that_is_refused_or_ends_leads_to_the_sign_in_and_hides_the_calls(
    site: WebProcess, scene: Scene, open_page: Open, seconds: int | None
) -> None:
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_page(site, token=site.token(seconds) if seconds else "nonsense")
    expect(page.get_by_role("heading", name="Die Anmeldung ist abgelaufen")).to_be_visible()
    expect(page.get_by_text("Anna Schmidt")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", name="Nicht angemeldet")).to_be_visible()


def test_a_restart_of_the_server_is_shown_and_loses_nothing(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = open_page(site)
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(page), "Klingelt")
    site.stop()
    expect(page.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()
    frozen = page.locator(".clock").inner_text()
    scene.end(call, Outcome.MISSED, 1)
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    expect(page.get_by_text(re.compile("Die Anzeige hat den Stand von"))).to_be_visible()
    assert page.locator(".clock").inner_text() == frozen
    site.start()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Weber Elektrotechnik", exact=True)).to_have_count(1)
    says(page.locator("[data-kind=missed]"), "Anna Schmidt")
    expect(cards(page).or_(rows(page))).to_have_count(2)


def test_the_page_says_when_the_event_log_is_away_although_the_server_is_there_also_after_a_lost_connection(
    start: Start, own_valkey: Valkey, open_page: Open
) -> None:
    own_valkey.start()
    site = start(own_valkey.url)
    site.start()
    with closing(Relay(site)) as network:
        page = open_page(network)
        expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
        own_valkey.stop()
        expect(page.get_by_text(re.compile("Anrufe kommen seit .* nicht an"))).to_be_visible()
        network.cut()
        expect(page.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()
        network.mend()
        expect(page.get_by_text(re.compile("Anrufe kommen seit .* nicht an"))).to_be_visible()
        own_valkey.start()
        expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(LimbasState.AWAY, "Limbas ist nicht erreichbar."), (LimbasState.LOGIN_REFUSED, "Limbas weist")],
)
def test_the_page_says_when_calls_do_not_get_into_limbas_and_still_shows_them(
    site: WebProcess, scene: Scene, open_page: Open, state: LimbasState, sentence: str
) -> None:
    page = open_page(site)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    tell(scene.log, state)
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    tell(scene.log, LimbasState.FINE)
    expect(page.get_by_text(sentence)).to_be_hidden()


def test_a_network_that_has_gone_silent_is_noticed(relay: Relay, open_page: Open) -> None:
    page = open_page(relay)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    relay.silence()
    expect(page.get_by_text(re.compile("Verbindet neu seit"))).to_be_visible()
    relay.mend()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible(timeout=20_000)


def test_the_reader_of_the_stream_understands_it_however_it_is_cut(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    wire = (
        ": hello\r\nretry: 3000\r\n\r\n"
        "event: a\r\nid: 1-0\r\ndata: {\r\ndata:1}\r\n\r\n"
        "data: x\n\n:\n\nid: 2-0\rdata: ü\r\r\n"
    )
    found = page.evaluate(
        """async (wire) => {
            const { EventStreamParser } = await import("/static/client/sse.js");
            const results = new Set();
            for (let a = 0; a <= wire.length; a++) for (let b = a; b <= wire.length; b++) {
                const parser = new EventStreamParser();
                const events = [wire.slice(0, a), wire.slice(a, b), wire.slice(b)].flatMap((cut) => parser.push(cut));
                results.add(JSON.stringify([events, parser.lastId]));
            }
            return [...results];
        }""",
        wire,
    )
    assert found == [
        '[[{"name":"a","data":"{\\n1}"},{"name":"message","data":"x"},{"name":"message","data":"ü"}],"2-0"]'
    ]


def test_an_event_that_nobody_understands_costs_no_other(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    found = page.evaluate(
        """async () => {
            const { Connection } = await import("/static/client/connection.js");
            globalThis.reportError = () => {}; // it would be a complaint of the browser's, and rightly so
            const wire = "event: a\\ndata: {}\\n\\nevent: b\\ndata: nonsense\\n\\nevent: c\\ndata: {}\\n\\n";
            globalThis.fetch = async () => new Response(wire, { headers: { "Content-Type": "text/event-stream" } });
            const names = [];
            await new Promise((done) => {
                const connection = new Connection("/", "", (name) => names.push(name), (state) => {
                    if (state !== "lost") return;
                    connection.close();
                    done();
                });
                connection.open();
            });
            return names;
        }"""
    )
    assert found == ["a", "c"]


def test_half_an_event_of_a_lost_connection_is_void_and_the_place_is_kept(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    found = page.evaluate(
        """async () => {
            const { EventStreamParser } = await import("/static/client/sse.js");
            const parser = new EventStreamParser();
            parser.push("id: 1-0\\ndata: whole\\n\\nevent: half\\ndata: ha");
            parser.restart();
            return [parser.lastId, parser.push("data: new\\n\\n")];
        }"""
    )
    assert found == ["1-0", [{"name": "message", "data": "new"}]]
