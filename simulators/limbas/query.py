"""`gtab_erg`: the records that a search finds, one page of them, with the records they are linked to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from simulators.limbas import php
from simulators.limbas.search import candidates, condition
from simulators.limbas.sessions import Session
from simulators.limbas.soap import Fault, PhpArray
from simulators.limbas.store import Store
from simulators.limbas.tables import ID_FIELD, Field, Kind, Table
from simulators.limbas.values import Value, lower, show

_Record = tuple[int, Mapping[int, Value]]
_ALL: Final = "0"
"""`showfields` that begins with it asks for every field."""


class Query:
    """One `gtab_erg` action."""

    def __init__(self, action: PhpArray, session: Session, store: Store, *, by_names: bool) -> None:
        self._action = action
        self._session = session
        self._store = store
        self._by_names = by_names

    def answer(self, table_id: int | None) -> PhpArray:
        """The result: the counts, and the rows in `fresult`, which is None if there is none.

        Raises `Fault` where PHP itself gives up.
        """
        getvars = self._action.get("getvars")
        if not isinstance(getvars, dict):
            raise Fault("Server", "in_array(): Argument #2 ($haystack) must be of type array, null given")
        if "fresult" not in getvars.values():
            return {"fresult": None}
        table = self._session.tables.get(table_id)
        if table is None:
            key: int | str = "#" if self._by_names else table_id or ""
            return {"result": {name: {key: None} for name in ("res_count", "max_count", "page")}, "fresult": None}
        found = self._found(table)
        key = self._table_key(table)
        counts = {
            "res_count": {key: len(found)},
            "max_count": {key: len(found)},
            "page": {key: self._options(table).get("res_next") or None},
        }
        return {"result": counts, "fresult": self._rows(table, self._page(table, found))}

    def _found(self, table: Table) -> list[_Record]:
        sought = php.array(php.array(self._action.get("gsr")).get(table.id))
        met = condition(table, sought)
        equal = candidates(table, sought)
        records = self._store.having(table, *equal) if equal else self._store.records(table)
        found = [record for record in records if met(record[1])]
        order = self._options(table).get("order")
        orders = list(order.values()) if isinstance(order, dict) else [order]
        for wanted in reversed(orders):
            field_id, _, direction = php.text(wanted).partition(",")
            field = table.field(php.number(field_id) or 0)
            if field and direction.upper() in {"", "ASC", "DESC"}:
                found.sort(key=lambda record: _sort_key(record[1].get(field.id)), reverse=direction.upper() == "DESC")
        return found

    def _page(self, table: Table, found: list[_Record]) -> list[_Record]:
        size = self._page_size(table)
        page = max(1, php.number(self._options(table).get("res_next")) or 1)
        return found[size * (page - 1) : size * page]

    def _page_size(self, table: Table) -> int:
        """The rows on a page: as asked for, else as asked for earlier in the session, else the user's setting.

        Recording 09 asks with `nolimit` after 08 had asked for 50, and gets the user's 15: `nolimit` takes back what
        stuck to the session.
        """
        options = self._options(table)
        if (count := php.number(options.get("count"))) and count > 0:
            self._session.counts[table.id] = count
        elif php.is_true(options.get("nolimit")):
            self._session.counts.pop(table.id, None)
        return self._session.counts.get(table.id, self._session.user.rows_per_page)

    def _rows(self, table: Table, records: Iterable[_Record]) -> PhpArray | None:
        shown = self._shown(table)
        if not shown:
            return None
        rows = {record_id: self._row(table, shown, record_id, values) for record_id, values in records}
        filled = {record_id: row for record_id, row in rows.items() if row}
        return {self._table_key(table): filled} if filled else None

    def _row(self, table: Table, shown: list[str], record_id: int, values: Mapping[int, Value]) -> PhpArray:
        row: PhpArray = {}
        encoded = self._by_names or not php.is_true(self._options(table).get("noencode"))
        for field in table.fields:
            key: int | str = f"*{field.name}" if self._by_names else field.id
            listed = str(field.id) in shown
            if not listed and shown[0] != _ALL:
                continue
            if field.kind is not Kind.RELATION:
                row[key] = show(field, values.get(field.id), encoded=encoded)
            elif not self._target_shown(field):
                row[key] = self._link_names(table, field, record_id, encoded=encoded)
            elif listed and (linked := self._linked_rows(table, field, record_id)):
                row[key] = linked
        return row

    def _linked_rows(self, table: Table, field: Field, record_id: int) -> PhpArray | None:
        target = self._session.tables.get(field.target)
        return self._rows(target, self._page(target, self._links(table, field, record_id))) if target else None

    def _link_names(self, table: Table, field: Field, record_id: int, *, encoded: bool) -> PhpArray | str | None:
        """What a relation shows if nobody asked for fields of its target: the linked records' main fields.

        `noencode` makes PHP decode that, which is an array, and it gives up.
        """
        target = self._session.tables.get(field.target)
        links = self._links(table, field, record_id)
        if target is None or not links:
            return None if encoded else ""
        if not encoded:
            message = "html_entity_decode(): Argument #1 ($string) must be of type string, array given"
            raise Fault("Server", message)
        main = target.field(target.main_field or ID_FIELD) or target.fields[0]
        return {linked: show(main, values.get(main.id), encoded=True) for linked, values in links}

    def _links(self, table: Table, field: Field, record_id: int) -> list[_Record]:
        target = self._session.tables.get(field.target)
        if target is None:
            return []
        linked = self._store.linked(table, field, record_id)
        return [(link, values) for link in linked if (values := self._store.record(target, link)) is not None]

    def _shown(self, table: Table) -> list[str]:
        """The ids of the fields that the action asks for, as text. Empty: none."""
        wanted = [php.text(field) for field in php.listed(self._options(table).get("showfields"))]
        if not self._by_names:
            return wanted
        return [str(field.id) if (field := table.named(name.removeprefix("*"))) else name for name in wanted]

    def _target_shown(self, field: Field) -> bool:
        return bool(php.array(self._action.get(field.target)).get("showfields"))

    def _options(self, table: Table) -> PhpArray:
        return php.array(self._action.get(table.id))

    def _table_key(self, table: Table) -> int | str:
        return f"#{table.name}" if self._by_names else table.id


def _sort_key(value: Value) -> tuple[bool, Any]:
    """Nothing comes last; text as the database's `lower()` has it."""
    return value is None, lower(value) if isinstance(value, str) else value
