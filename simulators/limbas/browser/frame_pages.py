"""`main.php` in the main frame: lists and records as forms, on every page what extensions have loaded there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulators.limbas import php
from simulators.limbas.browser.top_document import TEMPLATES
from simulators.limbas.messages import Reply
from simulators.limbas.pages import error_page
from simulators.limbas.records import Records
from simulators.limbas.search import condition
from simulators.limbas.sessions import MENU_NEW, Session
from simulators.limbas.soap import PhpArray
from simulators.limbas.store import Store
from simulators.limbas.tables import Table
from simulators.limbas.values import Refused, accept


class FramePages:
    """The pages of one server."""

    def __init__(self, store: Store, version: str) -> None:
        self._store = store
        self._records = Records(store)
        self._version = version

    def reply(self, asked: PhpArray, session: Session, scripts: Sequence[str], styles: Sequence[str]) -> Reply:
        """Answer `main.php`; `asked` is query and form.

        `gtab_neu` creates an empty record at once, on a mere GET, as Limbas does.
        """
        loaded = {"scripts": scripts, "styles": styles, "version": self._version}
        action = php.text(asked.get("action")) or "intro"
        table = session.tables.get(php.number(asked.get("gtabid")))
        with self._store.lock:
            match action, table:
                case (("intro" | "explorer" | "user_w_vorlage"), _):
                    return _page("intro.html", {**loaded, "user": session.user})
                case "gtab_erg", Table():
                    return self._list(table, asked, loaded)
                case (("gtab_change" | "gtab_deterg"), Table()):
                    record_id = php.number(asked.get("ID")) or 0
                    if action == "gtab_change" and session.user.may_write:
                        self._save(table, record_id, asked)
                    return self._record(table, record_id, action, session, loaded)
                case "gtab_neu", Table() if session.user.may_write and MENU_NEW in session.user.menu_rights:
                    return self._record(table, self._store.insert(table), action, session, loaded)
        return Reply(404, error_page(404))

    def _list(self, table: Table, asked: PhpArray, loaded: dict[str, Any]) -> Reply:
        """`gs` is what the search form sends; it means what `gsr` does over SOAP."""
        met = condition(table, php.array(php.array(asked.get("gs")).get(table.id)))
        listing = self._records.listing(table, wanted=lambda _, values: met(values))
        return _page("list.html", {**loaded, "table": table, "listing": listing})

    def _record(self, table: Table, record_id: int, action: str, session: Session, loaded: dict[str, Any]) -> Reply:
        values = self._store.record(table, record_id)
        if values is None:
            return Reply(404, error_page(404))
        return _page(
            "record.html",
            {
                **loaded,
                "table": table,
                "record_id": record_id,
                "fields": self._records.fields(table, record_id, values),
                "related": self._records.related(table, record_id),
                "may_write": session.user.may_write and action != "gtab_deterg",
                "is_new": action == "gtab_neu",
            },
        )

    def _save(self, table: Table, record_id: int, asked: PhpArray) -> None:
        """Write the fields that the form says were changed: `history_fields` is `4,5,34;4,6,34;`."""
        changed = [
            entry.split(",") for entry in php.text(asked.get("history_fields")).split(";") if entry.count(",") == 2
        ]
        for table_id, field_id, changed_id in changed:
            field = table.field(php.number(field_id) or 0)
            if field and php.number(table_id) == table.id and php.number(changed_id) == record_id:
                text = php.text(asked.get(f"g_{table.id}_{field.id}"))
                try:
                    self._store.write(table, record_id, {field.id: accept(field, text)})
                except Refused:
                    continue


def _page(template: str, values: dict[str, Any]) -> Reply:
    return Reply(200, TEMPLATES.get_template(template).render(**values).encode(errors="replace"))
