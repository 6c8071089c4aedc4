"""What pops up in Limbas, and when: the extension on the simulated Limbas page, in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from shared.event_log import EventLog
from shared.events import ContactResolved, Outcome
from tests.limbas_extension.popup.conftest import OpenLimbas
from tests.limbas_extension.popup.people import (
    ANNA,
    ANNAS_NUMBER,
    ISAR,
    ISARS_NUMBER,
    LISA,
    LISAS_NUMBER,
    STRANGERS_NUMBER,
    WIEBKE,
    WIEBKES_NUMBER,
)
from tests.limbas_extension.popup.screen import popup, popups, says
from tests.web.scenes import (
    IN_PHONEBOOK,
    MACHINE,
    MIRA,
    MUNICH,
    RECEPTION,
    WITHHELD,
    Scene,
    german,
    person,
)

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.title='owned'>"
COLLECT = """() => {
    window.everShown = [];
    new MutationObserver(() => {
        for (const popup of document.querySelectorAll(".callmonitor-popup")) window.everShown.push(popup.innerText);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def test_a_call_pops_up_with_all_that_is_known_and_follows_the_call(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    call = scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Klingelt", "Anna Schmidt", "Autohaus Schmidt GmbH", "030 23125201", "an 069 90009100")
    call = scene.answer(call, RECEPTION, after=1)
    says(popups(page), "Im Gespräch", "an 069 90009100 · Reception")
    scene.end(call, Outcome.ANSWERED, 125)
    says(popups(page), "Gespräch", "2:05")
    expect(popups(page)).to_have_count(1)


def test_the_clock_of_a_call_runs(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.ring(ANNAS_NUMBER, ANNA, ago=61)
    page = open_limbas()
    clock = popups(page).locator(".callmonitor-clock")
    expect(clock).to_have_text(re.compile(r"1:0\d"))
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)


def test_a_call_that_somebody_took_goes_a_few_seconds_after_its_end(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas(frozen=True)
    scene.end(scene.answer(scene.ring(ANNAS_NUMBER, ANNA)), Outcome.ANSWERED, 0)
    scene.end(scene.answer(scene.ring(LISAS_NUMBER, LISA), MACHINE), Outcome.VOICEMAIL, 0)
    page.clock.fast_forward(1_000)
    expect(popups(page)).to_have_count(2)
    page.clock.fast_forward(20_000)
    expect(popups(page)).to_have_count(0)


def test_a_call_that_is_rejected_at_once_never_pops_up(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    page.evaluate(COLLECT)
    scene.end(scene.ring(STRANGERS_NUMBER, MUNICH), Outcome.MISSED, after=0.2)
    scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Anna Schmidt")
    ever = "\n".join(page.evaluate("window.everShown"))
    assert "Anna Schmidt" in ever
    assert "99998012" not in ever


def test_a_name_that_comes_later_is_put_in(open_limbas: OpenLimbas, scene: Scene, event_log: EventLog) -> None:
    call = scene.ring(ANNAS_NUMBER, known=False)
    page = open_limbas()
    says(popups(page), "030 23125201")
    expect(popups(page)).not_to_contain_text("Unbekannt")
    expect(popups(page).get_by_role("button", name="Neuer Kunde")).to_be_hidden()
    event_log.publish(ContactResolved(call_id=call.id, candidates=(ANNA,), sure=True))
    says(popups(page), "Anna Schmidt", "Autohaus Schmidt GmbH")


@pytest.mark.parametrize(
    ("user", "notes"),
    [
        ("anna", ["Unbekannte Nummer, München", "Durchwahl dieser Firma", "Aus dem Telefonbuch der FRITZ!Box"]),
        ("emma", ["Unknown number, Munich", "Extension of this company", "From the FRITZ!Box phonebook"]),
    ],
)
def test_it_says_where_a_name_comes_from_in_the_users_language(
    open_limbas: OpenLimbas, scene: Scene, user: str, notes: list[str]
) -> None:
    for who, number in ((MUNICH, STRANGERS_NUMBER), (ISAR, ISARS_NUMBER), (IN_PHONEBOOK, LISAS_NUMBER)):
        scene.ring(number, who)
    page = open_limbas(user)
    for title, note in zip(("089 99998012", "Isar Logistik GmbH", "Bäckerei am Markt"), notes, strict=True):
        says(popup(page, title), title, note)


def test_a_withheld_number_can_neither_be_searched_nor_saved(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.ring(WITHHELD)
    page = open_limbas()
    says(popups(page), "Unbekannt", "Nummer unterdrückt")
    expect(popups(page).locator(".callmonitor-actions")).to_be_hidden()


def test_whatever_a_contact_is_called_it_is_text(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.ring(ANNAS_NUMBER, person(HOSTILE, HOSTILE.upper()))
    scene.ring(german("+498999998055"), person(HOSTILE), person(HOSTILE.upper(), "", 8))
    scene.end(scene.ring(STRANGERS_NUMBER, person(HOSTILE), ago=300), Outcome.MISSED)
    page = open_limbas()
    expect(popups(page)).to_have_count(3)
    says(popup(page, "030 23125201"), HOSTILE, HOSTILE.upper())
    assert page.locator(".callmonitor-popups img, .callmonitor-preview img").count() == 0
    assert page.title() != "owned"


def test_there_are_four_at_once_the_others_are_counted(open_limbas: OpenLimbas, scene: Scene) -> None:
    for minutes, who in enumerate((ANNA, WIEBKE, LISA, MIRA)):
        number = german(f"+4989999980{minutes}1")
        scene.end(scene.ring(number, who, ago=600 - 60 * minutes), Outcome.MISSED)
    page = open_limbas()
    expect(popups(page)).to_have_count(4)
    scene.ring(ANNAS_NUMBER, person("Nele Brandt", "", 9))
    expect(popup(page, "Nele Brandt")).to_be_visible()
    expect(popups(page)).to_have_count(4)
    expect(popup(page, "Anna Schmidt")).to_have_count(0)  # the oldest
    says(page.locator(".callmonitor-more"), "1 weiterer Anruf")
    page.get_by_role("button", name="Alle erledigt").click()
    expect(popups(page)).to_have_count(1)
    says(popups(page), "Nele Brandt")


def test_calls_that_the_office_makes_do_not_pop_up(open_limbas: OpenLimbas, scene: Scene) -> None:
    scene.dial(LISAS_NUMBER, LISA)
    scene.ring(ANNAS_NUMBER, ANNA)
    page = open_limbas()
    says(popups(page), "Anna Schmidt")
    expect(popups(page)).to_have_count(1)


def test_who_may_see_only_their_own_calls_sees_those_both_ways(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas("bernd")
    scene.ring(LISAS_NUMBER, LISA)
    scene.ring(ANNAS_NUMBER, ANNA, own="06990009155")
    says(popups(page), "Anna Schmidt")
    scene.dial(WIEBKES_NUMBER, WIEBKE)
    says(popup(page, "Wiebke Petersen"), "Wählt")
    expect(popups(page)).to_have_count(2)
    assert "Lisa" not in page.content()


def test_a_page_without_a_place_for_messages_gets_one(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas(edited=lambda top: top.replace("toast-container", "no-such-place"))
    scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Anna Schmidt")
    assert lies_at_the_lower_right(page)


def lies_at_the_lower_right(page: Page) -> bool:
    box = popups(page).first.bounding_box()
    size = page.viewport_size
    assert box
    assert size
    return size["width"] - box["x"] - box["width"] < 40 and size["height"] - box["y"] - box["height"] < 60
