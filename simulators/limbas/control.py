"""The control face under `/_simulator/`: JSON over HTTP, for tests and trials in other processes.

    GET    /records/ANRUFE            every record: [{"id": 1, "fields": {"CALLID": …}, "links": {"KUNDE": [7]}}]
    POST   /records/KUNDEN            add one: {"NAME": "Meyer", …} → {"id": 32}
    PATCH  /records/ANRUFE/1          change fields; a relation's value is the list of its links: {"KUNDE": [5]}
    DELETE /records/KUNDEN/32
    GET    /counters                  {"requests": …, "logins": …, "refused_logins": …, "actions": {"gtab_new": …}}
    DELETE /counters                  back to zero
    GET    /faults                    those that are on
    PUT    /faults/slow               on: {"seconds": 10, "count": 3, "probability": 0.5}, all of it optional
    DELETE /faults/slow               off; without a name all of them
    GET    /sessions                  {"open": 2}
    DELETE /sessions                  end them all
    PUT    /users/leser               {"password": "…", "may_write": false}; what is left out stays
    GET    /schema                    {"ANRUFE": {"CALLID": {"id": 2, "size": 64, "unique": false, "kind": "TEXT"}, …}}
    PATCH  /schema/ANRUFE/CALLID      {"name": …, "size": …, "unique": …, "kind": …}; without a field {"name": …}
    DELETE /schema/ANRUFE/CALLID      remove a field, or without one the table

Dates are `2026-11-22 18:00:01`, with the seconds that Limbas keeps and does not show. Sessions that are open keep the
schema and the rights of their login. What is wrong is answered with `{"error": "…"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.limbas import faults as faults_
from simulators.limbas import tables as tables_
from simulators.limbas.endpoint import Counters
from simulators.limbas.faults import FaultKind, Faults
from simulators.limbas.messages import Reply
from simulators.limbas.sessions import Sessions, User
from simulators.limbas.store import Store
from simulators.limbas.tables import Kind, Table
from simulators.limbas.values import Refused, Value, accept

M = TypeVar("M", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _FaultBody(_Body):
    seconds: float = Field(default=10.0, ge=0, le=3600)
    count: int | None = Field(default=None, ge=1)
    probability: float = Field(default=1.0, gt=0, le=1)


class _UserBody(_Body):
    password: str | None = None
    may_write: bool | None = None


class _TableBody(_Body):
    name: str


class _FieldBody(_Body):
    name: str | None = None
    size: int | None = Field(default=None, ge=1)
    unique: bool | None = None
    kind: Literal["TEXT", "PHONE", "DATETIME", "NUMBER"] | None = None


class _Wrong(Exception):
    """The request is answered with this sentence."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


