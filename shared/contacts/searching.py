"""Contacts in Limbas itself by a number, however people wrote it."""

from __future__ import annotations

from typing import Final

from shared.boxes import Place
from shared.contacts.reading import Contact, contact
from shared.limbas.client import Limbas
from shared.limbas.settings import ContactsTable
from shared.numbers import to_e164

DIGITS: Final = 7
"""Digits that are searched for: few numbers share so many."""
MOST_ROWS: Final = 200


def contacts_with(limbas: Limbas, table: ContactsTable, number: str, place: Place) -> list[Contact]:
    """The records of a table that have an E.164 number. `place` is where numbers without an area code belong.

    Raises the errors of `shared.limbas`.
    """
    pattern = digits_anywhere(number, place)
    rows = {
        row.id: row
        for field in table.numbers
        for row in limbas.search(table.table, table.fields, field, pattern, limit=MOST_ROWS)
    }
    contacts = (contact(table, row, place) for row in rows.values())
    return [one for one in contacts if number in one.numbers]


def digits_anywhere(number: str, place: Place) -> str:
    """What to search for: the last digits of an E.164 number, with anything between them, as people write it.

    Of a number in the office's own area only those behind the area code, which people leave out.
    """
    own_area = (to_e164("2" * 6, place) or "").removesuffix("2" * 6)
    local = number.removeprefix(own_area) if place.area_code and own_area else number
    return "%".join(local.lstrip("+")[-DIGITS:])
