"""What people see when the phone rings: the page in a real Chromium, on the real service."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from services.ingest.extensions import extension
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Outcome, RemoteNumber
from tests.web.conftest import Open, Start
from tests.web.scenes import (
    ANNA,
    BERLIN,
    CLARA,
    IN_PHONEBOOK,
    ISAR,
    JONAS,
    MACHINE,
    MUNICH,
    PETRA,
    PINNED_MIRA,
    RECEPTION,
    WITHHELD,
    WORKSHOP,
    Scene,
    german,
    person,
)
from tests.web.screen import cards, rows, says
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

ANNAS_NUMBER = german("+492214710123")
PETRAS_NUMBER = german("+4930231250117")
WEBERS_NUMBER = german("+494066969044")
HOSTILE = "<img src=x onerror=document.title='owned'>"


def test_a_call_from_its_first_ring_to_its_record(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = open_page(site)
    expect(page.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(page), "Klingelt", "Anna Schmidt", "Schmidt & Söhne GmbH", "0221 4710123", "an 069 90009100")
    call = scene.answer(call, RECEPTION, after=1)
    says(cards(page), "Im Gespräch", "an 069 90009100 · Reception")
    scene.end(call, Outcome.ANSWERED, 125)
    says(cards(page), "Beendet", "2:05", "In Limbas erfasst: ANRUFE 1041")
    expect(cards(page)).to_have_count(1)
    expect(rows(page)).to_have_count(0)


def test_a_phone_without_a_name_of_its_own_has_one_in_the_readers_language(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = open_page(site)
    scene.answer(scene.ring(ANNAS_NUMBER, ANNA), extension(41, {}), after=1)
    says(cards(page), "an 069 90009100 · Anrufbeantworter 2")


def test_the_clock_of_a_call_runs(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.ring(ANNAS_NUMBER, ANNA, ago=61)
    page = open_page(site)
    expect(page.locator(".clock")).to_have_text(re.compile(r"1:0\d"))
    before = page.locator(".clock").inner_text()
    expect(page.locator(".clock")).not_to_have_text(before)


def test_the_clock_is_the_servers_however_wrong_the_computers_is(
    site: WebProcess, scene: Scene, open_page: Open
) -> None:
    page = open_page(site, token=None)
    page.clock.install(time=datetime.now(UTC) - timedelta(hours=3))
    page.goto(f"{site.url}/?#token={site.token()}")
    scene.now = datetime.now(UTC)
    scene.ring(ANNAS_NUMBER, ANNA, ago=10)
    expect(page.locator(".clock")).to_have_text(re.compile(r"0:1\d"))


def test_a_call_that_has_ended_moves_to_the_list(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = open_page(site, token=None)
    page.clock.install()
    page.goto(f"{site.url}/?#token={site.token()}")
    scene.end(scene.ring(ANNAS_NUMBER, ANNA), Outcome.MISSED, 1)
    says(cards(page), "Verpasst")
    page.clock.fast_forward(15_000)
    expect(cards(page)).to_have_count(0)
    says(rows(page), "Anna Schmidt", "Verpasst")


def test_the_list_shows_who_called_when_and_how_it_ended(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.now = datetime.now(BERLIN).replace(hour=12, minute=5)
    yesterday = 24 * 3600
    scene.end(scene.answer(scene.ring(ANNAS_NUMBER, ANNA, ago=yesterday + 300)), Outcome.ANSWERED, 187)
    scene.end(scene.answer(scene.ring(ANNAS_NUMBER, ANNA, ago=yesterday + 240), MACHINE), Outcome.VOICEMAIL, 34)
    scene.end(scene.dial(german("+4930231250117"), PETRA, ago=yesterday + 180, phone=WORKSHOP), Outcome.NOT_REACHED)
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=yesterday + 120), Outcome.LOST, recorded=False)
    page = open_page(site)
    expect(page.get_by_role("heading", name="Gestern")).to_be_visible()
    columns = (".office", ".row-outcome", "time")
    assert [[row.locator(part).inner_text() for part in columns] for row in rows(page).all()] == [
        ["an 069 90009100", "Ende unbekannt", berlin(scene, yesterday + 120)],
        ["von 069 90009100 · Workshop", "Nicht erreicht", berlin(scene, yesterday + 180)],
        ["an 069 90009100 · Anrufbeantworter", "Anrufbeantworter\n0:34 min", berlin(scene, yesterday + 240)],
        ["an 069 90009100 · Reception", "Gespräch\n3:07 min", berlin(scene, yesterday + 300)],
    ]


def test_a_missed_call_stands_out(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=120), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(PETRAS_NUMBER, PETRA, ago=90)), Outcome.ANSWERED, 10)
    page = open_page(site)
    missed, answered = page.locator(".row[data-kind=missed]"), page.locator(".row[data-kind=answered]")
    says(missed, "Verpasst")
    assert color(missed.locator(".status")) != color(answered.locator(".status"))


def test_a_withheld_number_is_said_to_be_one(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.ring(WITHHELD)
    says(cards(open_page(site)), "Unbekannt", "Nummer unterdrückt")


def test_nobody_is_called_unknown_before_somebody_has_looked(
    site: WebProcess, scene: Scene, event_log: EventLog, open_page: Open
) -> None:
    call = scene.ring(german("+498999998012"), known=False)
    page = open_page(site)
    says(cards(page), "089 99998012")
    expect(cards(page)).not_to_contain_text("Unbekannt")
    event_log.publish(ContactResolved(call_id=call.id))
    says(cards(page), "Unbekannte Nummer")


@pytest.mark.parametrize(
    ("language", "who", "title", "note"),
    [
        ("de", ISAR, "Isar Logistik GmbH", "Durchwahl dieser Firma"),
        ("en", ISAR, "Isar Logistik GmbH", "Extension of this company"),
        ("de", IN_PHONEBOOK, "Bäckerei am Markt", "Aus dem Telefonbuch der FRITZ!Box"),
        ("en", IN_PHONEBOOK, "Bäckerei am Markt", "From the FRITZ!Box phonebook"),
        ("de", PINNED_MIRA, "Mira Öztürk", "Von Hand zugeordnet"),
        ("en", PINNED_MIRA, "Mira Öztürk", "Assigned by hand"),
    ],
)
def test_it_is_said_how_the_name_was_found(
    site: WebProcess, scene: Scene, open_page: Open, language: str, who: Candidate, title: str, note: str
) -> None:
    scene.ring(german("+498999998507"), who)
    scene.end(scene.ring(german("+498999998507"), who, ago=300), Outcome.MISSED)
    page = open_page(site, language=language)
    says(cards(page), title, note, "089 99998507")
    says(rows(page), title, note)


@pytest.mark.parametrize(("language", "note"), [("de", "Unbekannte Nummer, München"), ("en", "Unknown number, Munich")])
def test_of_a_stranger_the_place_is_shown_and_is_no_name(
    site: WebProcess, scene: Scene, open_page: Open, language: str, note: str
) -> None:
    scene.ring(german("+498999998012"), MUNICH)
    page = open_page(site, language=language)
    expect(cards(page).locator(".title")).to_have_text("089 99998012")
    says(cards(page), note)
    expect(page.locator(".candidates")).to_be_hidden()
    expect(page).to_have_title(re.compile("089 99998012"))


def test_a_better_answer_replaces_the_first(
    site: WebProcess, scene: Scene, event_log: EventLog, open_page: Open
) -> None:
    call = scene.ring(ANNAS_NUMBER, MUNICH)
    page = open_page(site)
    says(cards(page), "Unbekannte Nummer, München")
    event_log.publish(ContactResolved(call_id=call.id, candidates=(ANNA,), sure=True))
    says(cards(page), "Anna Schmidt", "Schmidt & Söhne GmbH")
    expect(cards(page)).not_to_contain_text("Unbekannte")


def test_of_two_people_with_one_number_none_is_guessed(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.ring(german("+498999998055"), PETRA, JONAS)
    page = open_page(site)
    expect(cards(page).locator(".title")).to_have_text("089 99998055")
    says(cards(page), "Wer ist es?", "Petra Lindner", "Jonas Weber", "Weber Elektrotechnik")


def test_a_candidate_without_a_company_is_a_name_alone(site: WebProcess, scene: Scene, open_page: Open) -> None:
    alone: tuple[Candidate, ...] = (person("Mira Öztürk"), person("Nele Öztürk"))
    scene.ring(german("+4917604069021"), *alone)
    page = open_page(site)
    expect(cards(page).locator(".title")).to_have_text("0176 04069021")
    expect(page.locator(".candidates li")).to_have_text([re.compile("Mira Öztürk"), re.compile("Nele Öztürk")])


def test_colleagues_with_one_number_are_their_company(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.ring(WEBERS_NUMBER, JONAS, CLARA)
    page = open_page(site)
    expect(cards(page).locator(".title")).to_have_text("Weber Elektrotechnik")
    says(cards(page), "040 66969044", "Jonas Weber", "Clara Weber")


def test_in_the_list_candidates_are_alternatives(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(WEBERS_NUMBER, JONAS, CLARA, ago=300), Outcome.MISSED)
    says(rows(open_page(site)), "Jonas Weber oder Clara Weber", "040 66969044")


def test_whatever_a_contact_is_called_it_is_text(site: WebProcess, scene: Scene, open_page: Open) -> None:
    hostile = person(HOSTILE, HOSTILE.upper())
    scene.ring(RemoteNumber(received=HOSTILE), hostile)
    scene.end(scene.ring(RemoteNumber(received=HOSTILE), hostile, hostile, own=HOSTILE, ago=300), Outcome.MISSED)
    page = open_page(site)
    says(cards(page), HOSTILE, HOSTILE.upper())
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_title(f"(1) {HOSTILE} ruft an – Anrufmonitor")
    assert page.locator("main img").count() == 0


def test_a_screen_reader_and_the_tab_say_who_is_calling(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = open_page(site)
    expect(page.get_by_text("Gerade telefoniert niemand.")).to_be_visible()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    expect(page).to_have_title("Anna Schmidt ruft an – Anrufmonitor")
    announcer = page.locator("[aria-live=polite]")
    expect(announcer).to_have_text("Anruf von Anna Schmidt")
    scene.end(call, Outcome.MISSED, 1)
    expect(announcer).to_have_text("Verpasster Anruf von Anna Schmidt")
    expect(page).to_have_title("(1) Anrufmonitor")


def test_records_are_opened_where_the_configuration_says(
    start: Start, scene: Scene, open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = tmp_path_factory.mktemp("config") / "callmonitor.toml"
    config.write_text('[limbas_links]\nKUNDEN = "https://limbas.example/?gtabid=4&ID={id}"\n')
    site = start(CALLMONITOR_CONFIG=str(config))
    site.start()
    scene.ring(ANNAS_NUMBER, ANNA)
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=300), Outcome.MISSED)
    page = open_page(site)
    expect(page.get_by_role("link", name="Anna Schmidt")).to_have_count(2)
    for link in page.get_by_role("link", name="Anna Schmidt").all():
        assert link.get_attribute("href") == "https://limbas.example/?gtabid=4&ID=7"
    assert page.get_by_role("link", name="In Limbas erfasst").count() == 0


def berlin(scene: Scene, ago: float) -> str:
    return f"{(scene.now - timedelta(seconds=ago)).astimezone(BERLIN):%H:%M}"


def color(part: Locator) -> str:
    return str(part.evaluate("element => getComputedStyle(element).color"))
