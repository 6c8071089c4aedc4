"""A person's correction: this number is that contact. Used from then on, and for the calls that were unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.boxes import Place
from shared.contacts.late_links import link_late
from shared.contacts.pins import Pin, Pins
from shared.contacts.reading import contact
from shared.event_log import EventLog
from shared.limbas.client import Limbas
from shared.limbas.settings import ContactsTable
from shared.unknown_calls import UnknownCalls


class NoSuchContact(Exception):
    """What is to be pinned is no record of a contact table."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What pinning a number led to."""

    pin: Pin
    linked: int
    """Calls that were unknown, and are linked now."""


def pin_contact(
    event_log: EventLog,
    limbas: Limbas,
    tables: Sequence[ContactsTable],
    unknown: UnknownCalls,
    number: str,
    table: str,
    record_id: int,
    by: str,
) -> Pinned:
    """Pin an E.164 number to a record, as the person `by` wants it.

    Raises `NoSuchContact`, and the errors of `shared.limbas`.
    """
    settings = next((each for each in tables if each.table.upper() == table.upper()), None)
    if settings is None:
        known = ", ".join(each.table for each in tables)
        raise NoSuchContact(f"{table} is no table of contacts; these are: {known}.")
    rows = limbas.find(settings.table, settings.fields, "ID", [record_id])
    if not rows:
        raise NoSuchContact(f"The Limbas table {settings.table} has no record {record_id}.")
    found = contact(settings, rows[0], Place()).candidate
    pin = Pin(
        table=settings.table,
        record_id=record_id,
        name=found.name,
        company=found.company,
        at=datetime.now(UTC),
        by=by,
    )
    Pins(event_log).set(number, pin)
    linked = link_late(event_log, unknown, lambda numbers: [(pin.candidate,)] * len(numbers), only=number)
    return Pinned(pin, len(linked))
