"""The records of the simulated Limbas and the links between them. Pure data; safe to use from many threads."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock

from simulators.limbas.tables import ID_FIELD, RECORDED, Field, Table, Tables
from simulators.limbas.values import Value


class Store:
    """Records by table and id, links by relation. Ids count up per table and are never used again."""

    def __init__(self, tables: Tables = RECORDED) -> None:
        self.lock = RLock()
        """Held for a whole request, so that its actions happen at once, and for each method here."""
        self.tables = tables
        """As they stand now. Sessions go on with those of their login."""
        self._records: dict[int, dict[int, dict[int, Value]]] = {}
        self._next_ids: dict[int, int] = {}
        self._links: dict[tuple[int, int], dict[int, list[int]]] = {}

    def insert(self, table: Table, record_id: int | None = None) -> int:
        """Create an empty record. Returns its id: the table's next one, unless one is given."""
        with self.lock:
            new = record_id or self._next_ids.get(table.id, 1)
            self._next_ids[table.id] = max(self._next_ids.get(table.id, 1), new + 1)
            self._records.setdefault(table.id, {})[new] = {ID_FIELD: new}
            return new

    def write(self, table: Table, record_id: int, values: Mapping[int, Value]) -> None:
        """Set fields of a record. A record that is not there stays away, and nobody hears of it."""
        with self.lock:
            if (record := self._records.get(table.id, {}).get(record_id)) is not None:
                record.update(values)

    def delete(self, table: Table, record_id: int) -> bool:
        """Remove a record and every link from and to it. Returns whether it was there."""
        with self.lock:
            for other in self.tables:
                for field in other.relations():
                    links = self._links.get((other.id, field.id), {})
                    if other.id == table.id:
                        links.pop(record_id, None)
                    for targets in links.values() if field.target == table.id else ():
                        targets[:] = [target for target in targets if target != record_id]
            return self._records.get(table.id, {}).pop(record_id, None) is not None

    def record(self, table: Table, record_id: int) -> Mapping[int, Value] | None:
        """The values of a record by field id, or None."""
        with self.lock:
            record = self._records.get(table.id, {}).get(record_id)
            return None if record is None else dict(record)

    def records(self, table: Table) -> list[tuple[int, Mapping[int, Value]]]:
        """All records of a table: id and values, by id."""
        with self.lock:
            return [(record_id, dict(values)) for record_id, values in sorted(self._records.get(table.id, {}).items())]

    def start_ids_at(self, table: Table, record_id: int) -> None:
        """Let the table's next record have this id."""
        self._next_ids[table.id] = record_id

    def link(self, table: Table, field: Field, record_id: int, target_id: int) -> bool:
        """Link a record to one of the relation's target table.

        Returns False, and does nothing, if they are linked already or one of them does not exist.
        """
        with self.lock:
            targets = self._links.setdefault((table.id, field.id), {}).setdefault(record_id, [])
            there = record_id in self._records.get(table.id, {}) and target_id in self._records.get(field.target, {})
            if not there or target_id in targets:
                return False
            targets.append(target_id)
            return True

    def unlink(self, table: Table, field: Field, record_id: int, target_id: int) -> None:
        """Remove a link, if there is one."""
        with self.lock:
            targets = self._links.get((table.id, field.id), {}).get(record_id, [])
            if target_id in targets:
                targets.remove(target_id)

    def linked(self, table: Table, field: Field, record_id: int) -> list[int]:
        """The records that a relation leads to, in the order in which they were linked."""
        with self.lock:
            return list(self._links.get((table.id, field.id), {}).get(record_id, []))
