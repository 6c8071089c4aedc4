"""What Limbas holds of a person. It is listed and never touched: what stands there is for people to decide on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cli.forget.person import Person
from shared.boxes import Place
from shared.contacts.searching import contacts_with
from shared.limbas.client import Limbas
from shared.limbas.settings import LimbasSettings


@dataclass(frozen=True, slots=True)
class Held:
    """Records of one table."""

    table: str
    ids: tuple[int, ...]


def held(limbas: Limbas, settings: LimbasSettings, person: Person, place: Place) -> Iterator[Held]:
    """The records of calls and of contacts that have the person's number; no table without any.

    Raises the errors of `shared.limbas`.
    """
    calls, number_field = settings.calls.table, settings.calls.fields.remote_number
    found = limbas.find(calls, [], number_field, person.spellings()) if number_field else []
    tables = [Held(calls, tuple(row.id for row in found))]
    for contacts in settings.contacts:
        same = contacts_with(limbas, contacts, person.number, place)
        tables.append(Held(contacts.table, tuple(sorted(one.candidate.record_id or 0 for one in same))))
    yield from (table for table in tables if table.ids)
