"""The logger's reconciliation as a machine: whatever comes in whatever order, whoever fails or dies at it, each call
has one record at its newest state and with the right link, and what people did stays. Two loggers with a real ledger
work on a simulated Limbas; what should become of each call is kept here a second time, in the plainest way."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.logger.handler import Handler
from services.logger.ledger import Ledger
from services.logger.reconcile import Reconciler
from shared.consumer import Done, Entry, Unavailable
from shared.events import CallEvent, ContactResolved, Event, Outcome, State
from shared.limbas.actions import Action, Result
from shared.limbas.client import Limbas
from shared.limbas.settings import LimbasSettings
from shared.unknown_calls import UnknownCalls
from tests.logger.office import DAY, Office, it_is
from tests.shared.making import START, an_event

CALLS = st.integers(0, 2)
LOGGERS = st.integers(0, 1)
CONTACTS = st.sampled_from([None, 1, 2, 3])
OF_PEOPLE = st.sampled_from([8, 9])
"""Contacts that people link. Others than logger's: a link that is like one of its own cannot be told from it."""
FAULTS = st.sampled_from(["down", "server-error", "writes-fail", "warning", "cut-off", "answer-lost", "half-done"])
"""Without the login page: after a refused login nobody tries for 75 s."""
MOST_ROUNDS = 25
"""After the last fault all is done in a few."""
RUNS = itertools.count()

Link = int | None


@dataclass(frozen=True)
class Place:
    """A call's link, and the one that logger knows to have made: it makes none twice, a person may have removed it."""

    link: Link = None
    made: Link = None

    def after(self, wanted: Link, of_people: bool) -> Place:
        """When logger wants another one."""
        return self if of_people or wanted == self.made else Place(wanted, wanted)


@dataclass
class Expected:
    """What should become of a call."""

    id: str
    seq: int = 0
    wanted: Link = None
    places: set[Place] = field(default_factory=lambda: {Place()})
    """All that may be: logger need not see each of several contacts."""
    people_linked: bool = False
    deleted: bool = False
    edited: str = ""

    @property
    def status(self) -> str:
        return self.edited or ("", "ringing", "connected", "answered")[self.seq]


class Logger:
    """One, with the entries that are its."""

    def __init__(self, office: Office) -> None:
        config, log = office.settings(), office.log
        ledger = Ledger(log, f"logger-{next(RUNS)}", DAY, UnknownCalls(log, days=30), answer_seconds=0)
        self.limbas = _FailingInTime(office, config)
        reconciler = Reconciler(self.limbas, config.calls, config.contacts, ledger)
        self._handler = Handler(ledger, reconciler, config.calls.table)
        self.entries: list[Entry] = []

    def works(self) -> None:
        try:
            results = list(self._handler(self.entries)) if self.entries else []
        except Unavailable:
            return
        assert all(isinstance(result, Done) for result in results), results
        done = {result.entry.id for result in results}
        self.entries = [entry for entry in self.entries if entry.id not in done]


class _FailingInTime(Limbas):
    """A client that has the simulator fail just when it writes."""

    def __init__(self, office: Office, config: LimbasSettings) -> None:
        super().__init__(config)
        self._office = office
        self.next_write_meets: str = ""

    def write(self, wanted: Sequence[Action]) -> list[Result]:
        if self.next_write_meets:
            self._office.control("PUT", f"faults/{self.next_write_meets}", {"count": 1})
            self.next_write_meets = ""
        return super().write(wanted)


