"""Who is calling: the sample business of the simulated Limbas, through the index in Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from services.matcher.refresh import keep_fresh
from services.matcher.resolve import resolve
from shared.boxes import Place
from shared.consumer import Entry
from shared.contacts.index import ContactIndex, NoContacts
from shared.contacts.reading import Contact, contact, read_contacts
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, RemoteNumber, Source, State
from shared.limbas.client import Limbas
from shared.limbas.query import Row
from shared.limbas.settings import CUSTOMERS, LimbasSettings
from simulators.limbas.server import LimbasSimulator
from tests.shared.making import an_event
from tests.waiting import eventually

HEIDELBERG = Place(country="DE", area_code="06221")


@pytest.fixture
def limbas() -> Iterator[Limbas]:
    with (
        LimbasSimulator() as simulator,
        Limbas(
            LimbasSettings(
                limbas_url=simulator.url, limbas_user="callmonitor", limbas_password=SecretStr("callmonitor")
            )
        ) as client,
    ):
        yield client


@pytest.fixture
def index(event_log: EventLog, limbas: Limbas) -> ContactIndex:
    """The sample business, indexed."""
    index = ContactIndex(event_log)
    assert index.replace(read_contacts(limbas, [CUSTOMERS], HEIDELBERG)) > 30
    return index


def resolved(index: ContactIndex, number: str | None) -> ContactResolved:
    event = an_event(remote=RemoteNumber(received="", e164=number, suppressed=number is None))
    (done,) = resolve([Entry("1-1", event, b"")], index.lookup)
    (answer,) = done.events
    assert isinstance(answer, ContactResolved)
    return answer


@pytest.mark.parametrize(
    ("number", "names"),
    [
        pytest.param("+493023125100", ["Jörg Müller"], id="written +49 (0)30 23125-100"),
        pytest.param("+491713920001", ["Jörg Müller"], id="his mobile, written 0171/3920001"),
        pytest.param("+493023125200", ["Autohaus Schmidt GmbH"], id="a company, with a note behind the number"),
        pytest.param("+493023125401", ["Peter Koch"], id="the second number in one field"),
        pytest.param("+491713920006", ["Marie Lang"], id="the second number behind a slash"),
        pytest.param("+41440001800", ["Urs Keller"], id="in Switzerland"),
        pytest.param("+4319999456", ["Lukas Steiner"], id="in Austria"),
        pytest.param("+33199001234", ["Camille Dubois"], id="in France"),
        pytest.param("+496990009330", ["Helga Schröder", "Horst Schröder"], id="two people on one number"),
        pytest.param("+493023125999", [], id="a stranger"),
        pytest.param(None, [], id="a suppressed number"),
    ],
)
def test_the_sample_business_resolves_as_a_person_would(
    index: ContactIndex, number: str | None, names: list[str]
) -> None:
    answer = resolved(index, number)
    assert [candidate.name for candidate in answer.candidates] == names
    assert answer.sure == (len(names) == 1)


def test_a_call_is_resolved_by_its_first_event_only(index: ContactIndex) -> None:
    later = Entry("1-2", an_event(seq=2, state=State.CONNECTED), b"")
    own = Entry("1-3", ContactResolved(call_id="one"), b"")
    assert [done.events for done in resolve([later, own], index.lookup)] == [(), ()]


def test_a_batch_of_calls_takes_one_look_up() -> None:
    asked = []

    def lookup(numbers: object) -> list[tuple[Candidate, ...]]:
        asked.append(numbers)
        return [()] * len(numbers)  # type: ignore[arg-type]

    entries = [
        Entry(f"1-{n}", an_event(str(n), remote=RemoteNumber(received="", e164=f"+4930231251{n % 3:02}")), b"")
        for n in range(9)
    ]
    assert len(resolve(entries, lookup)) == 9
    assert asked == [["+493023125100", "+493023125101", "+493023125102"]]


def test_without_an_index_nobody_is_said_to_be_unknown(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    assert not index.exists()
    with pytest.raises(NoContacts):
        index.lookup(["+493023125100"])


def someone(number: int, name: str) -> Contact:
    candidate = Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table="KUNDEN", record_id=1)
    return Contact(candidate, (f"+4930231{number:05}",))


def test_an_index_is_swapped_in_whole(event_log: EventLog) -> None:
    index, numbers = ContactIndex(event_log), [f"+4930231{n:05}" for n in range(300)]
    index.replace(someone(n, "before") for n in range(300))
    seen, stop = set(), threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add(frozenset(candidates[0].name for candidates in index.lookup(numbers)))

    looking = [threading.Thread(target=look) for _ in range(4)]
    for thread in looking:
        thread.start()
    for turn in range(5):
        index.replace(someone(n, f"turn {turn}") for n in range(300))
    stop.set()
    for thread in looking:
        thread.join()
    assert all(len(names) == 1 for names in seen), "a look-up saw two generations"


def test_contacts_are_read_again_only_when_it_is_time(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    assert index.refresh(lambda: [someone(1, "Anna")], every=60) == 1
    assert index.refresh(lambda: [someone(1, "Anna"), someone(2, "Bernd")], every=60) is None


def test_limbas_away_is_asked_again(event_log: EventLog) -> None:
    index, stop, tries = ContactIndex(event_log), threading.Event(), []

    def read() -> list[Contact]:
        tries.append(1)
        if len(tries) == 1:
            limbas_is_away = LimbasSettings(
                limbas_url="http://127.0.0.1:1", limbas_user="x", limbas_password=SecretStr("x")
            )
            return list(read_contacts(Limbas(limbas_is_away), [CUSTOMERS], HEIDELBERG))
        return [someone(1, "Anna")]

    thread = threading.Thread(target=keep_fresh, args=(index, read, stop), kwargs={"again": 0.05})
    thread.start()
    eventually(index.exists)
    stop.set()
    thread.join()
    assert len(tries) >= 2


def test_a_contact_without_a_persons_name_goes_by_the_companys() -> None:
    row = Row(3, {"VORNAME": "", "NAME": "", "FIRMA": "Becker Bau", "TELEFON": "kein Telefon", "MOBIL": ""}, {})
    found = contact(CUSTOMERS, row, HEIDELBERG)
    assert (found.candidate.name, found.candidate.company, found.numbers) == ("Becker Bau", "", ())
