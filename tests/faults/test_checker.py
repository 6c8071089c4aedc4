"""The checker of the long runs finds what is put in by hand. Who is never wrong is never asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faults.announced import Call, announced
from faults.callers import IGNORED
from faults.report import report
from tests.faults.evidence import ANSWERED, DAY, LINES, NOT_REACHED, Office, contact, document, record, recorded, said


def test_an_office_in_which_all_is_as_it_should_be_is_well() -> None:
    findings = Office().findings()
    assert all(finding.well for finding in findings.values()), findings
    assert findings["Limbas"].compared == findings["browser"].compared == 2


def a_record_is_missing(office: Office) -> None:
    del office.records[1]


def a_record_is_there_twice(office: Office) -> None:
    office.records.append(record(3, ANSWERED, [1]))


def a_record_says_otherwise(office: Office) -> None:
    office.records[0]["fields"]["STATUS"] = "missed"


def a_record_has_another_time(office: Office) -> None:
    office.records[0]["fields"]["VERBUNDEN"] = "2026-11-22 18:00:06"


def a_record_is_linked_to_somebody_else(office: Office) -> None:
    office.records[0]["links"]["KUNDE"] = [2]


def a_strangers_record_is_linked(office: Office) -> None:
    office.records[1]["links"]["KUNDE"] = [2]


def a_record_is_of_a_call_that_nobody_announced(office: Office) -> None:
    office.said = [each for each in office.said if ";1;" not in each.line]


def an_ignored_caller_has_a_record(office: Office) -> None:
    ignored = Call("inbound", "+492214710999", "4710000003", started="2026-11-22 18:00:36", status="missed")
    office.records.append(record(3, ignored, []))


@pytest.mark.parametrize(
    ("put_in", "kind"),
    [
        (a_record_is_missing, "lost"),
        (a_record_is_there_twice, "doubled"),
        (a_record_says_otherwise, "wrong"),
        (a_record_has_another_time, "wrong"),
        (a_record_is_linked_to_somebody_else, "wrong"),
        (a_strangers_record_is_linked, "wrong"),
        (a_record_is_of_a_call_that_nobody_announced, "wrong"),
        (an_ignored_caller_has_a_record, "leaked"),
    ],
)
def test_in_limbas_it_finds(put_in: Callable[[Office], None], kind: str) -> None:
    office = Office()
    put_in(office)
    assert getattr(office.findings()["Limbas"], kind)


def an_event_never_came(office: Office) -> None:
    del office.messages[1]


def a_call_never_came(office: Office) -> None:
    del office.messages[3]


def an_event_came_twice(office: Office) -> None:
    office.messages.append(office.messages[-1])


def an_event_came_too_late(office: Office) -> None:
    office.messages.insert(0, office.messages.pop(1))
    office.messages.insert(0, office.messages.pop(2))


def a_call_ended_otherwise(office: Office) -> None:
    office.messages[0][2]["call"]["outcome"] = "missed"


def a_call_is_shown_with_somebody_elses_name(office: Office) -> None:
    office.messages[1] = ("contact.resolved", "2-0", contact(ANSWERED, 2))


def a_call_is_said_to_be_in_anothers_record(office: Office) -> None:
    office.messages[2] = ("call.recorded", "3-0", recorded(ANSWERED, 2))


def an_ignored_caller_is_shown(office: Office) -> None:
    ignored = Call("inbound", "+492214710999", "4710000003", started="2026-11-22 18:00:36", status="missed")
    office.messages.append(("call.ended", "6-0", {"call": document(ignored)}))


def nobody_invited_it(office: Office) -> None:
    office.invitation = None


@pytest.mark.parametrize(
    ("put_in", "kind"),
    [
        (an_event_never_came, "lost"),
        (a_call_never_came, "lost"),
        (an_event_came_twice, "doubled"),
        (an_event_came_too_late, "doubled"),
        (a_call_ended_otherwise, "wrong"),
        (a_call_is_shown_with_somebody_elses_name, "wrong"),
        (a_call_is_said_to_be_in_anothers_record, "wrong"),
        (an_ignored_caller_is_shown, "leaked"),
        (nobody_invited_it, "leaked"),
    ],
)
def test_in_a_browser_it_finds(put_in: Callable[[Office], None], kind: str) -> None:
    office = Office()
    put_in(office)
    assert getattr(office.findings()["browser"], kind)


def test_it_finds_a_number_in_a_log_and_an_ignored_one_in_what_is_stored() -> None:
    office = Office()
    office.logs["matcher.log"] = "looking up +493023125100"
    office.storage["appendonly.aof"] += f";{IGNORED};"
    findings = office.findings()
    assert findings["logs"].leaked == ["a number in matcher.log"]
    assert findings["Redis and spools"].leaked == ["an ignored number in appendonly.aof"]


@pytest.mark.parametrize("nothing", [{}, {"a file": ""}], ids=["no files", "empty ones"])
def test_who_has_nothing_to_look_through_finds_that(nothing: dict[str, str]) -> None:
    office = Office()
    office.logs = office.storage = nothing
    findings = office.findings()
    assert [findings[where].wrong for where in ("logs", "Redis and spools")] == [
        ["there was nothing to look through"],
        ["there was nothing to look through"],
    ]


def test_a_picture_stands_in_for_the_events_before_it() -> None:
    office = Office()
    views = [
        {
            "call": document(call),
            "contact": contact(call, known),
            "record": recorded(call, number),
        }
        for number, (call, known) in enumerate([(ANSWERED, 1), (NOT_REACHED, None)], start=1)
    ]
    office.messages = [("snapshot", "5-0", {"calls": views})]
    assert office.findings()["browser"].well
    office.messages = [("snapshot", "4-1", {"calls": views})]
    assert office.findings()["browser"].lost == ["event 5-0 never came"]


def test_what_the_box_says_to_nobody_is_not_announced() -> None:
    assert announced(said(*LINES, listeners=0)) == []
    heard = [*said(LINES[0], listeners=0), *said(LINES[2], LINES[4])]
    [call] = announced(heard)
    assert (call.own_number, call.started, call.status, call.duration) == ("", "", "answered", 30)


def test_a_call_whose_end_nobody_heard_is_lost_when_its_connection_is_used_again() -> None:
    [first, second] = announced(said(LINES[0], f"{DAY} 18:01:00;RING;0;;4710000009;SIP0;"))
    assert (first.status, first.ended, second.status, second.remote) == ("lost", "", "ringing", "")


@pytest.mark.parametrize(
    "taken", [f"RING;0;{IGNORED};4710000009;SIP0;", f"CALL;0;20;4710000009;{IGNORED};SIP0;", f"CONNECT;0;10;{IGNORED};"]
)
def test_a_call_is_lost_when_its_connection_is_found_to_be_an_ignored_callers(taken: str) -> None:
    end = f"{DAY} 18:01:09;DISCONNECT;0;9;"
    [lost] = announced(said(LINES[0], f"{DAY} 18:01:00;{taken}", end))
    assert (lost.own_number, lost.connected, lost.ended, lost.status) == ("4710000001", "", "", "lost")
    [_, unknown] = announced(said(LINES[0], f"{DAY} 18:01:00;{taken}", end, end))
    assert (unknown.own_number, unknown.remote, unknown.status) == ("", "", "answered")


def test_the_report_names_no_number_and_says_what_is_wrong() -> None:
    office = Office()
    a_record_says_otherwise(office)
    text = report(list(office.findings().values()), {"Redis kill -9": 2}, calls=3, died=["web ended with 1: so"])
    assert "3 calls, 2 faults" in text
    assert "| Limbas | 2 |  | 0 | 0 | 1 | 0 |" in text
    assert "- Limbas, wrong: call on 4710000001 at 2026-11-22 18:00:01 (answered): status is 'missed'" in text
    assert "- web ended with 1: so" in text
    assert "3023125100" not in text
