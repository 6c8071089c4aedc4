"""Pins: a person's word wins, is kept, and can be taken back; and what makes an answer sure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from shared.contacts.answer import answer, is_sure
from shared.contacts.index import ContactIndex
from shared.contacts.pinning import NoSuchContact, pin_contact
from shared.contacts.pins import Pin, Pins
from shared.event_log import ORIGIN, EventLog
from shared.events import Candidate, ContactResolved, Match, Source
from shared.limbas.client import Limbas
from shared.limbas.settings import CUSTOMERS, LimbasSettings
from shared.unknown_calls import UnknownCalls
from simulators.limbas.server import LimbasSimulator

NUMBER, OTHER = "+493023125777", "+493023125778"
ANNA = Pin(table="KUNDEN", record_id=3, name="Anna Schmidt", at=datetime(2026, 11, 22, tzinfo=UTC), by="eva")


def candidate(match: Match, source: Source = Source.LIMBAS) -> Candidate:
    return Candidate(source=source, match=match, name="Somebody", table="KUNDEN", record_id=1)


@pytest.fixture
def limbas() -> Iterator[Limbas]:
    with LimbasSimulator() as simulator:
        settings = LimbasSettings(
            _env_file=None,
            limbas_url=simulator.url,
            limbas_user="callmonitor",
            limbas_password=SecretStr("callmonitor"),
        )
        with Limbas(settings) as client:
            yield client


def test_a_pin_is_kept_until_it_is_taken_back(event_log: EventLog) -> None:
    pins = Pins(event_log)
    pins.set(NUMBER, ANNA)
    pins.set(OTHER, ANNA)
    assert pins.all() == {NUMBER: ANNA, OTHER: ANNA}
    assert (pins.remove(NUMBER), pins.remove(NUMBER)) == (True, False)
    assert list(pins.all()) == [OTHER]


def test_pinning_keeps_the_name_who_said_so_and_tells_only_the_calls_of_that_number(
    event_log: EventLog, limbas: Limbas
) -> None:
    unknown = UnknownCalls(event_log, days=30)
    now = float(event_log.redis.time()[0])
    event_log.redis.zadd(unknown.key, {f"one {NUMBER}": now, f"two {NUMBER}": now, f"three {OTHER}": now})

    pinned = pin_contact(event_log, limbas, [CUSTOMERS], unknown, NUMBER, "kunden", 3, by="eva")

    assert (pinned.pin.name, pinned.pin.company, pinned.pin.by) == ("Anna Schmidt", "Autohaus Schmidt GmbH", "eva")
    assert pinned.linked == 2
    events = [logged.event for logged in event_log.read(ORIGIN, count=10, block_seconds=0.01)]
    assert [event.call_id for event in events] == ["one", "two"]
    assert all(isinstance(event, ContactResolved) and event.sure and event.late for event in events)
    assert [call.call_id for call in unknown.all()] == ["three"]


def test_the_index_answers_with_the_pin_alone(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    index.replace([])
    Pins(event_log).set(NUMBER, ANNA)
    assert index.lookup([NUMBER, OTHER]) == [(ANNA.candidate,), ()]
    assert is_sure(index.lookup([NUMBER])[0])


@pytest.mark.parametrize(("table", "record"), [("KUNDEN", 999), ("ARTIKEL", 1)])
def test_what_is_no_contact_is_not_pinned(event_log: EventLog, limbas: Limbas, table: str, record: int) -> None:
    with pytest.raises(NoSuchContact):
        pin_contact(event_log, limbas, [CUSTOMERS], UnknownCalls(event_log, 30), NUMBER, table, record, by="eva")
    assert Pins(event_log).all() == {}


@pytest.mark.parametrize("match", list(Match))
def test_only_a_pinned_or_an_exact_record_is_sure_and_only_alone(match: Match) -> None:
    assert is_sure([candidate(match)]) == (match in (Match.PINNED, Match.EXACT))
    assert not is_sure([candidate(match), candidate(match)])
    assert not is_sure([candidate(match, Source.PHONEBOOK)])
    assert not is_sure([])
    assert answer("one", [candidate(match)]).late is False
