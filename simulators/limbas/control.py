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
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.limbas.editing import Editor, Impossible
from simulators.limbas.endpoint import Counters
from simulators.limbas.faults import Fault, FaultKind, Faults
from simulators.limbas.messages import Reply
from simulators.limbas.sessions import Sessions, User
from simulators.limbas.store import Store
from simulators.limbas.tables import Kind

M = TypeVar("M", bound=BaseModel)


class Control:
    """The control face of one simulator."""

    def __init__(self, store: Store, sessions: Sessions, faults: Faults, counters: Counters) -> None:
        self._lock = store.lock
        self._editor = Editor(store)
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
        section, *rest = [unquote(part) for part in path.split("/") if part] or [""]
        route = self._routes.get(section, self._nowhere)
        try:
            with self._lock:
                return _json(200, route(method, rest, body))
        except Impossible as impossible:
            return _json(404 if impossible.missing else 400, {"error": str(impossible)})
        except _NotLikeThis:
            text = "This is not how the control face is asked; its module lists all requests."
            return _json(405, {"error": text})

    def _nowhere(self, *_: object) -> Any:
        raise Impossible(f"There are only {', '.join(self._routes)}.", missing=True)

    def _records(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "GET", [table]:
                return self._editor.records(table)
            case "POST", [table]:
                return {"id": self._editor.add(table, _object(body))}
            case "PATCH", [table, record_id]:
                return self._editor.change(table, _id(record_id), _object(body))
            case "DELETE", [table, record_id]:
                return self._editor.delete(table, _id(record_id))
        raise _NotLikeThis

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
                return self._counters.reset()
        raise _NotLikeThis

    def _fault(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "GET", []:
                return [asdict(fault) for fault in self._faults.now_on()]
            case "PUT", [name]:
                how = _read(_FaultBody, body).model_dump()
                return self._faults.switch_on(Fault(_fault_kind(name), **how))
            case "DELETE", []:
                return self._faults.switch_off()
            case "DELETE", [name]:
                return self._faults.switch_off(_fault_kind(name))
        raise _NotLikeThis

    def _session(self, method: str, rest: list[str], _: bytes) -> Any:
        match method, rest:
            case "GET", []:
                return {"open": self._sessions.open()}
            case "DELETE", []:
                return self._sessions.end_all()
        raise _NotLikeThis

    def _user(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "PUT", [name]:
                user = self._sessions.user(name) or User(name, "", self._sessions.new_user_id())
                return self._sessions.set_user(replace(user, **_given(_UserBody, body)))
        raise _NotLikeThis

    def _schema(self, method: str, rest: list[str], body: bytes) -> Any:
        match method, rest:
            case "GET", []:
                return self._editor.schema()
            case "PATCH", [table]:
                return self._editor.change_table(table, _given(_TableBody, body))
            case "DELETE", [table]:
                return self._editor.remove_table(table)
            case "PATCH", [table, field]:
                wanted = _given(_FieldBody, body)
                kind = {"kind": Kind[wanted["kind"]]} if "kind" in wanted else {}
                return self._editor.change_field(table, field, wanted | kind)
            case "DELETE", [table, field]:
                return self._editor.remove_field(table, field)
        raise _NotLikeThis


class _NotLikeThis(Exception):
    """No such request."""


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


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Impossible("The body has to be a JSON object.")
    return found


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate(_object(body))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        raise Impossible(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}.") from None


def _given(model: type[BaseModel], body: bytes) -> dict[str, Any]:
    return _read(model, body).model_dump(exclude_none=True)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Impossible(f"{text[:20]} is no record id.")
    return int(text)


def _fault_kind(name: str) -> FaultKind:
    try:
        return FaultKind(name)
    except ValueError:
        raise Impossible(f"There is no fault {name}, only {', '.join(FaultKind)}.", missing=True) from None


def _json(status: int, answer: Any) -> Reply:
    """Nothing to tell is an empty object."""
    return Reply(status, json.dumps({} if answer is None else answer).encode(), "application/json")