class Control:
    """The control face of one simulator."""

    def __init__(self, store: Store, sessions: Sessions, faults: Faults, counters: Counters) -> None:
        self._store = store
        self._sessions = sessions
        self._faults = faults
        self._counters = counters
        self._routes: Mapping[str, Callable[[str, list[str], bytes], Any]] = {
            "records": self._records,
            "counters": self._count,
            "faults": self._fault,
            "sessions": self._session,
            "users": self._user,
            "schema": self._schema,
        }

    def reply(self, method: str, path: str, body: bytes) -> Reply:
        """Answer one request; `path` is what follows `/_simulator`."""
        section, *rest = [part for part in path.split("/") if part] or [""]
        route = self._routes.get(section, self._nowhere)
        try:
            with self._store.lock:
                answer = route(method, rest, body)
        except _Wrong as wrong:
            return _json(wrong.status, {"error": str(wrong)})
        return _json(200, answer)

    def _nowhere(self, *_: object) -> Any:
        raise _Wrong(f"There are only {', '.join(self._routes)}.", 404)

    def _records(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "GET", [name]:
                table = self._table(name)
                return [self._record(table, record_id, values) for record_id, values in self._store.records(table)]
            case "POST", [name]:
                table = self._table(name)
                change = self._change(table, _object(body))
                record_id = self._store.insert(table)
                change(record_id)
                return {"id": record_id}
            case "PATCH", [name, text]:
                self._change(table := self._table(name), _object(body))(self._existing(table, text))
                return {}
            case "DELETE", [name, text]:
                self._store.delete(table := self._table(name), self._existing(table, text))
                return {}
        raise _NOT_LIKE_THIS

    def _record(self, table: Table, record_id: int, values: Mapping[int, Value]) -> dict[str, Any]:
        fields = {field.name: _plain(values.get(field.id)) for field in table.fields if field.kind is not Kind.RELATION}
        links = {field.name: self._store.linked(table, field, record_id) for field in table.relations()}
        return {"id": record_id, "fields": fields, "links": links}

    def _change(self, table: Table, wanted: Mapping[str, Any]) -> Callable[[int], None]:
        """Check a change, to be made to the record whose id is then given."""
        values: dict[int, Value] = {}
        links: list[tuple[tables_.Field, list[int]]] = []
        for name, value in wanted.items():
            field = table.named(name)
            if field is None or field.kind is Kind.ID:
                raise _Wrong(f"{table.name} has no field {name} that can be set.")
            if field.kind is Kind.RELATION:
                links.append((field, self._targets(field, value)))
            else:
                values[field.id] = _accepted(field, value)

        def change(record_id: int) -> None:
            self._store.write(table, record_id, values)
            for field, targets in links:
                for target in self._store.linked(table, field, record_id):
                    self._store.unlink(table, field, record_id, target)
                for target in targets:
                    self._store.link(table, field, record_id, target)

        return change

    def _targets(self, field: tables_.Field, value: Any) -> list[int]:
        target = self._store.tables.get(field.target)
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            raise _Wrong(f"{field.name} has to be a list of record ids.")
        for one in value:
            if target is None or self._store.record(target, one) is None:
                raise _Wrong(f"There is no record {one} for {field.name} to lead to.")
        return value

    def _count(self, method: str, rest: list[str], _: bytes) -> Any:
        match method, rest:
            case "GET", []:
                counted = self._counters
                return {
                    "requests": counted.requests,
                    "logins": counted.logins,
                    "refused_logins": counted.refused_logins,
                    "actions": dict(counted.actions),
                }
            case "DELETE", []:
                self._counters.reset()
                return {}
        raise _NOT_LIKE_THIS

    def _fault(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "GET", []:
                return [asdict(fault) for fault in self._faults.now_on()]
            case "PUT", [name]:
                self._faults.switch_on(faults_.Fault(_fault_kind(name), **_read(_FaultBody, body).model_dump()))
                return {}
            case "DELETE", [*names] if len(names) <= 1:
                self._faults.switch_off(_fault_kind(names[0]) if names else None)
                return {}
        raise _NOT_LIKE_THIS

    def _session(self, method: str, rest: list[str], _: bytes) -> Any:
        match method, rest:
            case "GET", []:
                return {"open": self._sessions.open()}
            case "DELETE", []:
                self._sessions.end_all()
                return {}
        raise _NOT_LIKE_THIS

    def _user(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "PUT", [name]:
                wanted = _read(_UserBody, body).model_dump(exclude_none=True)
                user = self._sessions.user(name) or User(name, "", self._sessions.new_user_id())
                self._sessions.set_user(replace(user, **wanted))
                return {}
        raise _NOT_LIKE_THIS

    def _schema(self, method: str, rest: list[str], body: bytes) -> Any:
        tables = self._store.tables
        match method, rest:
            case "GET", []:
                return {table.name: {field.name: _described(field) for field in table.fields} for table in tables}
            case "PATCH", [name]:
                self._store.tables = tables.with_table(replace(self._table(name), name=_read(_TableBody, body).name))
                return {}
            case "DELETE", [name]:
                self._store.tables = tables.without_table(self._table(name))
                return {}
            case "PATCH", [name, field_name]:
                table, field = self._field(name, field_name)
                wanted = _read(_FieldBody, body).model_dump(exclude_none=True)
                if "kind" in wanted:
                    wanted["kind"] = Kind[wanted["kind"]]
                self._store.tables = tables.with_table(tables_.with_field(table, replace(field, **wanted)))
                return {}
            case "DELETE", [name, field_name]:
                self._store.tables = tables.with_table(tables_.without_field(*self._field(name, field_name)))
                return {}
        raise _NOT_LIKE_THIS

    def _table(self, name: str) -> Table:
        table = self._store.tables.named(name)
        if table is None:
            names = ", ".join(table.name for table in self._store.tables)
            raise _Wrong(f"There is no table {name}, only {names}.", 404)
        return table

    def _field(self, table_name: str, name: str) -> tuple[Table, tables_.Field]:
        table = self._table(table_name)
        field = table.named(name)
        if field is None:
            raise _Wrong(f"{table.name} has no field {name}.", 404)
        return table, field

    def _existing(self, table: Table, text: str) -> int:
        record_id = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
        if self._store.record(table, record_id) is None:
            raise _Wrong(f"{table.name} has no record {text}.", 404)
        return record_id


_NOT_LIKE_THIS: Final = _Wrong("This is not how the control face is asked; its module lists all requests.", 405)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _Wrong("The body has to be a JSON object.")
    return found


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate(_object(body))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise _Wrong(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from None


def _accepted(field: tables_.Field, value: Any) -> Value:
    if value is None:
        return None
    try:
        return accept(field, str(value))
    except Refused:
        raise _Wrong(f"The value for {field.name} does not fit.") from None


def _fault_kind(name: str) -> FaultKind:
    try:
        return FaultKind(name)
    except ValueError:
        raise _Wrong(f"There is no fault {name}, only {', '.join(FaultKind)}.", 404) from None


def _described(field: tables_.Field) -> dict[str, Any]:
    return {"id": field.id, "kind": field.kind.name, "size": field.size, "unique": field.unique}


def _plain(value: Value) -> str | int | None:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value


def _json(status: int, answer: Any) -> Reply:
    return Reply(status, json.dumps(answer).encode(), "application/json")
