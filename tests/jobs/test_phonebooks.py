"""The job's part: the phonebooks of all boxes into Redis, whatever becomes of one of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from services.jobs.phonebooks import Phonebooks
from shared.contacts.phonebook import Phonebook
from shared.event_log import EventLog
from simulators.fritzbox.tr064.interface import Tr064Interface
from simulators.fritzbox.tr064.phonebooks import Book, Contact
from tests.simulators.fritzbox.tr064 import box_at

LUIGI = "+492214710901"
SISSI = "+4319999456"


@pytest.fixture
def cologne() -> Iterator[Tr064Interface]:
    with Tr064Interface() as interface:
        yield interface


@pytest.fixture
def vienna() -> Iterator[Tr064Interface]:
    with Tr064Interface(books=[Book("Telefonbuch", (Contact("Sissi", ("9999456",)),))]) as interface:
        yield interface


def test_the_names_of_all_boxes_can_be_found_each_by_the_numbers_of_its_place(
    cologne: Tr064Interface, vienna: Tr064Interface, event_log: EventLog
) -> None:
    boxes = [box_at(cologne), box_at(vienna, name="vienna", country="AT", area_code="1")]

    assert Phonebooks(boxes, event_log).read() == 12

    assert Phonebook(event_log).lookup([LUIGI, SISSI]) == [('Pizzeria „Da <Luigi>“ & "Söhne"',), ("Sissi",)]


def test_a_box_that_is_away_keeps_its_names_and_is_spoken_of_once(
    cologne: Tr064Interface, vienna: Tr064Interface, event_log: EventLog
) -> None:
    vienna_box = box_at(vienna, name="vienna", country="AT", area_code="1")
    phonebooks = Phonebooks([vienna_box, box_at(cologne)], event_log)
    phonebooks.read()
    vienna.switched_on, cologne.books = False, ()

    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert phonebooks.read() == 1
        vienna.switched_on = True
        phonebooks.read()
        phonebooks.read()

    assert Phonebook(event_log).lookup([SISSI, LUIGI]) == [("Sissi",), ()]
    assert [(line["event"], line["box"]) for line in logs] == [
        ("the phonebook cannot be read", "vienna"),
        ("the phonebook can be read again", "vienna"),
    ]


def test_a_box_that_is_no_longer_set_up_takes_its_names_along(cologne: Tr064Interface, event_log: EventLog) -> None:
    Phonebooks([box_at(cologne)], event_log).read()

    assert Phonebooks([box_at(cologne, user="", password=None)], event_log).read() == 0

    assert Phonebook(event_log).lookup([LUIGI]) == [()]
