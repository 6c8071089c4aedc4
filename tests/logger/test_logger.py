"""The logger against a simulated Limbas: one record per call, at its newest state, whatever happens on the way."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any

import pytest

from services.logger import ledger
from shared.event_log import EventLog
from shared.events import CallEvent, Outcome, State
from shared.limbas_state import LimbasState, told
from tests.logger.office import Office, it_is
from tests.shared.making import START, an_event
from tests.waiting import eventually

LATER = START + timedelta(seconds=9)


def life(call_id: str) -> list[CallEvent]:
    """A call that rings, is answered and ends."""
    return [
        an_event(call_id),
        an_event(call_id, seq=2, state=State.CONNECTED, connected_at=LATER),
        an_event(
            call_id, seq=3, state=State.ENDED, connected_at=LATER, ended_at=LATER, outcome=Outcome.ANSWERED, duration=7
        ),
    ]


def test_a_call_has_a_record_as_soon_as_it_rings_and_the_record_follows_it(office: Office) -> None:
    ringing, connected, ended = life("one")
    with office.logger():
        for event, status in ((ringing, "ringing"), (connected, "connected"), (ended, "answered")):
            office.happens(event)
            eventually(lambda now=status: office.records().get("one", {}).get("STATUS") == now)  # type: ignore[misc]
    record = office.records()["one"]
    assert record["DAUER"] == 7
    assert record["BEGINN"] == "2026-11-22 19:00:01", "Berlin's time, as Limbas keeps it"
    assert record["RUFNUMMER"] == "+49302312501"


def test_the_record_is_linked_to_the_contact_and_its_place_is_announced(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), it_is("one", 5, "Günther Weiß"))
        eventually(lambda: office.records().get("one", {}).get("KUNDE") == [5])
        eventually(lambda: office.announced() and office.announced()[-1].linked_id == 5)
    record, announced = office.records()["one"], office.announced()[-1]
    assert record["KONTAKT_NAME"] == "Günther Weiß"
    assert (announced.table, announced.record_id, announced.linked_table) == ("ANRUFE", record["ID"], "KUNDEN")


def test_a_contact_that_is_known_before_the_call_is_not_forgotten(office: Office) -> None:
    with office.logger():
        office.happens(it_is("one", 5))
        eventually(office.settled)
        office.happens(an_event("one"))
        eventually(lambda: office.records().get("one", {}).get("KUNDE") == [5])


def test_another_contact_after_all_is_linked_in_place_of_the_first(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), it_is("one", 5))
        eventually(lambda: office.records().get("one", {}).get("KUNDE") == [5])
        office.happens(it_is("one", 6))
        eventually(lambda: office.records()["one"]["KUNDE"] == [6])


def test_a_link_that_a_person_made_is_kept(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"), it_is("one", 5))
        eventually(lambda: office.records().get("one", {}).get("KUNDE") == [5])
        office.wait_until_settled()
        office.control("PATCH", f"records/ANRUFE/{office.records()['one']['ID']}", {"KUNDE": [9]})
        office.happens(it_is("one", 6), *life("one")[1:])
        eventually(lambda: office.records()["one"]["STATUS"] == "answered")
        office.wait_until_settled()
    assert office.records()["one"]["KUNDE"] == [9]


def test_a_record_that_a_person_deleted_does_not_come_back(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"))
        eventually(lambda: office.records())
        office.wait_until_settled()
        office.control("DELETE", f"records/ANRUFE/{office.records()['one']['ID']}")
        office.happens(*life("one")[1:])
        office.wait_until_settled()
    assert office.records() == {}


@pytest.mark.parametrize("seed", range(3))
def test_events_that_are_late_doubled_and_shuffled_leave_the_newest_state(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    events: list[Any] = []
    for number in range(20):
        story = [*life(f"call-{number}"), it_is(f"call-{number}", 1 + number)]
        events += story + chance.sample(story, 2)
    chance.shuffle(events)
    for event in events:  # past the ledger of what was published: another producer, or a replay
        office.log.redis.xadd(office.log.keys.stream, {"event": event.model_dump_json()})
    with office.logger("one"), office.logger("two"), office.logger("three"):
        office.wait_until_settled(20)
    records = office.records()
    assert {i: (r["STATUS"], r["KUNDE"]) for i, r in records.items()} == {
        f"call-{number}": ("answered", [1 + number]) for number in range(20)
    }


def test_replaying_the_whole_stream_changes_nothing(office: Office) -> None:
    office.happens(*life("one"), it_is("one", 5))
    with office.logger():
        office.wait_until_settled()
    before = office.records()
    writes = office.control("GET", "counters")["actions"]
    office.log.redis.xgroup_setid(office.log.keys.stream, "logger", id="0")
    with office.logger():
        office.wait_until_settled()
    assert office.records() == before
    assert office.control("GET", "counters")["actions"] == writes, "nothing was even asked"


def test_a_replay_that_finds_no_ledger_finds_the_records(office: Office) -> None:
    office.happens(*life("one"), it_is("one", 5))
    with office.logger():
        office.wait_until_settled()
    office.log.redis.delete("{callmonitor:events}:record:one")
    office.log.redis.xgroup_setid(office.log.keys.stream, "logger", id="0")
    with office.logger():
        office.wait_until_settled()
    assert office.records()["one"]["STATUS"] == "answered"


@pytest.mark.parametrize(
    "fault", ["down", "server-error", "restarting", "warning", "cut-off", "answer-lost", "half-done"]
)
def test_a_fault_costs_nothing_but_time(office: Office, fault: str) -> None:
    office.control("PUT", f"faults/{fault}", {"count": 3})
    with office.logger("one"), office.logger("two"):
        for number in range(10):
            office.happens(*life(f"call-{number}"), it_is(f"call-{number}", 1 + number))
        office.wait_until_settled(30)
    assert {i: (r["STATUS"], r["KUNDE"]) for i, r in office.records().items()} == {
        f"call-{number}": ("answered", [1 + number]) for number in range(10)
    }
    assert office.log.redis.xlen(office.log.keys.dead) == 0


def test_a_record_twice_is_mended_and_the_older_one_stays(office: Office) -> None:
    with office.logger():
        office.happens(an_event("one"))
        eventually(lambda: office.records())
        office.wait_until_settled()
        older = office.records()["one"]["ID"]
        office.control("POST", "records/ANRUFE", {"CALLID": "one"})
        office.happens(*life("one")[1:])
        office.wait_until_settled()
    assert office.records()["one"]["ID"] == older


@pytest.mark.parametrize("unique", [True, False])
def test_two_inserts_of_one_call_at_the_same_time_leave_one_record(office: Office, unique: bool) -> None:
    office.control("PATCH", "schema/ANRUFE/CALLID", {"unique": unique})
    with office.logger():
        office.happens(an_event("zero"))  # so that the logger has its schema, and is fast
        office.wait_until_settled()
        office.control("PUT", "faults/slow", {"seconds": 0.5, "count": 1})
        office.happens(an_event("one"))
        time.sleep(0.2)  # the insert is on its way; somebody else is faster
        office.control("POST", "records/ANRUFE", {"CALLID": "one"})
        office.wait_until_settled()
    assert {i: record["STATUS"] for i, record in office.records().items()} == {"zero": "ringing", "one": "ringing"}


def test_a_call_that_limbas_refuses_is_buried_and_the_others_are_recorded(office: Office) -> None:
    huge = an_event("huge", seq=3, state=State.ENDED, outcome=Outcome.ANSWERED, duration=123456789012)
    with office.logger():
        office.happens(an_event("one"), huge, an_event("two"))
        eventually(lambda: office.log.redis.xlen(office.log.keys.dead))
        office.wait_until_settled()
    assert set(office.records()) == {"one", "two"}
    letters: Any = office.log.redis.xrange(office.log.keys.dead)
    assert letters[0][1][b"reason"] == b"The Limbas field DAUER holds 10 digits, and this number has more."


def test_fields_that_the_site_lacks_are_left_out(office: Office) -> None:
    office.control("DELETE", "schema/ANRUFE/NEBENSTELLE")
    office.control("DELETE", "schema/ANRUFE/KUNDE")
    with office.logger():
        office.happens(*life("one"), it_is("one", 5))
        office.wait_until_settled()
    assert office.records()["one"]["STATUS"] == "answered"


def test_a_missing_table_is_waited_for(office: Office) -> None:
    office.control("PATCH", "schema/ANRUFE", {"name": "CALLS"})
    with office.logger():
        office.happens(an_event("one"))
        time.sleep(1)  # long enough to give up, for one that would
        assert not office.settled()
        assert office.log.redis.xlen(office.log.keys.dead) == 0
    with office.logger(calls={"table": "CALLS"}):
        office.wait_until_settled()


def test_calls_that_pile_up_go_in_few_requests(office: Office) -> None:
    for number in range(200):
        office.happens(*life(f"call-{number}"), it_is(f"call-{number}", 1 + number % 20))
    with office.logger():
        office.wait_until_settled(20)
    counters = office.control("GET", "counters")
    assert len(office.records()) == 200
    assert counters["actions"]["gtab_new"] == 200
    assert counters["requests"] < 60, "written one by one it would be 800"


def test_a_refused_login_stops_all_loggers_after_one_try(office: Office) -> None:
    office.control("PUT", "users/callmonitor", {"password": "another"})
    with office.logger("one"), office.logger("two"), office.logger("three"):
        office.happens(*(an_event(f"call-{number}") for number in range(6)))
        time.sleep(2)  # long enough for many tries
        assert office.control("GET", "counters")["refused_logins"] <= 3, (
            "those that were under way at the first refusal"
        )
        assert office.records() == {}
        assert told(office.log) is LimbasState.LOGIN_REFUSED


def test_everyone_is_told_that_limbas_is_away_and_that_it_is_back(office: Office) -> None:
    office.control("PUT", "faults/restarting")
    with office.logger() as consumer:
        office.happens(an_event("one"))
        eventually(lambda: told(office.log) is LimbasState.AWAY)
        assert consumer.waiting
        office.control("DELETE", "faults")
        eventually(lambda: told(office.log) is LimbasState.FINE)
        assert not consumer.waiting


@pytest.mark.parametrize(
    ("field", "change"), [("CALLID", {"size": 40}), ("CALLID", {"kind": "NUMBER"}), ("CALLID", {"name": "NR"})]
)
def test_a_table_in_which_calls_cannot_be_found_again_is_not_written_to(
    office: Office, field: str, change: dict[str, Any]
) -> None:
    office.control("PATCH", f"schema/ANRUFE/{field}", change)
    with office.logger():
        office.happens(an_event("one"))
        time.sleep(1)
        assert not office.settled()
    assert office.control("GET", "records/ANRUFE") == []


def test_a_field_of_another_kind_is_left_out(office: Office) -> None:
    office.control("PATCH", "schema/ANRUFE/BEGINN", {"kind": "NUMBER"})
    with office.logger():
        office.happens(*life("one"))
        office.wait_until_settled()
    assert office.records()["one"]["STATUS"] == "answered"


def test_a_limbas_that_reads_and_cannot_write_is_waited_for_and_costs_no_call(office: Office) -> None:
    office.control("PUT", "faults/writes-fail")
    with office.logger():
        office.happens(*(an_event(f"call-{number}") for number in range(20)))
        eventually(lambda: told(office.log) is LimbasState.AWAY)
        time.sleep(2)
        assert office.control("GET", "counters")["requests"] < 150, "it is not hammered"
        office.control("DELETE", "faults")
        eventually(lambda: len(office.records()) == 20, within=15)
    assert office.log.redis.xlen(office.log.keys.dead) == 0


@pytest.mark.parametrize("story", ["an insert", "an update"])
def test_a_write_that_happens_after_nobody_waits_for_it_any_more_does_no_harm(office: Office, story: str) -> None:
    ringing, connected, ended = life("one")
    with office.logger(limbas_timeout=0.6):
        office.happens(an_event("zero"))
        office.wait_until_settled()
        if story == "an update":
            office.happens(ringing)
            office.wait_until_settled()
        office.control("PUT", "faults/slow", {"seconds": 1.0, "count": 1 if story == "an insert" else 2})
        office.happens(connected)  # its write, or the reading before it, is slower than the logger waits
        time.sleep(0.3)
        office.happens(ended)
        office.wait_until_settled(20)
    time.sleep(1.2)  # the slow ones are over, too
    assert office.records()["one"]["STATUS"] == "answered"
    assert len(office.records()) == 2


def test_the_record_is_announced_also_when_the_news_came_in_the_wrong_order(office: Office) -> None:
    ringing, connected, _ = life("one")
    for event in (connected, ringing):
        office.log.redis.xadd(office.log.keys.stream, {"event": event.model_dump_json()})
    with office.logger():
        office.wait_until_settled()
    assert [announced.call_id for announced in office.announced()] == ["one"]


def test_the_record_is_announced_once_even_if_the_group_is_deleted_before_the_event_is_acknowledged(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledge, deleted = EventLog.ack_and_publish, list[str]()

    def delete_first(log: EventLog, group: str, done: Any) -> Any:
        if not deleted:
            deleted.append(group)
            log.redis.xgroup_destroy(log.keys.stream, group)
        return acknowledge(log, group, done)

    monkeypatch.setattr(EventLog, "ack_and_publish", delete_first)
    office.happens(*life("one"))
    with office.logger():
        eventually(lambda: deleted and office.announced() and office.settled(), within=10)
    assert [announced.call_id for announced in office.announced()] == ["one"]


def test_a_call_whose_logger_stopped_is_finished_even_if_the_group_is_deleted_before_another_takes_it_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "HOLD_SECONDS", 1)
    office.control("PUT", "faults/warning", {"count": 1000})
    office.happens(an_event("one"))
    with office.logger("one"):
        eventually(lambda: told(office.log) is LimbasState.AWAY)
    office.log.redis.xgroup_destroy(office.log.keys.stream, "logger")
    office.control("DELETE", "faults")
    office.happens(*life("one")[1:])
    with office.logger("two"):
        eventually(lambda: office.records().get("one", {}).get("STATUS") == "answered", within=10)


def test_a_call_id_field_that_may_not_be_written_keeps_everything_as_it_is(office: Office) -> None:
    office.control("PUT", "users/callmonitor", {"may_write": False})
    with office.logger():
        office.happens(an_event("one"))
        eventually(lambda: told(office.log) is LimbasState.AWAY)
    assert office.records() == {}
    assert office.log.redis.xlen(office.log.keys.dead) == 0
