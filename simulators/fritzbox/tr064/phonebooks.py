"""What stands in the simulated box's phonebooks, and how the box hands them out.

The form of the export is what real boxes send: `<phonebooks><phonebook><contact>`, one `<number>` per number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from simulators.fritzbox.tr064.services import Action, Arguments, Service, Variable
from simulators.fritzbox.tr064.soap import UpnpError

PATH: Final = "/phonebook.lua"


class Contact(NamedTuple):
    """A contact, as somebody typed it in."""

    name: str
    numbers: tuple[str, ...]


class Book(NamedTuple):
    """A phonebook."""

    name: str
    contacts: tuple[Contact, ...]


BOOKS: Final = (
    Book(
        "Telefonbuch",
        (
            Contact("Zahnarztpraxis Dr. Weber", ("030 23125901", "0171 3920081")),
            # One name, two people.
            Contact("Thomas Krüger", ("03023125902",)),
            Contact("Thomas Krüger", ("0049 69 90009801",)),
            Contact('Pizzeria „Da <Luigi>“ & "Söhne"', ("0221 4710901",)),
            # Limbas knows her too, and by a better name.
            Contact("Anna vom Autohaus", ("03023125201",)),
            # Without an area code, as it is dialled in Cologne.
            Contact("Hausmeister Schulze", ("4710902",)),
            Contact("Gasthof Lindner", ("08999998901",)),
            # What is no number of the outside world.
            Contact("Empfang", ("**610",)),
            Contact("Feuerwehr", ("112",)),
            Contact("Anfang einer Nummer", ("0302312*",)),
            Contact("", ("06990009802",)),
        ),
    ),
    Book(
        "Lieferanten",
        (
            Contact("Getränke Kowalski", ("+49 40 66969-901", "017604069081")),
            Contact("London Office", ("0044 20 7946 0123",)),
            # The same number as in the first book.
            Contact("Lindner, Franz", ("089 99998901",)),
        ),
    ),
)
"""All numbers are fictitious; the foreign one is of the range that Ofcom keeps free for drama."""


def on_tel(books: Callable[[], Sequence[Book]], address: Callable[[str], str]) -> Service:
    """The service X_AVM-DE_OnTel over the phonebooks there are at the moment.

    `address` makes the full address of a path, with a session that opens it.
    """

    def listed(_: Arguments) -> Arguments:
        return {"NewPhonebookList": ",".join(str(number) for number in range(len(books())))}

    def one(arguments: Arguments) -> Arguments:
        number = arguments["NewPhonebookID"]
        if not number.isdecimal():
            raise UpnpError(402)
        if int(number) >= len(books()):
            raise UpnpError(713)
        return {
            "NewPhonebookName": books()[int(number)].name,
            "NewPhonebookExtraID": "",
            "NewPhonebookURL": f"{address(PATH)}&pbid={number}",
        }

    text = "string"
    return Service(
        "X_AVM-DE_OnTel",
        "x_contact",
        (
            Action("GetPhonebookList", listed, gives={"NewPhonebookList": Variable("PhonebookList", text)}),
            Action(
                "GetPhonebook",
                one,
                takes={"NewPhonebookID": Variable("PhonebookID", "ui2")},
                gives={
                    "NewPhonebookName": Variable("PhonebookName", text),
                    "NewPhonebookExtraID": Variable("PhonebookExtraID", text),
                    "NewPhonebookURL": Variable("PhonebookURL", text),
                },
            ),
        ),
    )


def export(book: Book) -> bytes:
    """A phonebook as the box hands it out."""
    contacts = "".join(_contact(number, contact) for number, contact in enumerate(book.contacts, start=1))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<phonebooks>\n'
        f"<phonebook name={quoteattr(book.name)}>\n<timestamp>1795363200</timestamp>\n{contacts}"
        "</phonebook>\n</phonebooks>\n"
    ).encode()


def _contact(unique_id: int, contact: Contact) -> str:
    numbers = "".join(
        f'<number type="{("home", "mobile", "work")[place % 3]}" prio="{int(not place)}" id="{place}">'
        f"{escape(number)}</number>"
        for place, number in enumerate(contact.numbers)
    )
    return (
        f"<contact>\n<category>0</category>\n<person><realName>{escape(contact.name)}</realName></person>\n"
        f'<telephony nid="{len(contact.numbers)}">{numbers}</telephony>\n<services />\n<setup />\n'
        f'<features doorphone="0" />\n<mod_time>1795363200</mod_time>\n<uniqueid>{unique_id}</uniqueid>\n</contact>\n'
    )
