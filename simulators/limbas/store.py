"""The records of the simulated Limbas and the links between them. Pure data; safe to use from many threads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from threading import RLock

from simulators.limbas.tables import ID_FIELD, RECORDED, Field, Table, Tables
from simulators.limbas.values import Value, lower

Record = tuple[int, Mapping[int, Value]]
"""A record's id, and its values by field id."""


def indexed(value: Value) -> Value:
    """A value as `Store.having` knows it: a text in small letters."""
    return lower(value) if isinstance(value, str) else value


class Store:
    """Records by table and id, links by relation. Ids count up per table and are never used again."""

    def __init__(self, tables: Tables = RECORDED) -> None:
        self.lock = RLock()
        """Held for a whole request, so that its actions happen at once, and for each method here."""
        self.tables = tables
        """As they stand now. Sessions go on with those of their login."""
        self._records: dict[int, dict[int, dict[int, Value]]] = defaultdict(dict)
        self._next_ids: dict[int, int] = defaultdict(lambda: 1)
        self._links: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(dict)
        self._indexes: dict[int, dict[int, dict[Value, set[int]]]] = defaultdict(dict)
        """Table id → field id → value → record ids, for fields by which somebody has looked up."""

    def insert(self, table: Table, record_id: int | None = None) -> int:
        """Create an empty record. Returns its id: the table's next one, unless one is given."""
        with self.lock:
            new = record_id or self._next_ids[table.id]
            self._next_ids[table.id] = max(self._next_ids[table.id], new + 1)
            self._records[table.id][new] = {}
            self.write(table, new, {ID_FIELD: new})
            return new

    def write(self, table: Table, record_id: int, values: Mapping[int, Value]) -> None:
        """Set fields of a record. A record that is not there stays away, and nobody hears of it."""
        with self.lock:
            if (record := self._records[table.id].get(record_id)) is None:
                return
            for field_id, index in self._indexes[table.id].items():
                if field_id in values:
                    index[indexed(record.get(field_id))].discard(record_id)
                    index[indexed(values[field_id])].add(record_id)
            record.update(values)

    def delete(self, table: Table, record_id: int) -> bool:
        """Remove a record and every link from and to it. Returns whether it was there."""
        with self.lock:
            for other in self.tables:
                for field in other.relations():
                    links = self._links[other.id, field.id]
                    if other.id == table.id:
                        links.pop(record_id, None)
                    for targets in links.values() if field.target == table.id else ():
                        targets[:] = [target for target in targets if target != record_id]
            record = self._records[table.id].pop(record_id, None)
            for field_id, index in self._indexes[table.id].items():
                index[indexed((record or {}).get(field_id))].discard(record_id)
            return record is not None

    def record(self, table: Table, record_id: int) -> Mapping[int, Value] | None:
        """The values of a record by field id, or None. What changes later shows in them, here and below."""
        return self._records[table.id].get(record_id)

    def records(self, table: Table) -> list[Record]:
        """All records of a table, by id."""
        with self.lock:
            return sorted(self._records[table.id].items())

    def having(self, table: Table, field: Field, values: Collection[Value]) -> list[Record]:
        """The records whose field is one of some values, by id. Texts are given, and compared, in small letters."""
        with self.lock:
            index = self._index(table, field.id)
            found = {record_id for value in values for record_id in index.get(value, ())}
            return [(record_id, self._records[table.id][record_id]) for record_id in sorted(found)]

    def start_ids_at(self, table: Table, record_id: int) -> None:
        """Let the table's next record have this id."""
        self._next_ids[table.id] = record_id

    def link(self, table: Table, field: Field, record_id: int, target_id: int) -> bool:
        """Link a record to one of the relation's target table.

        Returns False, and does nothing, if they are linked already or one of them does not exist.
        """
        with self.lock:
            targets = self._links[table.id, field.id].setdefault(record_id, [])
            there = record_id in self._records[table.id] and target_id in self._records[field.target]
            if not there or target_id in targets:
                return False
            targets.append(target_id)
            return True

    def unlink(self, table: Table, field: Field, record_id: int, target_id: int) -> None:
        """Remove a link, if there is one."""
        with self.lock:
            targets = self._links[table.id, field.id].get(record_id, [])
            if target_id in targets:
                targets.remove(target_id)

    def linked(self, table: Table, field: Field, record_id: int) -> list[int]:
        """The records that a relation leads to, in the order in which they were linked."""
        with self.lock:
            return list(self._links[table.id, field.id].get(record_id, []))

    def _index(self, table: Table, field_id: int) -> dict[Value, set[int]]:
        if field_id not in self._indexes[table.id]:
            index = self._indexes[table.id][field_id] = defaultdict(set)
            for record_id, values in self._records[table.id].items():
                index[indexed(values.get(field_id))].add(record_id)
        return self._indexes[table.id][field_id]
