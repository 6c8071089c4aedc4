"""A contact that comes long after the call: its record is linked, and nothing else in it is touched."""

from __future__ import annotations

import time
from typing import Any

import pytest

from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, Outcome, RemoteNumber, Source, State
from shared.unknown_calls import DAY, UnknownCall, UnknownCalls
from tests.logger.office import Office
from tests.logger.office import it_is as it_is_at_once
from tests.shared.making import START, an_event
from tests.waiting import eventually

NUMBER = "+49302312501"


def it_is(call_id: str, record_id: int, name: str = "Somebody") -> ContactResolved:
    """Somebody found out after all."""
    return it_is_at_once(call_id, record_id, name).model_copy(update={"late": True})


def nobody(call_id: str, *candidates: Candidate) -> ContactResolved:
    return ContactResolved(call_id=call_id, candidates=candidates)


def ended(call_id: str, **changes: Any) -> Any:
    return an_event(call_id, seq=2, state=State.ENDED, outcome=Outcome.MISSED, ended_at=START, **changes)


def unknown(office: Office, days: float = 36500) -> list[UnknownCall]:
    return UnknownCalls(office.log, days).all()


def test_a_call_of_nobody_known_is_kept_by_its_number_until_it_is_known_who_it_was(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), nobody("one"))
        office.wait_until_settled()
        assert unknown(office) == [UnknownCall("one", NUMBER)]
        office.happens(it_is("one", 5))
        eventually(lambda: unknown(office) == [])
    assert office.records()["one"]["KUNDE"] == [5]


@pytest.mark.parametrize("remote", [RemoteNumber(received="", suppressed=True), RemoteNumber(received="**610")])
def test_a_call_without_a_number_of_the_outside_world_is_not_waited_for(office: Office, remote: RemoteNumber) -> None:
    with office.logger():
        office.happens(an_event("one", remote=remote), nobody("one"))
        office.wait_until_settled()
        assert office.records()
    assert unknown(office) == []


def test_its_entry_in_the_ledger_outlives_the_event_log(office: Office) -> None:
    with office.logger():
        office.happens(an_event("unknown"), nobody("unknown"), an_event("known"), it_is("known", 5))
        office.wait_until_settled()
    kept = {call: office.log.redis.ttl(office.log.keys.beside(f"record:{call}")) for call in ("unknown", "known")}
    assert kept["known"] <= 2 * DAY < 30 * DAY < kept["unknown"] <= 31 * DAY


def test_what_people_wrote_into_the_record_since_then_stays(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), nobody("one"), ended("one"))
        eventually(lambda: office.records().get("one", {}).get("STATUS") == "missed")
        office.wait_until_settled()
        office.control(
            "PATCH", f"records/ANRUFE/{office.records()['one']['ID']}", {"STATUS": "done", "NEBENSTELLE": "Eva"}
        )
        office.happens(it_is("one", 5, "Günther Weiß"))
        eventually(lambda: office.records()["one"]["KUNDE"] == [5])
        office.wait_until_settled()
    record = office.records()["one"]
    assert (record["STATUS"], record["NEBENSTELLE"], record["KONTAKT_NAME"]) == ("done", "Eva", "Günther Weiß")


def test_a_name_that_a_person_wrote_stays_and_one_of_ours_does_not(office: Office) -> None:
    two = [Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table="KUNDEN", record_id=1) for name in "AB"]
    with office.logger():
        for call in ("ours", "theirs"):
            office.happens(an_event(call), nobody(call, *two), ended(call))
        eventually(lambda: {r["KONTAKT_NAME"] for r in office.records().values()} == {"A / B"})
        office.wait_until_settled()
        office.control("PATCH", f"records/ANRUFE/{office.records()['theirs']['ID']}", {"KONTAKT_NAME": "Eva's sister"})
        office.happens(it_is("ours", 5, "Eva"), it_is("theirs", 5, "Eva"))
        eventually(lambda: [r["KUNDE"] for r in office.records().values()] == [[5], [5]])
        office.wait_until_settled()
    assert {call: record["KONTAKT_NAME"] for call, record in office.records().items()} == {
        "ours": "Eva",
        "theirs": "Eva's sister",
    }


def test_a_link_that_a_person_made_meanwhile_stays(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), nobody("one"), ended("one"))
        office.wait_until_settled()
        office.control("PATCH", f"records/ANRUFE/{office.records()['one']['ID']}", {"KUNDE": [9]})
        office.happens(it_is("one", 5))
        office.wait_until_settled()
        eventually(lambda: unknown(office) == [])
    assert office.records()["one"]["KUNDE"] == [9]


def test_the_end_of_a_call_is_written_even_if_the_contact_comes_with_it(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), nobody("one"))
        office.wait_until_settled()
    office.happens(ended("one"), it_is("one", 5))
    with office.logger("logger-2"):
        office.wait_until_settled()
    assert (office.records()["one"]["STATUS"], office.records()["one"]["KUNDE"]) == ("missed", [5])


def test_the_place_of_an_unknown_number_is_nobodys_name(office: Office) -> None:
    place = Candidate(source=Source.NUMBERING_PLAN, match=Match.PLACE, confidence=0, name="Berlin")
    with office.logger():
        office.happens(an_event("one"), nobody("one", place))
        office.wait_until_settled()
    assert office.records()["one"]["KONTAKT_NAME"] in ("", None)


def test_calls_that_are_too_old_are_forgotten(event_log: EventLog) -> None:
    calls, now = UnknownCalls(event_log, days=30), time.time()
    event_log.redis.zadd(calls.key, {f"new {NUMBER}": now - 29 * DAY, f"old {NUMBER}": now - 31 * DAY})
    assert calls.all() == [UnknownCall("new", NUMBER)]
    assert event_log.redis.zcard(calls.key) == 1
