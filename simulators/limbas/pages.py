"""The pages that a person sees: `main.php` with lists and records, the login page, the error pages.

Far simpler than Limbas' own, behind the same addresses: links of Call monitor lead somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader

from simulators.limbas.messages import Reply
from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS, ID_FIELD, Field, Kind, Table
from simulators.limbas.values import Value

_TEMPLATE: Final = Environment(
    loader=PackageLoader("simulators.limbas", ""), autoescape=True, trim_blocks=True, lstrip_blocks=True
).get_template("page.html")
_NEWEST: Final = 200
"""Records in a list."""
_LISTED: Final = {
    CONTACTS.name: ("ID", "NAME", "VORNAME", "FIRMA", "TELEFON", "MOBIL", "ORT"),
    CALLS.name: ("ID", "BEGINN", "RICHTUNG", "RUFNUMMER", "KUNDE", "DAUER", "STATUS", "NEBENSTELLE"),
}
"""The columns of a list, where not all fields are."""


class Cell(NamedTuple):
    """A text, and where it leads to."""

    text: str
    link: str = ""


class Listing(NamedTuple):
    """A table on a page."""

    title: str
    head: list[str]
    rows: list[list[Cell]]


def login_page(*, locked: bool) -> bytes:
    """The page that Limbas shows instead of any answer to who is not logged in. `locked`: 15 s without a button."""
    return _TEMPLATE.render(title="Login", login=True, locked=locked).encode()


def error_page(status: int) -> bytes:
    """The page of an HTTP error."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return _TEMPLATE.render(title=title, text="limbas simulator").encode()


class Pages:
    """`main.php` of one server."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reply(self, query: Mapping[str, str]) -> Reply:
        """A list (`action=gtab_erg&gtabid=5`) or a record (`action=gtab_change&gtabid=4&ID=7`).

        `gtab_neu` creates an empty record at once, on a mere GET, as Limbas does.
        """
        tables = self._store.tables
        table = tables.get(_number(query.get("gtabid", str(CALLS.id))))
        with self._store.lock:
            match query.get("action", "gtab_erg"), table:
                case "gtab_erg", Table():
                    return self._page(table.label, table, [self._listing(table, "")])
                case "gtab_change" | "gtab_deterg", Table():
                    return self._record(table, _number(query.get("ID", "")))
                case "gtab_neu", Table():
                    return self._record(table, self._store.insert(table))
        return Reply(404, error_page(404))

    def _record(self, table: Table, record_id: int) -> Reply:
        values = self._store.record(table, record_id)
        if values is None:
            return Reply(404, error_page(404))
        fields = [(field.label, self._cells(table, field, record_id, values)) for field in table.fields]
        related = [
            self._listing(other, other.label, only=(field, record_id))
            for other in self._store.tables
            for field in other.relations()
            if field.target == table.id
        ]
        return self._page(f"{table.label} {record_id}: {_name(table, values)}", table, related, fields)

    def _listing(self, table: Table, title: str, only: tuple[Field, int] | None = None) -> Listing:
        """The newest records of a table; `only` those that a relation links to a record."""
        columns = [field for name in _LISTED.get(table.name, ()) if (field := table.named(name))] or table.fields
        records = [
            (record_id, values)
            for record_id, values in reversed(self._store.records(table))
            if only is None or only[1] in self._store.linked(table, only[0], record_id)
        ]
        rows = []
        for record_id, values in records[:_NEWEST]:
            cells = [self._cells(table, field, record_id, values) for field in columns]
            rows.append([found[0] if found else Cell("") for found in cells])
        return Listing(title, [field.label for field in columns], rows)

    def _cells(self, table: Table, field: Field, record_id: int, values: Mapping[int, Value]) -> list[Cell]:
        if field.kind is Kind.ID:
            return [Cell(str(record_id), _link(table, record_id))]
        if field.kind is not Kind.RELATION:
            return [Cell("" if (value := values.get(field.id)) is None else str(value))]
        target = self._store.tables.get(field.target)
        linked = self._store.linked(table, field, record_id)
        found = [(to, self._store.record(target, to)) for to in linked] if target else []
        return [Cell(_name(target, record), _link(target, to)) for to, record in found if target and record]

    def _page(
        self, title: str, table: Table, listings: list[Listing], fields: list[tuple[str, list[Cell]]] | None = None
    ) -> Reply:
        menu = [
            Cell(other.label, f"/main.php?action=gtab_erg&gtabid={other.id}")
            for other in self._store.tables
            if other.id in {CALLS.id, CONTACTS.id}
        ]
        page = _TEMPLATE.render(title=title, menu=menu, here=table.label, fields=fields, listings=listings)
        return Reply(200, page.encode(errors="replace"))


def _name(table: Table, values: Mapping[int, Value]) -> str:
    """What stands for a record: a contact's name and company, else its main field."""
    if table.id != CONTACTS.id:
        return str(values.get(table.main_field or ID_FIELD) or "")
    first, last, company = (str(values.get(field_id) or "") for field_id in (3, 2, 4))
    return ", ".join(part for part in (f"{first} {last}".strip(), company) if part)


def _link(table: Table, record_id: int) -> str:
    return f"/main.php?action=gtab_change&gtabid={table.id}&ID={record_id}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
