"""The names in the phonebooks of a box: from the simulated box over HTTP, by way of `fritzconnection`, into Redis."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as StopSignal
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.boxes import Box
from shared.contacts.phonebook import (
    KEPT_SECONDS,
    LONGEST_NAME,
    LONGEST_NUMBER,
    MOST_NAMES,
    Entry,
    Phonebook,
    names_by_number,
    parse,
    read_phonebooks,
)
from shared.event_log import EventLog
from shared.tr064 import LARGEST_DOCUMENT, BadAnswer, Tr064
from simulators.fritzbox.tr064.interface import Tr064Interface
from simulators.fritzbox.tr064.phonebooks import BOOKS, Book, Contact, export
from tests.simulators.fritzbox.tr064 import box_at

COLOGNE = Box(host="fritz.box", area_code="221")
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<phonebooks><phonebook><contact><person><realName>&b;</realName></person></contact></phonebook></phonebooks>"
)


@pytest.fixture
def interface() -> Iterator[Tr064Interface]:
    with Tr064Interface() as interface:
        yield interface


def test_every_contact_of_every_book_is_read_with_all_its_numbers(interface: Tr064Interface) -> None:
    entries = read_phonebooks(box_at(interface))

    named = [contact for book in BOOKS for contact in book.contacts if contact.name]
    assert entries == [Entry(contact.name, contact.numbers) for contact in named]
    assert Entry("Zahnarztpraxis Dr. Weber", ("030 23125901", "0171 3920081")) in entries


def test_numbers_are_understood_where_the_box_is(interface: Tr064Interface) -> None:
    names = names_by_number(read_phonebooks(box_at(interface)), COLOGNE)

    assert names == {
        "+493023125901": ("Zahnarztpraxis Dr. Weber",),
        "+491713920081": ("Zahnarztpraxis Dr. Weber",),
        "+493023125902": ("Thomas Krüger",),
        "+496990009801": ("Thomas Krüger",),
        "+492214710901": ('Pizzeria „Da <Luigi>“ & "Söhne"',),
        "+493023125201": ("Anna vom Autohaus",),
        "+492214710902": ("Hausmeister Schulze",),
        "+498999998901": ("Gasthof Lindner", "Lindner, Franz"),
        "+494066969901": ("Getränke Kowalski",),
        "+4917604069081": ("Getränke Kowalski",),
        "+442079460123": ("London Office",),
    }


def test_a_box_without_phonebooks_has_no_names(interface: Tr064Interface) -> None:
    interface.books = ()

    assert read_phonebooks(box_at(interface)) == []


def test_a_login_that_the_box_forgets_meanwhile_is_renewed(interface: Tr064Interface) -> None:
    with Tr064(box_at(interface)) as tr064:
        for _ in range(2):
            assert tr064.call("X_AVM-DE_OnTel1", "GetPhonebookList") == {"NewPhonebookList": "0,1"}
            interface.forget_nonces()


@pytest.mark.parametrize(
    "document",
    [
        BOMB.encode(),
        b"<html>Login</html>",
        b"<phonebooks><phonebook>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="klingon"?><phonebooks/>',
        b"",
        b"<phonebooks>" * 100_000,
    ],
    ids=["entities", "another page", "cut off", "not UTF-8", "unknown encoding", "empty", "deep"],
)
def test_what_is_no_phonebook_is_refused(document: bytes) -> None:
    with pytest.raises(BadAnswer, match=r"^What the FRITZ!Box at fritz\.box sends is no phonebook\.$"):
        parse(document, "fritz.box")


def test_a_phonebook_that_is_too_large_is_not_read_to_its_end(interface: Tr064Interface) -> None:
    interface.documents[0] = b"<phonebooks>" + b" " * LARGEST_DOCUMENT

    with pytest.raises(BadAnswer, match="sends more than 16 MB"):
        read_phonebooks(box_at(interface))


def test_a_phonebook_in_another_encoding_is_read() -> None:
    document = export(Book("Böse", (Contact("Jörg", ("1",)),))).decode().replace("utf-8", "iso-8859-1")

    assert parse(document.encode("latin-1"), "fritz.box") == [Entry("Jörg", ("1",))]


def test_a_name_is_one_line_and_no_longer_than_a_screen() -> None:
    contact = Contact("  Müller\n\t& " + "x" * 5000, ("1", "2" * 5000))

    [entry] = parse(export(Book("", (contact,))), "fritz.box")

    assert entry.name.startswith("Müller & xxx")
    assert len(entry.name) == LONGEST_NAME
    assert entry.numbers == ("1",)


def test_a_number_that_half_the_book_has_does_not_fill_the_memory() -> None:
    entries = [Entry(f"Somebody {number}", ("030 23125901",)) for number in range(500)]

    [names] = names_by_number(entries, COLOGNE).values()

    assert names == tuple(f"Somebody {number}" for number in range(MOST_NAMES))


printable = st.text(st.characters(exclude_categories=["C"], exclude_characters="\ufffe\uffff"), min_size=1)


@given(st.lists(st.tuples(printable, st.lists(printable, min_size=1).map(tuple))))
def test_whatever_people_type_comes_out_as_they_typed_it(typed: list[tuple[str, tuple[str, ...]]]) -> None:
    entries = parse(export(Book("Telefonbuch", tuple(Contact(*each) for each in typed))), "fritz.box")

    def kept(name: str, numbers: tuple[str, ...]) -> Entry | None:
        name = " ".join(name.split())[:LONGEST_NAME]
        numbers = tuple(number.strip() for number in numbers if 0 < len(number.strip()) <= LONGEST_NUMBER)
        return Entry(name, numbers) if name and numbers else None

    assert entries == [entry for each in typed if (entry := kept(*each))]
    names_by_number(entries, COLOGNE)


@given(st.binary())
def test_no_document_breaks_the_reader(document: bytes) -> None:
    try:
        parse(b"<phonebooks>" + document, "fritz.box")
    except BadAnswer:
        return


def test_names_are_found_by_number(event_log: EventLog) -> None:
    phonebook = Phonebook(event_log)
    phonebook.replace("cologne", {"+492214710901": ("Luigi",), "+498999998901": ("Gasthof Lindner", "Lindner, Franz")})

    assert phonebook.merge(["cologne"]) == 2
    assert phonebook.lookup(["+498999998901", "+4930", "+492214710901"]) == [
        ("Gasthof Lindner", "Lindner, Franz"),
        (),
        ("Luigi",),
    ]
    assert phonebook.lookup([]) == []


def test_the_names_of_several_boxes_are_one_phonebook_and_each_keeps_its_own(event_log: EventLog) -> None:
    phonebook = Phonebook(event_log)
    phonebook.replace("cologne", {"+492214710901": ("Luigi",), "+4314710901": ("Franz",)})
    phonebook.replace("vienna", {"+4314710901": ("Franz", "Sissi")})
    phonebook.merge(["cologne", "vienna"])
    assert phonebook.lookup(["+492214710901", "+4314710901"]) == [("Luigi",), ("Franz", "Sissi")]

    phonebook.replace("cologne", {"+4314710901": ("Hans",)})
    phonebook.merge(["cologne", "vienna"])
    assert phonebook.lookup(["+492214710901", "+4314710901"]) == [(), ("Hans", "Franz", "Sissi")]

    phonebook.merge([])
    assert phonebook.lookup(["+492214710901", "+4314710901"]) == [(), ()]


def test_a_reader_never_sees_half_a_phonebook(event_log: EventLog) -> None:
    phonebook = Phonebook(event_log)
    numbers = [f"+4930{23125000 + number}" for number in range(3000)]
    versions = [dict.fromkeys(numbers, (f"Version {version}",)) for version in (1, 2)]
    phonebook.replace("cologne", versions[0])
    phonebook.merge(["cologne"])
    done = StopSignal()

    def rebuild() -> None:
        for version in (1, 0) * 5:
            phonebook.replace("cologne", versions[version])
            phonebook.merge(["cologne"])
        done.set()

    rebuilding = Thread(target=rebuild)
    rebuilding.start()
    seen = set()
    while not done.is_set():
        found = set(phonebook.lookup(numbers))
        assert len(found) == 1
        seen |= found
    rebuilding.join()
    assert seen <= {("Version 1",), ("Version 2",)}
    assert seen


def test_nothing_is_left_of_a_rebuild(event_log: EventLog) -> None:
    phonebook = Phonebook(event_log)
    phonebook.replace("cologne", {"+492214710901": ("Luigi",)})
    phonebook.merge(["cologne"])

    keys = {str(key, "ascii") for key in event_log.redis.scan_iter()}
    assert keys == {phonebook.key, f"{phonebook.key}:cologne"}
    assert event_log.redis.ttl(phonebook.key) == -1
    assert event_log.redis.ttl(f"{phonebook.key}:cologne") == KEPT_SECONDS
