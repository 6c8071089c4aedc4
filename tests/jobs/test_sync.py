"""The sync: contacts come from Limbas into the index, one sync at a time, whatever Limbas does meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from redis.exceptions import RedisError

from shared.contacts.index import ContactIndex
from shared.contacts.problems import MOST_KEPT, Problem, ProblemList
from shared.contacts.reading import _one_ahead
from shared.contacts.sync_state import Progress, Stage, SyncState, SyncTaken
from shared.event_log import ORIGIN, EventLog
from shared.events import ContactResolved
from shared.limbas.errors import TimedOut
from shared.limbas.query import Row
from shared.numbers import Reason
from shared.unknown_calls import UnknownCall, UnknownCalls
from tests.jobs.conftest import Office
from tests.waiting import eventually

InBackground = Callable[[Callable[[], None]], threading.Thread]
SCHMIDT = "+493023125201"


def progress(office: Office) -> Progress:
    found = SyncState(office.log).progress()
    assert found
    return found


def published(office: Office) -> list[ContactResolved]:
    events = [logged.event for logged in office.log.read(ORIGIN, count=1000, block_seconds=0.01)]
    return [event for event in events if isinstance(event, ContactResolved)]


def test_a_sync_puts_all_contacts_into_the_index_and_says_how_many(office: Office) -> None:
    office.sync().after_running()
    [[candidate]] = ContactIndex(office.log).lookup([SCHMIDT])
    assert candidate.name == "Anna Schmidt"
    done = progress(office)
    assert (done.stage, done.table) == (Stage.DONE, "KUNDEN")
    assert done.read == done.total == len(office.control("GET", "records/KUNDEN"))
    assert done.numbers > 30


def test_what_is_no_number_is_listed_with_its_record_and_the_reason(office: Office) -> None:
    wrong = {"TELEFON": "030 23125300; 030 1", "MOBIL": "+999 12345678"}
    record = office.control("POST", "records/KUNDEN", {"NAME": "Wolf", **wrong})["id"]
    office.sync().after_running()
    problems = ProblemList(office.log).load()
    assert progress(office).problems == problems.count == len(problems.kept)
    found = {problem.field: (problem.text, problem.reason) for problem in problems.kept if problem.record_id == record}
    assert found == {
        "TELEFON": ("030 1", Reason.TOO_SHORT),
        "MOBIL": ("+999 12345678", Reason.UNKNOWN_COUNTRY),
    }


def test_problems_that_were_put_right_are_gone_after_the_next_sync(office: Office) -> None:
    record = office.control("POST", "records/KUNDEN", {"NAME": "Wolf", "TELEFON": "unbekannt"})["id"]
    office.sync().after_running()
    before = ProblemList(office.log).load().count
    office.control("PATCH", f"records/KUNDEN/{record}", {"TELEFON": "030 23125333"})
    office.sync().after_running()
    assert ProblemList(office.log).load().count == before - 1


def test_of_very_many_problems_only_the_first_are_kept(event_log: EventLog) -> None:
    problem = Problem(table="KUNDEN", record_id=1, field="TELEFON", text="?" * 1000, reason=Reason.NO_NUMBER)
    ProblemList(event_log).replace([problem] * (MOST_KEPT + 5), 7_000_000)
    problems = ProblemList(event_log).load()
    assert (problems.count, len(problems.kept), len(problems.kept[0].text)) == (7_000_000, MOST_KEPT, 200)


def test_two_syncs_never_run_at_once_and_the_one_that_is_wanted_now_waits_its_turn(
    office: Office, in_background: InBackground
) -> None:
    office.control("PUT", "faults/slow", {"seconds": 0.3})
    running = in_background(office.sync().after_running)
    eventually(lambda: SyncState(office.log).progress())
    first = progress(office).sync
    office.sync().unless_running()
    assert (running.is_alive(), progress(office).sync) == (True, first), "the scheduled one has left it at that"
    waiting = in_background(office.sync().after_running)
    running.join(10)
    waiting.join(10)
    assert progress(office).sync != first
    assert progress(office).stage is Stage.DONE


def test_who_died_in_the_middle_holds_nobody_up_for_long(event_log: EventLog) -> None:
    state = SyncState(event_log)
    assert state.take("dead")
    assert not state.take("next")
    assert 5 < event_log.redis.ttl(event_log.keys.beside("contacts:syncing")) <= 10


def test_who_was_silent_for_too_long_does_not_go_on(event_log: EventLog, office: Office) -> None:
    state = SyncState(event_log)
    office.sync().after_running()
    of_another = progress(office)
    state.take("mine")
    event_log.redis.delete(event_log.keys.beside("contacts:syncing"))
    assert state.take("yours")
    with pytest.raises(SyncTaken):
        state.report(of_another.model_copy(update={"sync": "mine"}))
    state.release("mine")
    assert not state.take("third"), "another one's hold is not released"


def test_while_limbas_is_away_the_sync_waits_says_why_and_goes_on(office: Office, in_background: InBackground) -> None:
    office.control("PUT", "faults/server-error", {"count": 2})
    in_background(office.sync().after_running)
    eventually(lambda: SyncState(office.log).progress() and progress(office).stage is Stage.WAITING)
    assert progress(office).because.endswith(".")
    eventually(lambda: progress(office).stage is Stage.DONE, within=10)


def test_a_failure_is_told_to_who_watches_and_leaves_the_next_sync_free(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> int:
        raise RedisError("lost")

    sync = office.sync()
    with monkeypatch.context() as patched:
        patched.setattr(ContactIndex, "replace", lost)
        with pytest.raises(RedisError):
            sync.after_running()
    assert (progress(office).stage, progress(office).because) == (Stage.FAILED, "RedisError: lost")
    office.sync().unless_running()
    assert progress(office).stage is Stage.DONE


def test_a_sync_says_of_unknown_calls_who_it_was_once_and_only_where_that_is_sure(office: Office) -> None:
    calls = {"anna": SCHMIDT, "again": SCHMIDT, "two people": "+496990009330", "nobody": "+493023125999"}
    now = float(office.log.redis.time()[0])
    unknown = UnknownCalls(office.log, days=30)
    office.log.redis.zadd(unknown.key, {f"{call.replace(' ', '-')} {number}": now for call, number in calls.items()})
    office.sync().after_running()
    assert {event.call_id for event in published(office)} == {"anna", "again"}
    assert all(event.sure and event.late and event.candidates[0].name == "Anna Schmidt" for event in published(office))
    assert progress(office).linked == 2
    assert {call.call_id for call in unknown.all()} == {"two-people", "nobody"}
    office.sync().after_running()
    assert len(published(office)) == 2


def test_calls_older_than_the_person_wants_are_left_alone(office: Office) -> None:
    now = float(office.log.redis.time()[0])
    unknown = UnknownCalls(office.log, days=3)
    old, new = UnknownCall("old", SCHMIDT), UnknownCall("new", SCHMIDT)
    office.log.redis.zadd(unknown.key, {str(old): now - 4 * 24 * 3600, str(new): now - 2 * 24 * 3600})
    office.sync(late_link_days=3).after_running()
    assert [event.call_id for event in published(office)] == ["new"]


def test_who_leaves_in_the_middle_does_not_wait_for_a_page_that_does_not_come() -> None:
    never = threading.Event()

    def pages() -> Iterator[list[Row]]:
        yield [Row(1, {}, {})]
        never.wait(20)

    reading = _one_ahead(pages())
    assert next(reading)[0].id == 1
    began = time.monotonic()
    reading.close()
    assert time.monotonic() - began < 5
    never.set()


def test_what_goes_wrong_with_a_page_comes_after_the_pages_before_it() -> None:
    def pages() -> Iterator[list[Row]]:
        yield [Row(1, {}, {})]
        raise TimedOut("too late")

    reading = _one_ahead(pages())
    assert next(reading)[0].id == 1
    with pytest.raises(TimedOut):
        next(reading)