class ReconcileMachine(RuleBasedStateMachine):
    """Calls come and go, people work in Limbas, Limbas fails, loggers die."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        run = next(RUNS)
        self.calls = [Expected(f"run-{run}-{number}") for number in range(3)]
        self.loggers = [Logger(self.office) for _ in range(2)]
        self.ids = itertools.count(1)

    @initialize()
    def all_is_well(self) -> None:
        self.office.control("DELETE", "faults")

    def teardown(self) -> None:
        self._settle()
        for logger in self.loggers:
            logger.limbas.close()

    @rule(number=CALLS, logger=LOGGERS)
    def a_call_goes_on(self, number: int, logger: int) -> None:
        call = self.calls[number]
        if call.seq < 3:
            call.seq, call.edited = call.seq + 1, ""
            self._comes(logger, _event(call))

    @rule(number=CALLS, logger=LOGGERS)
    def the_same_news_comes_again(self, number: int, logger: int) -> None:
        call = self.calls[number]
        if call.seq:
            self._comes(logger, _event(call))

    @rule(number=CALLS, logger=LOGGERS, contact=CONTACTS, late=st.booleans())
    def it_turns_out_who_it_was(self, number: int, logger: int, contact: Link, late: bool) -> None:
        call = self.calls[number]
        late = late and self._quiet() and call.seq == 3
        resolved = ContactResolved(call_id=call.id) if contact is None else it_is(call.id, contact)
        self._comes(logger, resolved.model_copy(update={"late": late}))
        call.wanted = contact
        call.places |= {place.after(contact, call.people_linked) for place in call.places}
        if not late:
            call.edited = ""

    @rule(logger=LOGGERS)
    def a_logger_works(self, logger: int) -> None:
        self.loggers[logger].works()

    @rule(logger=LOGGERS)
    def a_logger_dies_and_the_other_takes_over(self, logger: int) -> None:
        dead, other = self.loggers[logger], self.loggers[1 - logger]
        other.entries += [replace(entry, deliveries=entry.deliveries + 1) for entry in dead.entries]
        dead.limbas.close()
        self.loggers[logger] = Logger(self.office)
        self._holds_lapse()

    @rule(kind=FAULTS, count=st.integers(1, 3))
    def limbas_fails_for_a_while(self, kind: str, count: int) -> None:
        self.office.control("PUT", f"faults/{kind}", {"count": count})

    @rule(logger=LOGGERS, kind=FAULTS)
    def limbas_fails_at_the_next_write(self, logger: int, kind: str) -> None:
        self.loggers[logger].limbas.next_write_meets = kind

    @rule()
    def everybody_gets_done(self) -> None:
        self._settle()

    @precondition(lambda self: self._quiet())
    @rule(number=CALLS, contact=st.none() | OF_PEOPLE)
    def a_person_changes_the_link(self, number: int, contact: Link) -> None:
        call, record = self.calls[number], self._record(number)
        if record:
            self.office.control("PATCH", f"records/ANRUFE/{record}", {"KUNDE": [contact] if contact else []})
            call.people_linked = contact is not None
            call.places = {Place(contact, place.made) for place in call.places}

    @precondition(lambda self: self._quiet())
    @rule(number=CALLS)
    def a_person_deletes_the_record(self, number: int) -> None:
        if record := self._record(number):
            self.office.control("DELETE", f"records/ANRUFE/{record}")
            self.calls[number].deleted = True

    @precondition(lambda self: self._quiet())
    @rule(number=CALLS)
    def a_person_edits_the_record_of_an_ended_call(self, number: int) -> None:
        if self.calls[number].seq == 3 and (record := self._record(number)):
            self.office.control("PATCH", f"records/ANRUFE/{record}", {"STATUS": "done"})
            self.calls[number].edited = "done"

    @invariant()
    def where_nothing_is_left_to_do_limbas_holds_what_it_should(self) -> None:
        if not self._quiet():
            return
        rows = self.office.control("GET", "records/ANRUFE")
        for call in self.calls:
            found = [row for row in rows if row["fields"]["CALLID"] == call.id]
            assert len(found) == (call.seq > 0 and not call.deleted), found
            for row in found:
                assert row["fields"]["STATUS"] == call.status
                links = row["links"]["KUNDE"]
                possible = {place.after(call.wanted, call.people_linked) for place in call.places}
                call.places = {place for place in possible if links == [place.link] * (place.link is not None)}
                assert call.places, f"{links} is none of {possible}"
        assert not [row for row in rows if not row["fields"]["CALLID"]], "records that are no call's"

    def _comes(self, logger: int, event: Event) -> None:
        entry = Entry(f"{next(self.ids)}-0", event, event.model_dump_json().encode())
        self.loggers[logger].entries.append(entry)

    def _quiet(self) -> bool:
        return not any(logger.entries for logger in self.loggers)

    def _settle(self) -> None:
        self.office.control("DELETE", "faults")
        for logger in self.loggers:
            logger.limbas.next_write_meets = ""
        for _ in range(MOST_ROUNDS):
            for logger in self.loggers:
                logger.works()
            if self._quiet():
                return
            self._holds_lapse()
        left = [entry.event for logger in self.loggers for entry in logger.entries]
        raise AssertionError(f"not done after {MOST_ROUNDS} rounds: {left}")

    def _holds_lapse(self) -> None:
        """The time passes after which a silent logger's calls may be taken."""
        for call in self.calls:
            entry = self.office.log.keys.beside(f"record:{call.id}")
            if self.office.log.redis.hexists(entry, "held_until"):
                self.office.log.redis.hset(entry, "held_until", 0)

    def _record(self, number: int) -> int | None:
        rows = self.office.control("GET", "records/ANRUFE")
        return next((row["id"] for row in rows if row["fields"]["CALLID"] == self.calls[number].id), None)


def _event(call: Expected) -> CallEvent:
    later = START + timedelta(seconds=9)
    return {
        1: an_event(call.id),
        2: an_event(call.id, seq=2, state=State.CONNECTED, connected_at=later),
        3: an_event(
            call.id, seq=3, state=State.ENDED, connected_at=later, ended_at=later, outcome=Outcome.ANSWERED, duration=7
        ),
    }[call.seq]


@pytest.mark.parametrize("unique", [True, False])
def test_each_call_has_one_right_record_and_what_people_did_stays(office: Office, unique: bool) -> None:
    office.control("PATCH", "schema/ANRUFE/CALLID", {"unique": unique})
    machine = type("Machine", (ReconcileMachine,), {"office": office})
    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None))


def test_a_contact_that_is_the_first_again_after_a_lost_answer_is_linked(office: Office) -> None:
    machine = type("Machine", (ReconcileMachine,), {"office": office})()
    machine.a_call_goes_on(number=0, logger=0)
    machine.it_turns_out_who_it_was(number=0, logger=0, contact=1, late=False)
    machine.everybody_gets_done()
    machine.where_nothing_is_left_to_do_limbas_holds_what_it_should()
    machine.it_turns_out_who_it_was(number=0, logger=0, contact=2, late=False)
    machine.limbas_fails_at_the_next_write(logger=0, kind="answer-lost")
    machine.a_logger_works(logger=0)
    machine.it_turns_out_who_it_was(number=0, logger=0, contact=1, late=False)
    machine.teardown()
    machine.where_nothing_is_left_to_do_limbas_holds_what_it_should()
