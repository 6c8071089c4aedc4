"""Looking at records and schema and changing them, by names and in plain values: what a person does in Limbas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from simulators.limbas.store import Store
from simulators.limbas.tables import Field, Kind, Table, with_field, without_field
from simulators.limbas.values import Refused, Value, accept


class Impossible(Exception):
    """What was asked for cannot be done. The text is a sentence. `missing`: because something is not there."""

    def __init__(self, text: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.missing = missing


class Editor:
    """Edits one store. Its methods raise `Impossible`, and then have changed nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def records(self, table_name: str) -> list[dict[str, Any]]:
        """All records of a table: id, fields by name, linked ids by relation. Dates are texts, with their seconds."""
        table = self._table(table_name)
        return [
            {
                "id": record_id,
                "fields": {f.name: _plain(values.get(f.id)) for f in table.fields if f.kind is not Kind.RELATION},
                "links": {field.name: self._store.linked(table, field, record_id) for field in table.relations()},
            }
            for record_id, values in self._store.records(table)
        ]

    def add(self, table_name: str, wanted: Mapping[str, Any]) -> int:
        """Add a record. Returns its id."""
        table = self._table(table_name)
        change = _Change(self._store, table, wanted)
        record_id = self._store.insert(table)
        change.make(record_id)
        return record_id

    def change(self, table_name: str, record_id: int, wanted: Mapping[str, Any]) -> None:
        """Change fields of a record. The value of a relation is a list of ids, which replaces its links."""
        table = self._existing(table_name, record_id)
        _Change(self._store, table, wanted).make(record_id)

    def delete(self, table_name: str, record_id: int) -> None:
        """Remove a record and its links."""
        self._store.delete(self._existing(table_name, record_id), record_id)

    def schema(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The tables and their fields."""
        return {
            table.name: {
                field.name: {"id": field.id, "kind": field.kind.name, "size": field.size, "unique": field.unique}
                for field in table.fields
            }
            for table in self._store.tables
        }

    def change_table(self, table_name: str, wanted: Mapping[str, Any]) -> None:
        """Set attributes of a `Table`."""
        self._store.tables = self._store.tables.with_table(replace(self._table(table_name), **wanted))

    def remove_table(self, table_name: str) -> None:
        """Take a table out of the schema."""
        self._store.tables = self._store.tables.without_table(self._table(table_name))

    def change_field(self, table_name: str, name: str, wanted: Mapping[str, Any]) -> None:
        """Set attributes of a `Field`."""
        table, field = self._field(table_name, name)
        self._store.tables = self._store.tables.with_table(with_field(table, replace(field, **wanted)))

    def remove_field(self, table_name: str, name: str) -> None:
        """Take a field out of its table."""
        self._store.tables = self._store.tables.with_table(without_field(*self._field(table_name, name)))

    def _table(self, name: str) -> Table:
        table = self._store.tables.named(name)
        if table is None:
            names = ", ".join(table.name for table in self._store.tables)
            raise Impossible(f"There is no table {name}, only {names}.", missing=True)
        return table

    def _field(self, table_name: str, name: str) -> tuple[Table, Field]:
        table = self._table(table_name)
        field = table.named(name)
        if field is None:
            raise Impossible(f"{table.name} has no field {name}.", missing=True)
        return table, field

    def _existing(self, table_name: str, record_id: int) -> Table:
        table = self._table(table_name)
        if self._store.record(table, record_id) is None:
            raise Impossible(f"{table.name} has no record {record_id}.", missing=True)
        return table


class _Change:
    """A change of one record, checked, and yet to be made."""

    def __init__(self, store: Store, table: Table, wanted: Mapping[str, Any]) -> None:
        self._store = store
        self._table = table
        self._values: dict[int, Value] = {}
        self._links: list[tuple[Field, list[int]]] = []
        for name, value in wanted.items():
            field = table.named(name)
            if field is None or field.kind is Kind.ID:
                raise Impossible(f"{table.name} has no field {name} that can be set.")
            if field.kind is Kind.RELATION:
                self._links.append((field, self._targets(field, value)))
            else:
                self._values[field.id] = _accepted(field, value)

    def make(self, record_id: int) -> None:
        """Make it to a record that is there."""
        self._store.write(self._table, record_id, self._values)
        for field, targets in self._links:
            for target in self._store.linked(self._table, field, record_id):
                self._store.unlink(self._table, field, record_id, target)
            for target in targets:
                self._store.link(self._table, field, record_id, target)

    def _targets(self, field: Field, value: Any) -> list[int]:
        target = self._store.tables.get(field.target)
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            raise Impossible(f"{field.name} has to be a list of record ids.")
        for one in value:
            if target is None or self._store.record(target, one) is None:
                raise Impossible(f"There is no record {one} for {field.name} to lead to.")
        return value


def _accepted(field: Field, value: Any) -> Value:
    try:
        return None if value is None else accept(field, str(value))
    except Refused:
        raise Impossible(f"The value for {field.name} does not fit.") from None


def _plain(value: Value) -> str | int | None:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value
