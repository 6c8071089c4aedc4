"""A contact that was created a minute ago is found, without a sync, and nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from services.matcher.live_search import MOST_WAITING, LiveSearch
from shared.boxes import Place
from shared.consumer import Entry
from shared.contacts.index import ContactIndex
from shared.contacts.reading import read_contacts
from shared.contacts.searching import digits_anywhere
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, Outcome, RemoteNumber, Source, State
from shared.limbas.actions import Insert
from shared.limbas.client import Limbas
from shared.limbas.settings import CUSTOMERS, LimbasSettings
from simulators.limbas.faults import Fault, FaultKind
from simulators.limbas.server import LimbasSimulator
from tests.shared.making import an_event
from tests.waiting import eventually

HEIDELBERG = Place(country="DE", area_code="06221")
CALL = "office-20261122T180001-1"


@pytest.fixture
def limbas() -> Iterator[Limbas]:
    with LimbasSimulator() as simulator, Limbas(settings_for(simulator.url)) as client:
        yield client


@pytest.fixture
def index(event_log: EventLog, limbas: Limbas) -> ContactIndex:
    index = ContactIndex(event_log)
    index.replace(read_contacts(limbas, [CUSTOMERS], HEIDELBERG))
    return index


@pytest.fixture
def live(event_log: EventLog, index: ContactIndex, limbas: Limbas) -> LiveSearch:
    return LiveSearch(event_log, index, limbas, [CUSTOMERS], HEIDELBERG)


def settings_for(url: str) -> LimbasSettings:
    return LimbasSettings(limbas_url=url, limbas_user="callmonitor", limbas_password=SecretStr("callmonitor"))


def ring(event_log: EventLog, number: str | None, call_id: str = CALL, *, suppressed: bool = False) -> None:
    remote = RemoteNumber(received="", e164=number, suppressed=suppressed)
    event_log.publish_lines("office", [([an_event(call_id, remote=remote)], b"")])


def create(limbas: Limbas, **fields: str) -> None:
    limbas.write([Insert("KUNDEN", fields, {})])


def answers(event_log: EventLog) -> list[ContactResolved]:
    events = (logged.event for logged in event_log.newest("+", count=100))
    return [event for event in events if isinstance(event, ContactResolved)]


@pytest.mark.parametrize(
    ("field", "written", "number"),
    [
        ("TELEFON", "0221 / 47 10-7 77 (Büro)", "+492214710777"),
        ("MOBIL", "+49 (0)171.39.200.77", "+491713920077"),
        ("TELEFON", "030 23125999 oder 0171/3920078", "+491713920078"),
        ("TELEFON", "23 12-5", "+49622123125"),
        ("TELEFON", "06221 23125", "+49622123125"),
        ("TELEFON", "0043 1 9999 - 78", "+431999978"),
    ],
)
def test_however_it_is_written_a_new_contact_is_found(
    event_log: EventLog, limbas: Limbas, index: ContactIndex, live: LiveSearch, field: str, written: str, number: str
) -> None:
    create(limbas, NAME="Neumann", VORNAME="Nele", **{field: written})
    assert index.lookup([number]) == [()]
    ring(event_log, number)
    live.search(CALL)
    (answer,) = answers(event_log)
    assert [(found.name, found.match) for found in answer.candidates] == [("Nele Neumann", Match.EXACT)]
    assert answer.sure
    assert index.lookup([number]) == [answer.candidates], "the next call finds it at once"


def test_two_new_contacts_with_one_number_are_two_candidates(
    event_log: EventLog, limbas: Limbas, live: LiveSearch
) -> None:
    for name in ("Neumann", "Neubert"):
        create(limbas, NAME=name, TELEFON="0221 4710777")
    ring(event_log, "+492214710777")
    live.search(CALL)
    (answer,) = answers(event_log)
    assert [(found.name, found.confidence) for found in answer.candidates] == [("Neumann", 0.5), ("Neubert", 0.5)]
    assert not answer.sure


def test_similar_numbers_are_not_the_number(event_log: EventLog, limbas: Limbas, live: LiveSearch) -> None:
    create(limbas, NAME="Longer", TELEFON="0221 47107770")
    create(limbas, NAME="Elsewhere", TELEFON="0222 4710777")
    ring(event_log, "+492214710777")
    live.search(CALL)
    assert answers(event_log) == []


@pytest.mark.parametrize(("number", "suppressed"), [(None, True), (None, False), ("+492214710777", True)])
def test_nobody_is_looked_for_without_a_number(
    event_log: EventLog, limbas: Limbas, live: LiveSearch, number: str | None, suppressed: bool
) -> None:
    create(limbas, NAME="Neumann", TELEFON="0221 4710777")
    ring(event_log, number, suppressed=suppressed)
    live.search(CALL)
    assert answers(event_log) == []


def test_a_call_that_is_over_is_left_to_the_next_sync(event_log: EventLog, limbas: Limbas, live: LiveSearch) -> None:
    create(limbas, NAME="Neumann", TELEFON="0221 4710777")
    ring(event_log, "+492214710777")
    event_log.publish_lines("office", [([an_event(seq=2, state=State.ENDED, outcome=Outcome.MISSED)], b"")])
    live.search(CALL)
    assert answers(event_log) == []


def test_only_misses_are_searched_for_and_a_flood_of_them_is_cut(live: LiveSearch) -> None:
    known = Candidate(source=Source.LIMBAS, match=Match.EXACT, name="Anna", table="KUNDEN", record_id=1)
    company = known.model_copy(update={"match": Match.COMPANY})
    live.consider([Entry("1-1", an_event(), b""), Entry("1-2", ContactResolved(call_id="k", candidates=(known,)), b"")])
    assert live.waiting == 0
    live.consider([Entry("1-3", ContactResolved(call_id="c", candidates=(company,)), b"")])
    assert live.waiting == 1
    live.consider([Entry(f"2-{n}", ContactResolved(call_id=str(n)), b"") for n in range(200)])
    assert live.waiting == MOST_WAITING


def test_while_limbas_is_away_searches_are_dropped_and_go_on_when_it_is_back(
    event_log: EventLog, index: ContactIndex
) -> None:
    stop = threading.Event()
    with LimbasSimulator() as simulator, Limbas(settings_for(simulator.url)) as limbas:
        create(limbas, NAME="Neumann", TELEFON="0221 4710777")
        live = LiveSearch(event_log, index, limbas, [CUSTOMERS], HEIDELBERG)
        thread = threading.Thread(target=live.run, args=(stop,))
        simulator.faults.switch_on(Fault(FaultKind.DOWN, seconds=60, count=1))
        thread.start()
        ring(event_log, "+492214710777", "first")
        live.consider([Entry("1-1", ContactResolved(call_id="first"), b"")])
        eventually(lambda: not simulator.faults.now_on())
        ring(event_log, "+492214710777", "second")
        live.consider([Entry("1-2", ContactResolved(call_id="second"), b"")])
        eventually(lambda: answers(event_log))
        stop.set()
        thread.join()
    assert [answer.call_id for answer in answers(event_log)] == ["second"]


@pytest.mark.parametrize(
    ("number", "pattern"),
    [("+492214710777", "4%7%1%0%7%7%7"), ("+49622123125", "2%3%1%2%5"), ("+436221123456", "1%1%2%3%4%5%6")],
)
def test_the_last_digits_are_searched_for_with_anything_between_them(number: str, pattern: str) -> None:
    assert digits_anywhere(number, HEIDELBERG) == pattern
