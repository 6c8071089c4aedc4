"""`runlmb`: the actions of one request, run in order on the store, and the answer to each.

What a failed write answers is the point of this module: mostly nothing, or true. The recordings 10 to 45 show it;
what they do not show follows `extra/soap/soap.lib` and `gtab/gtab.lib` of Limbas 7.0.25.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from simulators.limbas import php, schema
from simulators.limbas.query import Query
from simulators.limbas.sessions import MENU_DELETE, MENU_LINK, MENU_NEW, MENU_UNLINK, Session
from simulators.limbas.soap import PhpArray
from simulators.limbas.store import Store, indexed
from simulators.limbas.tables import Field, Kind, Table
from simulators.limbas.values import Refused, Value, accept

NOT_LINKED: Final = "Datensatz konnte nicht verknüpft werden!"
"""The one error text that Limbas gives away (recording 20)."""


def numbered(payload: PhpArray) -> dict[int, PhpArray]:
    """The actions of a request, by their keys, in order."""
    return {key: php.array(value) for key, value in payload.items() if isinstance(key, int)}


def kind(action: PhpArray) -> str:
    """What an action is, for counting: its name, or `schema` for one that only asks for variables."""
    return php.text(action.get("action")) or "schema"


def run(payload: PhpArray, session: Session, store: Store) -> PhpArray:
    """Run a request's actions.

    Raises `soap.Fault` where PHP gives up; what was done up to there is done.
    """
    return _Run(session, store, by_names=php.is_true(payload.get("use_noids"))).answer(payload)


class _Run:
    """One request on its way."""

    def __init__(self, session: Session, store: Store, *, by_names: bool) -> None:
        self._session = session
        self._store = store
        self._by_names = by_names
        self._answer: PhpArray = {}
        self._success: bool | None = None
        """The answer to `gtab_change`. Limbas never resets it within a request: a link that went well after an update
        answers true, after a failed change false, and null only if it is the first (recording 18)."""
        self._handlers: dict[str, Callable[[int, PhpArray, int | None], None]] = {
            "gtab_new": self._new,
            "gtab_change": self._change,
            "gtab_delete": self._delete,
            "gtab_hide": self._hide,
            "gtab_erg": self._query,
        }

    def answer(self, payload: PhpArray) -> PhpArray:
        if self._by_names:
            payload = self._with_ids(payload)
        actions = numbered(payload)
        self._answer["session"] = self._session.block()
        self._answer |= self._variables(php.array(actions.get(0, {}).get("getvars")))
        with self._store.lock:
            for number, action in actions.items():
                if handler := self._handlers.get(php.text(action.get("action"))):
                    handler(number, action, self._table_id(action.get("gtabid")))
        return self._answer

    def _variables(self, wanted: PhpArray) -> PhpArray:
        may_write, tables = self._session.user.may_write, self._session.tables
        found: PhpArray = {}
        if "gtab" in wanted.values():
            found["gtab"] = schema.gtab(tables, may_write=may_write)
        if "gfield" in wanted.values():
            found["gfield"] = schema.gfield(tables, may_write=may_write)
        if "perms" in wanted.values():
            found["perms"] = dict.fromkeys(sorted(self._session.user.menu_rights), 1)
        return found

    def _query(self, number: int, action: PhpArray, table_id: int | None) -> None:
        query = Query(action, self._session, self._store, by_names=self._by_names)
        self._answer[number] = query.answer(table_id)

    def _new(self, number: int, action: PhpArray, table_id: int | None) -> None:
        table = self._session.tables.get(table_id)
        user = self._session.user
        if table is None or not user.may_write or MENU_NEW not in user.menu_rights:
            return  # no entry in the answer (37, 39)
        new = self._store.insert(table)
        self._answer[number] = new
        wanted = php.array(action.get("gnup"))
        # PHP takes "0" for nothing, so that a new record cannot be given one.
        texts = {key: php.text(value) for key, value in wanted.items() if isinstance(key, int) and php.is_true(value)}
        if texts:
            self._update(table, new, texts)
        self._link_all(number, wanted, deleting=False)

    def _change(self, number: int, action: PhpArray, table_id: int | None) -> None:
        if self._session.tables.get(table_id) is None or not self._session.user.may_write:
            return
        if updates := php.array(action.get("gup")):
            self._success = self._update_all(updates)
        if not self._link_all(number, php.array(action.get("gnup")), deleting=True):
            self._success = False
        self._answer[number] = self._success

    def _delete(self, number: int, action: PhpArray, table_id: int | None) -> None:
        if php.is_true(action.get("id")):
            table, record_id = self._session.tables.get(table_id), php.number(action["id"])
            user = self._session.user
            may_delete = user.may_write and MENU_DELETE in user.menu_rights
            self._answer[number] = bool(table and record_id and may_delete and self._store.delete(table, record_id))

    def _hide(self, number: int, action: PhpArray, _: int | None) -> None:
        if php.is_true(action.get("id")):
            self._answer[number] = False  # the recorded tables have no bin (44)

    def _update_all(self, updates: PhpArray) -> bool:
        """Write `table,field,id` → value. False only if all of it failed; what was ignored has not failed (36)."""
        by_record: dict[tuple[int, int], dict[int, str]] = {}
        for key, value in updates.items():
            ids = [php.number(part.strip()) for part in php.text(key).split(",")[:3]]
            if len(ids) == 3 and all(ids):
                by_record.setdefault((ids[0] or 0, ids[2] or 0), {})[ids[1] or 0] = php.text(value)
        outcomes = [
            self._update(table, record_id, texts)
            for (table_id, record_id), texts in by_record.items()
            if (table := self._session.tables.get(table_id))
        ]
        return any(outcomes) or all(outcome is None for outcome in outcomes)

    def _update(self, table: Table, record_id: int, texts: dict[int, str]) -> bool | None:
        """Write fields of one record, as far as they fit. Whether any was written; None if there was nothing to do."""
        fields = [(field, text) for key, text in texts.items() if (field := table.field(key)) and _writable(field)]
        values: dict[int, Value] = {}
        for field, text in fields:
            try:
                values[field.id] = accept(field, text)
            except Refused:
                continue
        if not fields:
            return None
        if not values or self._taken(table, values):
            return False
        self._store.write(table, record_id, values)
        return True

    def _taken(self, table: Table, values: dict[int, Value]) -> bool:
        """Whether a unique field's value is there already; in the record itself counts too, so none can be repeated."""
        unique = [field for field in table.fields if field.unique and field.id in values]
        return any(
            record.get(field.id) == values[field.id]
            for field in unique
            for _, record in self._store.having(table, field, {indexed(values[field.id])})
        )

    def _link_all(self, number: int, wanted: PhpArray, *, deleting: bool) -> bool:
        """Link and unlink as `verknpf` and its companions say. Whether all of it went well."""
        well = True
        for index in php.array(wanted.get("verknpf")):
            entry = {name: php.array(wanted.get(f"verkn_{name}")).get(index) for name in _LINK_PARTS}
            if not deleting:
                entry["del_ID"] = None
            well &= self._link(number, entry)
        return well

    def _link(self, number: int, entry: dict[str, Any]) -> bool:
        table = self._session.tables.get(php.number(entry["tabid"]))
        field = table.field(php.number(entry["fieldid"]) or 0) if table else None
        record_id = php.number(self._new_id(entry["ID"]))
        if table is None or field is None or field.kind is not Kind.RELATION or record_id is None:
            return False
        menu_rights = self._session.user.menu_rights
        to_unlink = php.listed(entry["del_ID"]) if MENU_UNLINK in menu_rights else []
        to_link = php.listed(self._new_id(entry["add_ID"])) if MENU_LINK in menu_rights else []
        unlinked = [target for value in to_unlink if (target := php.number(value))]
        for target in unlinked:
            self._store.unlink(table, field, record_id, target)
        targets = [target for value in to_link if (target := php.number(value))]
        linked = [self._store.link(table, field, record_id, target) for target in targets]
        if not all(linked):
            errors = self._answer.setdefault("error", {}).setdefault(number, {})
            errors[len(errors)] = NOT_LINKED
        return any(linked) or bool(unlinked)

    def _new_id(self, value: Any) -> Any:
        """`new_0` stands for the id that action 0 gave. Limbas reads two digits, no more: `new_100` is action 10's."""
        if isinstance(value, str) and value.startswith("new"):
            return self._answer.get(php.number(value[4:6]) or 0)
        return value

    def _table_id(self, value: Any) -> int | None:
        if isinstance(value, str) and php.number(value) is None:
            table = self._session.tables.named(value[1:])
            return table.id if table else None
        return php.number(value)

    def _with_ids(self, payload: PhpArray) -> PhpArray:
        """`use_noids`: `#TABLE` becomes its id, and `*FIELD` right below it. Elsewhere names stay, and mean nothing."""
        found: PhpArray = {}
        for key, value in payload.items():
            table = self._session.tables.named(key[1:]) if isinstance(key, str) and key.startswith("#") else None
            if table and isinstance(value, dict):
                found[table.id] = self._with_ids(_with_field_ids(table, value))
            else:
                found[key] = self._with_ids(value) if isinstance(value, dict) else value
        return found


_LINK_PARTS: Final = ("tabid", "fieldid", "ID", "add_ID", "del_ID")


def _with_field_ids(table: Table, values: PhpArray) -> PhpArray:
    found: PhpArray = {}
    for key, value in values.items():
        if not isinstance(key, str) or not key.startswith("*"):
            found[key] = value
        elif field := table.named(key[1:]):
            found[field.id] = value
    return found


def _writable(field: Field) -> bool:
    return field.kind not in {Kind.ID, Kind.RELATION}
