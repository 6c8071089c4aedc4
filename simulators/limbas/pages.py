"""The pages that a person sees: `main.php` with lists and records, the login page, the error pages.

Far simpler than Limbas' own, behind the same addresses: links of Call monitor lead somewhere. `browser` has those that
an extension works in.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from jinja2 import Environment, PackageLoader

from simulators.limbas.messages import Reply
from simulators.limbas.records import Cell, Listing, Records, name_of, number_of
from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS, Table

_TEMPLATE: Final = Environment(
    loader=PackageLoader("simulators.limbas", ""), autoescape=True, trim_blocks=True, lstrip_blocks=True
).get_template("page.html")


def login_page(*, locked: bool, hint: str = "") -> bytes:
    """The page that Limbas shows instead of any answer to who is not logged in. `locked`: 15 s without a button."""
    return _TEMPLATE.render(title="Login", login=True, locked=locked, hint=hint).encode()


def error_page(status: int) -> bytes:
    """The page of an HTTP error."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return _TEMPLATE.render(title=title, text="limbas simulator").encode()


class Pages:
    """`main.php` of one server."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records = Records(store)

    def reply(self, query: Mapping[str, str]) -> Reply:
        """A list (`action=gtab_erg&gtabid=5`) or a record (`action=gtab_change&gtabid=4&ID=7`).

        `gtab_neu` creates an empty record at once, on a mere GET, as Limbas does.
        """
        tables = self._store.tables
        table = tables.get(number_of(query.get("gtabid", str(CALLS.id))))
        with self._store.lock:
            match query.get("action", "gtab_erg"), table:
                case "gtab_erg", Table():
                    return self._page(table.label, table, [self._records.listing(table)])
                case "gtab_change" | "gtab_deterg", Table():
                    return self._record(table, number_of(query.get("ID", "")))
                case "gtab_neu", Table():
                    return self._record(table, self._store.insert(table))
        return Reply(404, error_page(404))

    def _record(self, table: Table, record_id: int) -> Reply:
        values = self._store.record(table, record_id)
        if values is None:
            return Reply(404, error_page(404))
        fields = [(field.label, cells) for field, cells in self._records.fields(table, record_id, values)]
        title = f"{table.label} {record_id}: {name_of(table, values)}"
        return self._page(title, table, self._records.related(table, record_id), fields)

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
