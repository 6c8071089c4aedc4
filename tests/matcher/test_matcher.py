"""Who is calling: the sample business of the simulated Limbas, through the index in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from services.matcher.places import place_of
from services.matcher.resolve import resolve
from shared.boxes import Place
from shared.consumer import Entry
from shared.contacts.index import ContactIndex, NoContacts
from shared.contacts.pins import Pin, Pins
from shared.contacts.reading import contact, read_contacts
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, RemoteNumber, Source, State
from shared.limbas.client import Limbas
from shared.limbas.query import Row
from shared.limbas.settings import CUSTOMERS, LimbasSettings
from shared.numbers import numbers_in, to_e164
from simulators.limbas.server import LimbasSimulator
from tests.shared.making import an_event

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


def at_home(number: str) -> Candidate | None:
    return place_of(number, "DE")


def resolved(index: ContactIndex, number: str | None) -> ContactResolved:
    event = an_event(remote=RemoteNumber(received="", e164=number, suppressed=number is None))
    (done,) = resolve([Entry("1-1", event, b"")], index.lookup, at_home)
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
        pytest.param("+498999998500", ["Isar Logistik GmbH"], id="a company's switchboard"),
        pytest.param("+498999998504", ["Theresa Brandl"], id="an extension of it that is known"),
        pytest.param("+4917604069004", ["Theresa Brandl"], id="the same person's mobile"),
    ],
)
def test_whoever_has_the_number_is_found(index: ContactIndex, number: str, names: list[str]) -> None:
    answer = resolved(index, number)
    assert [(found.name, found.match, found.confidence) for found in answer.candidates] == [
        (name, Match.EXACT, 1 / len(names)) for name in names
    ]
    assert answer.sure == (len(names) == 1)


@pytest.mark.parametrize("number", ["+498999998507", "+4989999985012", "+49899999850"])
def test_an_unknown_extension_is_its_company_and_never_sure(index: ContactIndex, number: str) -> None:
    answer = resolved(index, number)
    (company,) = answer.candidates
    assert (company.name, company.match, company.table) == ("Isar Logistik GmbH", Match.COMPANY, "KUNDEN")
    assert company.confidence < 1
    assert not answer.sure


@pytest.mark.parametrize(
    ("number", "place", "in_english"),
    [
        pytest.param("+4962211234567", "Heidelberg", "Heidelberg", id="a stranger from town"),
        pytest.param("+493023125999", "Berlin", "Berlin", id="beside companies who only write with a hyphen"),
        pytest.param("+498999998221", "München", "Munich", id="beside a private person"),
        pytest.param(
            "+491713920099", "Mobilfunk", "Mobile phone", id="a German mobile, whose network may have changed"
        ),
        pytest.param("+4319999457", "Wien, Österreich", "Vienna, Austria", id="abroad"),
        pytest.param("+33612345678", "Mobilfunk, Frankreich", "Mobile phone, France", id="a mobile abroad"),
        pytest.param("+498003302424", "Deutschland", "Germany", id="a number without a town"),
    ],
)
def test_of_a_stranger_it_is_said_where_the_number_belongs(
    index: ContactIndex, number: str, place: str, in_english: str
) -> None:
    answer = resolved(index, number)
    (candidate,) = answer.candidates
    assert (candidate.name, candidate.name_en) == (place, in_english)
    assert (candidate.source, candidate.match, candidate.confidence) == (Source.NUMBERING_PLAN, Match.PLACE, 0)
    assert not answer.sure


def test_a_suppressed_number_is_nobodys(index: ContactIndex) -> None:
    assert resolved(index, None).candidates == ()


def test_a_suppressed_number_is_nobodys_even_if_the_line_had_one(index: ContactIndex) -> None:
    hidden = RemoteNumber(received="03023125100", e164="+493023125100", suppressed=True)
    (done,) = resolve([Entry("1-1", an_event(remote=hidden), b"")], index.lookup, at_home)
    assert done.events == [ContactResolved(call_id=done.entry.event.call_id)]


JUNK = st.one_of(
    st.sampled_from(
        ["", "110", "112", "115", "116117", "11833", "**610", "**9", "50", "Anonym", "unbekannt", "*96*5*"]
    ),
    st.integers(0, 999).map(str),
    st.text(st.characters(exclude_categories=["Nd"]), max_size=30),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JUNK)
def test_junk_never_finds_anybody(index: ContactIndex, received: str) -> None:
    number = to_e164(received, HEIDELBERG)
    assert resolved(index, number).candidates == ()
    assert index.lookup([received]) == [()]


# One style per number: a slash behind a hyphen, as in 030 23125-100/101, begins another extension.
SEPARATORS = st.sampled_from([["-"], ["/", " / "], ["."], ["  "]]).flatmap(
    lambda style: st.lists(st.sampled_from(["", " ", *style]), min_size=8, max_size=8)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["0", "+49 ", "+49 (0)", "0049", "0049 ", "+49-"]),
    SEPARATORS,
    st.sampled_from(["", " (privat)", "#", " "]),
)
def test_however_a_number_is_spelled_it_finds_the_same_contact(
    index: ContactIndex, ahead: str, separators: list[str], behind: str
) -> None:
    digits = "".join(digit + separator for digit, separator in zip("23125100", separators, strict=True))
    (number,) = numbers_in(f"{ahead}30 {digits}{behind}", HEIDELBERG)
    assert [found.name for found in resolved(index, number).candidates] == ["Jörg Müller"]


def test_a_pin_wins_over_the_record_that_has_the_number(index: ContactIndex, event_log: EventLog) -> None:
    at = datetime(2026, 11, 22, 18, tzinfo=UTC)
    pin = Pin(table="KUNDEN", record_id=9, name="Sepp Huber", company="", at=at, by="tester")
    Pins(event_log).set("+496990009330", pin)
    answer = resolved(index, "+496990009330")
    assert [(found.name, found.match) for found in answer.candidates] == [("Sepp Huber", Match.PINNED)]
    assert answer.sure


def test_a_call_is_resolved_by_its_first_event_only(index: ContactIndex) -> None:
    later = Entry("1-2", an_event(seq=2, state=State.CONNECTED), b"")
    own = Entry("1-3", ContactResolved(call_id="one"), b"")
    assert [done.events for done in resolve([later, own], index.lookup, at_home)] == [(), ()]


def test_a_batch_of_calls_takes_one_look_up() -> None:
    asked = []

    def lookup(numbers: object) -> list[tuple[Candidate, ...]]:
        asked.append(numbers)
        return [()] * len(numbers)  # type: ignore[arg-type]

    entries = [
        Entry(f"1-{n}", an_event(str(n), remote=RemoteNumber(received="", e164=f"+4930231251{n % 3:02}")), b"")
        for n in range(9)
    ]
    assert len(resolve(entries, lookup, at_home)) == 9
    assert asked == [["+493023125100", "+493023125101", "+493023125102"]]


def test_without_an_index_nobody_is_said_to_be_unknown(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    assert not index.exists()
    with pytest.raises(NoContacts):
        index.lookup(["+493023125100"])


def test_a_contact_without_a_persons_name_goes_by_the_companys() -> None:
    row = Row(3, {"VORNAME": "", "NAME": "", "FIRMA": "Becker Bau", "TELEFON": "kein Telefon", "MOBIL": ""}, {})
    found = contact(CUSTOMERS, row, HEIDELBERG)
    assert (found.candidate.name, found.candidate.company, found.numbers) == ("Becker Bau", "", ())
