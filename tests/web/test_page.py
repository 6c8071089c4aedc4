"""The page in a real Chromium, on the real service: what people see when the phone rings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Outcome, RemoteNumber
from tests.valkey import Valkey
from tests.web.conftest import Start
from tests.web.scenes import (
    ANNA,
    BERLIN,
    CLARA,
    JONAS,
    MACHINE,
    PETRA,
    RECEPTION,
    WITHHELD,
    WORKSHOP,
    Scene,
    an_office,
    german,
    person,
)
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
ANNAS_NUMBER = german("+492214710123")
WEBERS_NUMBER = german("+494066969044")
HOSTILE = "<img src=x onerror=document.title='owned'>"


@pytest.fixture
def site(start: Start) -> WebProcess:
    """A web service on an empty log."""
    web = start(FRITZBOX_AREA_CODE="069")
    web.start()
    return web


@pytest.fixture(scope="module")
def office(web: WebProcess, calls: EventLog) -> WebProcess:
    """The web service of an office that is on the phone."""
    an_office(calls)
    return web


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    """An office in which nobody has called yet."""
    return Scene(event_log)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens the page of a service in a browser of its own. At the end nothing may have gone wrong in it."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_in(site: WebProcess, *, language: str = "de-DE", token: str | None = "", **how: Any) -> Page:
        size = ViewportSize(width=how.pop("width", 1280), height=900)
        context = chromium.new_context(locale=language, timezone_id="Europe/Berlin", viewport=size, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(site.url + ("/" if token is None else f"/#token={token or site.token()}"))
        return page

    yield open_in
    for context in contexts:
        context.close()
    # What the browser itself says of a server that is away, or of a refusal, is no fault of the page.
    assert [text for text in complaints if "net::ERR" not in text and "401" not in text] == []


def cards(page: Page) -> Locator:
    return page.locator(".card")


def rows(page: Page) -> Locator:
    return page.locator(".row")


def says(part: Locator, *expected: str) -> None:
    """Waits until these are among the lines that people read."""
    for line in expected:
        expect(part.get_by_text(line, exact=True)).to_be_visible()


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
        ["an 069 90009100 · Answering machine", "Anrufbeantworter 0:34 min", berlin(scene, yesterday + 240)],
        ["an 069 90009100 · Reception", "Gespräch 3:07 min", berlin(scene, yesterday + 300)],
    ]


def berlin(scene: Scene, ago: float) -> str:
    return f"{(scene.now - timedelta(seconds=ago)).astimezone(BERLIN):%H:%M}"


def test_a_missed_call_stands_out(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=120), Outcome.MISSED)
    scene.end(scene.answer(scene.ring(ANNAS_NUMBER, ANNA, ago=90)), Outcome.ANSWERED, 10)
    page = open_page(site)
    missed, answered = page.locator(".row[data-kind=missed]"), page.locator(".row[data-kind=answered]")
    says(missed, "Verpasst")
    assert color(missed.locator(".status")) != color(answered.locator(".status"))


def color(part: Locator) -> str:
    return str(part.evaluate("element => getComputedStyle(element).color"))


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


def test_of_two_people_with_one_number_none_is_guessed(site: WebProcess, scene: Scene, open_page: Open) -> None:
    scene.ring(german("+498999998055"), PETRA, JONAS)
    page = open_page(site)
    expect(cards(page).locator(".title")).to_have_text("089 99998055")
    says(cards(page), "Mögliche Kontakte", "Petra Lindner", "Jonas Weber", "Weber Elektrotechnik")


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
    expect(page).to_have_title(f"{HOSTILE} ruft an – Anrufmonitor")
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
    expect(page).to_have_title("Anrufmonitor")


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


def test_the_token_is_in_no_address(web: WebProcess, open_page: Open) -> None:
    page = open_page(web)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert page.url == f"{web.url}/"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    assert f"{web.url}/events" in asked
    assert [url for url in asked if "token" in url or not url.startswith(web.url)] == []


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


@pytest.mark.parametrize(
    ("language", "title", "state"), [("de-AT", "Anrufmonitor", "Klingelt"), ("en-GB", "Callmonitor", "Ringing")]
)
def test_the_page_speaks_the_browsers_language(
    site: WebProcess, scene: Scene, open_page: Open, language: str, title: str, state: str
) -> None:
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_page(site, language=language)
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    says(cards(page), state)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_light_or_dark_as_the_computer_is(
    web: WebProcess, open_page: Open, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(web, color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert brightness < 64 if scheme == "dark" else brightness > 192


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_nothing_sticks_out_on_any_screen(office: WebProcess, open_page: Open, width: int, language: str) -> None:
    page = open_page(office, width=width, language=language)
    expect(cards(page)).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert overlapping(page) == []


def overlapping(page: Page) -> list[str]:
    """Texts of a row that lie over each other."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".row")].flatMap((row) => {
            const leaves = [...row.querySelectorAll("[data-is]")].filter((leaf) => leaf.offsetWidth > 1);
            const boxes = leaves.map((leaf) => leaf.getBoundingClientRect());
            return leaves.filter((_, n) => boxes.some((b, m) => m > n && boxes[n].right > b.left + 1 &&
                b.right > boxes[n].left + 1 && boxes[n].bottom > b.top + 3 && b.bottom > boxes[n].top + 3))
                .map((leaf) => leaf.textContent);
        })"""
    )
    return found


def test_a_restart_of_the_server_is_shown_and_loses_nothing(site: WebProcess, scene: Scene, open_page: Open) -> None:
    page = open_page(site)
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(cards(page), "Klingelt")
    site.stop()
    expect(page.get_by_text(re.compile("Keine Verbindung seit"))).to_be_visible()
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


def test_the_page_says_when_the_event_log_is_away_although_the_server_is_there(
    start: Start, own_valkey: Valkey, open_page: Open
) -> None:
    own_valkey.start()
    site = start(own_valkey.url)
    site.start()
    page = open_page(site)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    own_valkey.stop()
    expect(page.get_by_text(re.compile("Anrufe kommen seit .* nicht an"))).to_be_visible()
    own_valkey.start()
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()


def test_a_server_that_has_gone_silent_is_noticed(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    page.clock.install()
    page.goto(f"{web.url}/?#token={web.token()}")
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    page.clock.fast_forward(60_000)  # as after a sleep of the computer
    with page.expect_request("**/events"):
        page.clock.fast_forward(10_000)
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()


def test_the_reader_of_the_stream_understands_it_however_it_is_cut(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    wire = (
        ": hello\r\nretry: 3000\r\n\r\n"
        "event: a\r\nid: 1-0\r\ndata: {\r\ndata:1}\r\n\r\n"
        "data: x\n\n:\n\nid: 2-0\rdata: ü\r\r\n"
    )
    found = page.evaluate(
        """async (wire) => {
            const { EventStreamParser } = await import("/static/sse.js");
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


def test_half_an_event_of_a_lost_connection_is_void_and_the_place_is_kept(web: WebProcess, open_page: Open) -> None:
    page = open_page(web, token=None)
    found = page.evaluate(
        """async () => {
            const { EventStreamParser } = await import("/static/sse.js");
            const parser = new EventStreamParser();
            parser.push("id: 1-0\\ndata: whole\\n\\nevent: half\\ndata: ha");
            parser.restart();
            return [parser.lastId, parser.push("data: new\\n\\n")];
        }"""
    )
    assert found == ["1-0", [{"name": "message", "data": "new"}]]


def test_a_candidate_without_a_company_is_a_name_alone(site: WebProcess, scene: Scene, open_page: Open) -> None:
    alone: tuple[Candidate, ...] = (person("Mira Öztürk"), person("Nele Öztürk"))
    scene.ring(german("+4917604069021"), *alone)
    page = open_page(site)
    expect(cards(page).locator(".title")).to_have_text("0176 04069021")
    expect(page.locator(".candidates li")).to_have_text([re.compile("Mira Öztürk"), re.compile("Nele Öztürk")])
