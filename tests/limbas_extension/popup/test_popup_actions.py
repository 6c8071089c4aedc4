"""What a click on a pop-up does in Limbas: records opened, made, searched and chosen, in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shared.event_log import EventLog
from shared.events import CallRecorded, ContactResolved, Outcome
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.tables import CALLS, CONTACTS, PHONE_TEST
from tests.limbas_extension.popup.conftest import ANRUFE, KUNDEN, Configured, OpenLimbas
from tests.limbas_extension.popup.people import (
    ANNA,
    ANNAS_NUMBER,
    HELGA,
    HORST,
    SCHROEDERS_NUMBER,
    STRANGERS_NUMBER,
)
from tests.limbas_extension.popup.screen import main_frame, opened, popup, popups, says, shows_record
from tests.web.scenes import MUNICH, Scene, german

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("limbas_version", ["7", "5"])
def test_a_click_opens_the_customer_in_the_main_frame(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    scene.ring(ANNAS_NUMBER, ANNA)
    popups(page).get_by_role("link", name="Anna Schmidt").click()
    shows_record(page, KUNDEN, 3)


def test_the_whole_upper_part_of_the_pop_up_can_be_clicked(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    scene.ring(ANNAS_NUMBER, ANNA)
    company = popups(page).get_by_text("Autohaus Schmidt GmbH").bounding_box()
    assert company
    page.mouse.click(company["x"] + company["width"] - 5, company["y"] + company["height"] / 2)
    shows_record(page, KUNDEN, 3)


def test_another_click_opens_the_calls_own_record(
    open_limbas: OpenLimbas, scene: Scene, event_log: EventLog, limbas: LimbasSimulator
) -> None:
    call = scene.end(scene.ring(ANNAS_NUMBER, ANNA, ago=60), Outcome.MISSED, recorded=False)
    page = open_limbas()
    says(popups(page), "Verpasst")
    expect(popups(page).get_by_role("link", name="Anruf öffnen")).to_be_hidden()
    record = limbas.store.insert(CALLS)
    event_log.publish(CallRecorded(call_id=call.id, table="ANRUFE", record_id=record))
    popups(page).get_by_role("link", name="Anruf öffnen").click()
    shows_record(page, ANRUFE, record)


def test_pop_up_and_clock_go_on_while_pages_change_in_the_main_frame(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    scene.ring(ANNAS_NUMBER, ANNA)
    says(popups(page), "Anna Schmidt")
    page.evaluate("window.thePopup = document.querySelector('.callmonitor-popup')")
    for record in (3, 4):
        page.evaluate(
            "url => document.getElementById('main').contentWindow.location.href = url",
            f"main.php?action=gtab_change&gtabid={KUNDEN}&ID={record}",
        )
        shows_record(page, KUNDEN, record)
    assert page.evaluate("window.thePopup === document.querySelector('.callmonitor-popup')")
    before = popups(page).locator(".callmonitor-clock").inner_text()
    expect(popups(page).locator(".callmonitor-clock")).not_to_have_text(before)


def test_of_several_candidates_one_is_chosen_pinned_and_opened(
    open_limbas: OpenLimbas, scene: Scene, event_log: EventLog
) -> None:
    page = open_limbas()
    call = scene.ring(SCHROEDERS_NUMBER, HELGA, HORST)
    says(popups(page), "069 90009330", "Wer ist es?")
    popups(page).get_by_role("button", name="Horst Schröder").click()
    shows_record(page, KUNDEN, 21)
    says(popups(page), "Horst Schröder", "Von Hand zugeordnet")
    expect(popups(page).get_by_text("Wer ist es?")).to_be_hidden()
    published = [logged.event for logged in event_log.between("0-0", "+", count=100)]
    [answer] = [event for event in published if isinstance(event, ContactResolved) and event.call_id == call.id][1:]
    assert [(who.name, who.match) for who in answer.candidates] == [("Horst Schröder", "pinned")]


def test_a_choice_that_cannot_be_saved_opens_the_record_and_says_so(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    page.route("**/api/calls/**", lambda route: route.abort())
    scene.ring(SCHROEDERS_NUMBER, HELGA, HORST)
    popups(page).get_by_role("button", name="Helga Schröder").click()
    shows_record(page, KUNDEN, 20)
    expect(page.get_by_role("status").filter(has_text="Die Zuordnung wurde nicht gespeichert.")).to_be_visible()


def test_for_a_stranger_a_new_customer_is_made_with_the_number_filled_in(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    created = []
    page.on("request", lambda request: created.append(request.url) if "gtab_neu" in request.url else None)
    scene.ring(STRANGERS_NUMBER, MUNICH)
    says(popups(page), "Unbekannte Nummer, München")
    assert created == []
    popups(page).get_by_role("button", name="Neuer Kunde").dblclick()
    number = main_frame(page).locator(f"[name=g_{KUNDEN}_5]")
    expect(number).to_have_value("089 99998012")
    assert len(created) == 1
    assert opened(page)["action"] == "gtab_neu"


def test_the_number_that_was_filled_in_is_saved_with_the_form(
    open_limbas: OpenLimbas, scene: Scene, limbas: LimbasSimulator
) -> None:
    page = open_limbas()
    scene.ring(STRANGERS_NUMBER, MUNICH)
    popups(page).get_by_role("button", name="Neuer Kunde").click()
    expect(main_frame(page).locator(f"[name=g_{KUNDEN}_5]")).to_have_value("089 99998012")
    created = int(main_frame(page).locator("[name=ID]").input_value())
    main_frame(page).locator(f"[name=g_{KUNDEN}_2]").fill("Neumann")
    main_frame(page).get_by_role("button", name="übernehmen").click()
    shows = main_frame(page).locator(f"[name=g_{KUNDEN}_2]")
    expect(shows).to_have_value("Neumann")
    saved = limbas.store.record(CONTACTS, created)
    assert saved
    assert (saved[2], saved[5]) == ("Neumann", "089 99998012")


def test_no_number_is_filled_into_another_page_than_the_new_record(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    scene.ring(STRANGERS_NUMBER, MUNICH)
    page.route("**/main.php?action=gtab_neu*", lambda route: route.fulfill(status=204))
    popups(page).get_by_role("button", name="Neuer Kunde").click()
    page.evaluate(
        "url => document.getElementById('main').contentWindow.location.href = url",
        f"main.php?action=gtab_change&gtabid={KUNDEN}&ID=4",
    )
    shows_record(page, KUNDEN, 4)
    expect(main_frame(page).locator(f"[name=g_{KUNDEN}_6]")).not_to_have_value("089 99998012")
    expect(main_frame(page).locator(f"[name=g_{KUNDEN}_5]")).not_to_have_value("089 99998012")


def test_a_number_is_searched_however_it_is_written_and_in_no_address(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    scene.ring(german("+492214710300"), MUNICH)
    says(popups(page), "0221 4710300")
    popups(page).get_by_role("button", name="In Limbas suchen").click()
    rows = main_frame(page).locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("02 21.47.10.300")
    assert [address for address in addresses if "4710300" in address.replace("%25", "").replace("%", "")] == []


def test_who_may_not_write_is_not_offered_a_new_customer(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas("leser")
    scene.ring(STRANGERS_NUMBER, MUNICH)
    expect(popups(page).get_by_role("button", name="In Limbas suchen")).to_be_visible()
    expect(popups(page).get_by_role("button", name="Neuer Kunde")).to_have_count(0)


def test_of_several_tables_of_contacts_each_is_named(
    open_limbas: OpenLimbas, scene: Scene, configured: Configured
) -> None:
    configured(contact_tables={"KUNDEN": ["TELEFON"], "TELTEST": ["NUMMER"]})
    page = open_limbas()
    scene.ring(STRANGERS_NUMBER, MUNICH)
    expect(popups(page).locator(".callmonitor-actions").get_by_role("button")).to_have_text(
        ["Neu in Kunden", "In Kunden suchen", "Neu in Teltest", "In Teltest suchen"]
    )
    popups(page).get_by_role("button", name="Neu in Teltest").click()
    expect(main_frame(page).locator(f"[name=g_{PHONE_TEST.id}_3]")).to_have_value("089 99998012")


def test_a_click_on_a_phone_number_says_what_is_missing_and_asks_nobody(
    open_limbas: OpenLimbas, limbas: LimbasSimulator
) -> None:
    record = limbas.store.insert(PHONE_TEST)
    limbas.store.write(PHONE_TEST, record, {3: "0221 4710123"})
    page = open_limbas()
    page.evaluate(
        "url => document.getElementById('main').contentWindow.location.href = url",
        f"main.php?action=gtab_change&gtabid={PHONE_TEST.id}&ID={record}",
    )
    requests: list[str] = []
    dial = main_frame(page).locator(".lmb-dial")
    expect(dial).to_be_visible()
    page.on("request", lambda request: requests.append(request.url))
    dial.click()
    expect(page.get_by_role("status").filter(has_text="Bitte wählen Sie 02214710123 am Telefon.")).to_be_visible()
    assert [address for address in requests if "dialNumber" in address or "4710123" in address] == []


def test_pop_ups_are_dealt_with_by_keyboard(open_limbas: OpenLimbas, scene: Scene) -> None:
    page = open_limbas()
    main_frame(page).locator("body").click()
    scene.ring(SCHROEDERS_NUMBER, HELGA, HORST)
    scene.ring(ANNAS_NUMBER, ANNA)
    expect(popups(page)).to_have_count(2)
    assert page.evaluate("document.activeElement.closest('.callmonitor-popups')") is None, "the focus was stolen"
    popups(page).get_by_role("link", name="Anna Schmidt").focus()
    page.keyboard.press("Escape")
    expect(popups(page)).to_have_count(1)
    expect(popup(page, "069 90009330").get_by_role("button", name="Schließen")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shows_record(page, KUNDEN, 20)
