"""The checker of the long runs knows who may see which call, and finds what is put in by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from faults.event import Event, Id
from faults.invitation import Invitation
from faults.watched import Watched
from tests.faults.evidence import ANSWERED, NOT_REACHED, Office, contact, document, recorded


class OneHolder(Office):
    """Of the two calls the browser may see one: it is told of that one only, from the moment on when it is its own."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__()
        self.invitation = invitation
        ringing = document(ANSWERED, state="ringing", outcome=None, extension=None, seq=1)
        self.log = [((0, 5), {"call": ringing}), ((0, 7), contact(ANSWERED, 1)), *self.log]
        opened = invitation.opened(Event.of(at, content) for at, content in self.log)
        ids = {event.at for event in opened}
        self.messages = [(_name(content), f"{at[0]}-{at[1]}", content) for at, content in self.log if at in ids]
        if opened[0].at > (0, 7) and opened[0].call_id == f"call-{ANSWERED.own_number}":
            self.messages.insert(0, ("contact.resolved", None, contact(ANSWERED, 1)))


def _name(content: dict[str, Any]) -> str:
    if "call" in content:
        return f"call.{content['call']['state']}"
    return "call.recorded" if "record_id" in content else "contact.resolved"


HOLDERS = {
    "of a number": Invitation(own_numbers=frozenset({"4710000001"})),
    "of a phone": Invitation(phones=frozenset({10})),
    "who asks for their own": Invitation(phones=frozenset({10}), mine=True),
    "of the other phone": Invitation(phones=frozenset({20})),
}


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS.keys())
def test_a_browser_that_may_see_some_calls_has_to_see_these_and_no_others(holder: Invitation) -> None:
    finding = OneHolder(holder).findings()["browser"]
    assert finding.well, finding
    assert finding.compared == 1


def test_a_phone_opens_a_call_from_the_event_on_that_names_it_and_a_number_from_its_beginning() -> None:
    events = [Event.of(at, content) for at, content in OneHolder(HOLDERS["of a number"]).log]
    assert _opened(HOLDERS["of a number"], events) == [(0, 5), (0, 7), (1, 0), (2, 0), (3, 0)]
    assert _opened(HOLDERS["of a phone"], events) == [(1, 0), (2, 0), (3, 0)]


def _opened(holder: Invitation, events: list[Event]) -> list[Id]:
    return [event.at for event in holder.opened(events)]


def another_ones_call_is_told(office: Office) -> None:
    office.messages.append(("call.ended", "4-0", {"call": document(NOT_REACHED)}))


def another_ones_name_is_told(office: Office) -> None:
    office.messages.append(("contact.resolved", "4-1", contact(NOT_REACHED, None)))


def another_ones_record_is_told_without_an_id(office: Office) -> None:
    office.messages.append(("call.recorded", None, recorded(NOT_REACHED, 2)))


def another_ones_call_is_in_the_picture(office: Office) -> None:
    office.messages.insert(0, ("snapshot", "0-1", {"calls": [{"call": document(NOT_REACHED)}]}))


def the_ring_is_told_before_the_phone_is_known(office: Office) -> None:
    office.messages.insert(0, ("call.ringing", "0-5", office.log[0][1]))


def the_ring_is_in_the_picture_before_the_phone_is_known(office: Office) -> None:
    office.messages.insert(0, ("snapshot", "0-6", {"calls": [{"call": office.log[0][1]["call"]}]}))


@pytest.mark.parametrize(
    "put_in",
    [
        another_ones_call_is_told,
        another_ones_name_is_told,
        another_ones_record_is_told_without_an_id,
        another_ones_call_is_in_the_picture,
        the_ring_is_told_before_the_phone_is_known,
        the_ring_is_in_the_picture_before_the_phone_is_known,
    ],
)
def test_in_a_browser_that_may_see_one_call_it_finds_a_leak(put_in: Callable[[Office], None]) -> None:
    office = OneHolder(HOLDERS["of a phone"])
    put_in(office)
    assert office.findings()["browser"].leaked


def its_own_call_is_kept_from_it(office: Office) -> None:
    office.messages = []


def who_called_before_the_phone_was_known_is_kept_from_it(office: Office) -> None:
    office.messages = [message for message in office.messages if message[1] is not None and message[1] != "2-0"]
    office.log = [(at, content) for at, content in office.log if at != (2, 0)]


def an_event_of_its_call_is_kept_from_it(office: Office) -> None:
    del office.messages[-1]


def an_event_of_its_call_came_twice(office: Office) -> None:
    office.messages.append(office.messages[-1])


@pytest.mark.parametrize(
    ("put_in", "kind"),
    [
        (its_own_call_is_kept_from_it, "lost"),
        (who_called_before_the_phone_was_known_is_kept_from_it, "wrong"),
        (an_event_of_its_call_is_kept_from_it, "lost"),
        (an_event_of_its_call_came_twice, "doubled"),
    ],
)
def test_in_a_browser_that_may_see_one_call_it_finds(put_in: Callable[[Office], None], kind: str) -> None:
    office = OneHolder(HOLDERS["of a phone"])
    put_in(office)
    assert getattr(office.findings()["browser"], kind)


def test_an_id_alone_stands_in_for_no_event_of_its_own_and_nothing_older_may_follow_it() -> None:
    browser = Watched("browser", HOLDERS["of a phone"])
    browser.pass_over("1-0")
    assert browser.missed([(1, 0)]) == [(1, 0)]
    browser.take("call.ended", "1-0", {"call": document(ANSWERED)}, "")
    assert browser.again == [(1, 0)]
