"""Finding calls again: filters, search, older calls, and whose they are. A real Chromium, on the real service."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from services.web.rights import Rights, Scope
from shared.events import Outcome, RemoteNumber
from tests.web.conftest import Open
from tests.web.relay import Relay
from tests.web.scenes import ANNA, CLARA, IN_PHONEBOOK, JONAS, MIRA, OFFICE, PETRA, Scene, german
from tests.web.screen import another_tab, cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
WEBERS_NUMBER = german("+494066969044")
PETRAS_NUMBER = german("+4930231250117")
HOSTILE = '<img src=x onerror="console.error(1)">'


def test_missed_calls_alone_are_shown_on_demand(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(PETRAS_NUMBER, PETRA, ago=200)), Outcome.ANSWERED)
    page = open_page(site)
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Verpasst").click()
    expect(page.get_by_role("button", name="Verpasst")).to_have_attribute("aria-pressed", "true")
    expect(rows(page)).to_have_count(1)
    says(rows(page), "Anna Schmidt")
    page.get_by_role("button", name="Alle", exact=True).click()
    expect(rows(page)).to_have_count(2)


def test_calls_are_found_by_whatever_one_knows_of_them(office: WebProcess, open_page: Open) -> None:
    page = open_page(office)
    expect(rows(page).nth(5)).to_be_visible()
    for typed in ("weber", "WEBER elektro", "clara", "66969", "040/66 96", "+49 40 66969044", "0049 40", "jonas 040"):
        search(page, "")
        expect(rows(page).nth(5)).to_be_visible()
        search(page, typed)
        expect(rows(page)).to_have_count(1)
        says(rows(page), "Jonas Weber oder Clara Weber")


def test_what_is_here_is_found_although_the_server_is_away(relay: Relay, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.ring(PETRAS_NUMBER, PETRA, ago=200), Outcome.MISSED)
    page = open_page(relay)
    expect(rows(page)).to_have_count(2)
    relay.cut()
    search(page, "soehne")  # only the server knows that this is an ö
    expect(page.get_by_text(re.compile("Ältere Anrufe lassen sich gerade nicht abrufen"))).to_be_visible()
    search(page, "schmidt söhne")
    expect(rows(page)).to_have_count(1)
    says(rows(page), "Anna Schmidt")


def test_names_and_numbers_that_are_searched_for_are_in_no_address(relay: Relay, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    page = open_page(relay)
    with page.expect_response("**/api/calls/search") as answer:
        search(page, "soehne 4710")
    assert answer.value.ok
    says(rows(page), "Anna Schmidt")
    assert [address for address in relay.asked if "soehne" in address or "4710" in address] == []


def test_nothing_found_says_what_was_looked_for_as_text(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    page = open_page(site)
    search(page, HOSTILE)
    expect(page.get_by_text(f"Kein Anruf gefunden zu „{HOSTILE}“.")).to_be_visible()
    assert page.locator("main img").count() == 0


def test_older_calls_than_the_stream_brings_are_shown_on_demand_and_found(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(WEBERS_NUMBER, JONAS, CLARA, ago=9000), Outcome.MISSED)
    oldest = scene.end(scene.answer(scene.ring(german("+4917604069021"), MIRA, ago=8000)), Outcome.ANSWERED)
    for number in range(230):
        remote = RemoteNumber(received=f"06990009{number:03}", e164=f"+496990009{number:03}")
        scene.end(scene.ring(remote, ago=4000 - number), Outcome.MISSED, recorded=False)
    page = open_page(site)
    more = page.get_by_role("button", name="Mehr anzeigen")
    expect(rows(page)).to_have_count(50)
    for shown in (100, 150, 200, 232):
        more.click()
        expect(rows(page)).to_have_count(shown)
    expect(more).to_be_hidden()
    says(rows(page), "Mira Öztürk")
    ids = rows(page).evaluate_all("rows => rows.map((row) => row.dataset.key)")
    assert len(set(ids)) == 232
    assert ids[-1].endswith("-1")
    # What becomes known of them later is shown, too.
    scene.choose(oldest, PETRA)
    says(rows(page), "Petra Lindner")
    page.reload()
    search(page, "jonas weber")
    expect(rows(page)).to_have_count(1)
    says(rows(page), "Jonas Weber oder Clara Weber")


def test_calls_of_ones_own_numbers_alone_are_shown_on_demand_in_all_tabs(
    relay: Relay, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    scene.end(scene.ring(PETRAS_NUMBER, PETRA, ago=200, own="06990009200"), Outcome.MISSED)
    token = relay.token(rights=Rights(calls=Scope.ALL, own_numbers=frozenset({OFFICE})))
    first = open_page(relay, token=token)
    second = another_tab(first.context, relay, token)
    for tab in (first, second):
        expect(rows(tab)).to_have_count(2)
    first.get_by_role("switch", name="Nur meine Anrufe").click()
    for tab in (first, second):
        expect(rows(tab)).to_have_count(1)
        says(rows(tab), "Anna Schmidt")
        expect(tab.get_by_role("switch", name="Nur meine Anrufe")).to_be_checked()
        search(tab, "04069")
        expect(rows(tab)).to_have_count(0)
        search(tab, "")
    scene.ring(PETRAS_NUMBER, PETRA, own="06990009200")
    scene.ring(WEBERS_NUMBER, JONAS)
    for tab in (first, second):
        says(cards(tab), "Jonas Weber")
        expect(cards(tab)).to_have_count(1)
    assert relay.streams == 1
    second.get_by_role("switch", name="Nur meine Anrufe").click()
    for tab in (first, second):
        expect(cards(tab)).to_have_count(2)


def test_who_has_no_numbers_of_their_own_or_sees_no_others_is_not_asked(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    own = Rights(calls=Scope.OWN, own_numbers=frozenset({OFFICE}))
    for token in (site.token(), site.token(rights=own)):
        page = open_page(site, token=token)
        expect(rows(page)).to_have_count(1)
        expect(page.get_by_role("switch", name="Nur meine Anrufe")).to_be_hidden()


def test_of_several_candidates_one_is_chosen_and_everybody_sees_it(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(WEBERS_NUMBER, JONAS, CLARA, ago=300), Outcome.MISSED)
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    page, colleague = open_page(site), open_page(site, token=site.token(user="jonas"))
    expect(cards(colleague).get_by_role("button")).to_have_count(2)
    with page.expect_request("**/contact") as request:
        cards(page).get_by_role("button", name="Das ist Clara Weber").click()
    assert json.loads(request.value.post_data or "") == {"table": "KUNDEN", "record_id": 13}
    for each in (page, colleague):
        expect(cards(each).locator(".title")).to_have_text("Clara Weber")
        says(cards(each), "Weber Elektrotechnik", "Von Hand zugeordnet")
        expect(each.get_by_role("button", name="Das ist")).to_have_count(0)


def test_candidates_of_a_call_that_is_over_are_chosen_in_the_list(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.end(scene.ring(WEBERS_NUMBER, JONAS, CLARA, ago=300), Outcome.MISSED)
    page = open_page(site)
    rows(page).get_by_text("Wer ist es?").click()
    rows(page).get_by_role("button", name="Das ist Jonas Weber").click()
    says(rows(page), "Jonas Weber", "Von Hand zugeordnet")
    expect(rows(page).get_by_text("Wer ist es?")).to_be_hidden()


def test_a_choice_that_did_not_get_through_says_so_and_can_be_made_again(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    page = open_page(site)

    def fail(route: Route) -> None:
        route.abort()

    page.route("**/contact", fail)
    choice = cards(page).get_by_role("button", name="Das ist Jonas Weber")
    choice.click()
    expect(cards(page).get_by_role("alert")).to_have_text("Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.")
    page.unroute("**/contact", fail)
    choice.click()
    expect(cards(page).locator(".title")).to_have_text("Jonas Weber")


def test_without_a_number_or_a_record_there_is_nothing_to_choose(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    scene.ring(RemoteNumber(received="**610"), JONAS, CLARA)
    scene.ring(ANNAS_NUMBER, IN_PHONEBOOK, ANNA)
    page = open_page(site)
    expect(cards(page)).to_have_count(2)
    expect(cards(page).get_by_role("button")).to_have_text([re.compile("Anna Schmidt")])


def search(page: Page, typed: str) -> None:
    page.get_by_role("searchbox", name="Anrufe suchen").fill(typed)
