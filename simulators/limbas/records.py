"""Records and lists of records as people read them, for the pages of both kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS, ID_FIELD, Field, Kind, Table
from simulators.limbas.values import Value

NEWEST: Final = 200
"""Records in a list."""
_LISTED: Final = {
    CONTACTS.name: ("ID", "NAME", "VORNAME", "FIRMA", "TELEFON", "MOBIL", "ORT"),
    CALLS.name: ("ID", "BEGINN", "RICHTUNG", "RUFNUMMER", "KUNDE", "DAUER", "STATUS", "NEBENSTELLE"),
}
"""The columns of a list, where not all fields are."""

Wanted = Callable[[int, Mapping[int, Value]], bool]
"""Says of a record, by its id and its values, whether it belongs into a list."""


class Cell(NamedTuple):
    """A text, and where it leads to."""

    text: str
    link: str = ""


class Listing(NamedTuple):
    """Records of one table below each other."""

    title: str
    head: list[str]
    rows: list[list[Cell]]
    found: int
    """How many there are; not all may be in `rows`."""


class Records:
    """What there is to see of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def fields(self, table: Table, record_id: int, values: Mapping[int, Value]) -> list[tuple[Field, list[Cell]]]:
        """The fields of a record, each with what stands in it."""
        return [(field, self._cells(table, field, record_id, values)) for field in table.fields]

    def related(self, table: Table, record_id: int) -> list[Listing]:
        """The records of other tables that link to a record."""
        leading = [(other, field) for other in self._store.tables for field in other.relations()]
        return [
            self.listing(other, other.label, self._leading(other, field, record_id))
            for other, field in leading
            if field.target == table.id
        ]

    def listing(self, table: Table, title: str = "", wanted: Wanted = lambda *_: True) -> Listing:
        """The newest records of a table, of those that are wanted."""
        columns = [field for name in _LISTED.get(table.name, ()) if (field := table.named(name))] or table.fields
        records = [record for record in reversed(self._store.records(table)) if wanted(*record)]
        rows = []
        for record_id, values in records[:NEWEST]:
            cells = [self._cells(table, field, record_id, values) for field in columns]
            rows.append([found[0] if found else Cell("") for found in cells])
        return Listing(title, [field.label for field in columns], rows, len(records))

    def _leading(self, table: Table, field: Field, target_id: int) -> Wanted:
        return lambda record_id, _: target_id in self._store.linked(table, field, record_id)

    def _cells(self, table: Table, field: Field, record_id: int, values: Mapping[int, Value]) -> list[Cell]:
        if field.kind is Kind.ID:
            return [Cell(str(record_id), _link(table, record_id))]
        if field.kind is not Kind.RELATION:
            return [Cell("" if (value := values.get(field.id)) is None else str(value))]
        target = self._store.tables.get(field.target)
        linked = self._store.linked(table, field, record_id)
        found = [(to, self._store.record(target, to)) for to in linked] if target else []
        return [Cell(name_of(target, record), _link(target, to)) for to, record in found if target and record]


def name_of(table: Table, values: Mapping[int, Value]) -> str:
    """What stands for a record: a contact's name and company, else its main field."""
    if table.id != CONTACTS.id:
        return str(values.get(table.main_field or ID_FIELD) or "")
    first, last, company = (str(values.get(field_id) or "") for field_id in (3, 2, 4))
    return ", ".join(part for part in (f"{first} {last}".strip(), company) if part)


def number_of(text: str) -> int:
    """The table or record that a query names; 0, which none is, where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _link(table: Table, record_id: int) -> str:
    return f"/main.php?action=gtab_change&gtabid={table.id}&ID={record_id}"
