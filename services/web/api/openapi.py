"""The API's description, OpenAPI 3.1, made of the models that requests are read and answers are written with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from services.web.api.models import CallEntry, CallsPage, CallsQuery, ContactChoice, Me, Problem, SearchQuery
from services.web.errors import LARGEST_BODY

VERSION: Final = "1"
"""Of the API. It grows when something changes that is there; what is new changes nothing."""
_SCHEMAS: Final = "#/components/schemas/"
_PARAMETERS: Final = "#/components/parameters/"

_UNAUTHORIZED: Final = {401: "There is no token, or it opens nothing (any more)."}
_NOT_LISTED: Final = {422: "Something of what is asked for is none of the possible values."}
_NO_CALL: Final = {404: "There is no such call, or it is not among those that the token opens."}
_READING: Final = {503: "The calls are still being read after a start. `Retry-After` says when to ask again."}
_BODY: Final = {
    400: "The body is no JSON.",
    413: f"The body has more than {LARGEST_BODY} bytes.",
    415: "The body is not sent as application/json.",
    422: "The body is not as described.",
}


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one address."""

    name: str
    summary: str
    description: str
    answer: type[BaseModel] | None
    refusals: Mapping[int, str]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    of_call: bool = False
    """The address has a call's id in it."""


OPERATIONS: Final[Mapping[tuple[str, str], _Operation]] = {
    ("/openapi.json", "get"): _Operation(
        "describe", "This description", "Needs no token.", answer=None, refusals={},
    ),
    ("/me", "get"): _Operation(
        "me", "Who the token speaks for", "", answer=Me, refusals=_UNAUTHORIZED,
    ),
    ("/calls", "get"): _Operation(
        "listCalls", "The newest calls",
        "Of those that the token opens, newest first. Only the newest are kept: older ones are in Limbas.",
        answer=CallsPage, query=CallsQuery, refusals=_UNAUTHORIZED | _NOT_LISTED | _READING,
    ),
    ("/calls/search", "post"): _Operation(
        "searchCalls", "Find calls by what a person types",
        "By names, companies, numbers and places. A POST, because names and numbers do not belong into addresses.",
        answer=CallsPage, body=SearchQuery, refusals=_UNAUTHORIZED | _BODY | _READING,
    ),
    ("/calls/{call_id}", "get"): _Operation(
        "showCall", "One call", "", answer=CallEntry, of_call=True, refusals=_UNAUTHORIZED | _NO_CALL | _READING,
    ),
    ("/calls/{call_id}/contact", "post"): _Operation(
        "chooseContact", "Say who it was",
        "From then on the call's number is that contact's. Calls of it of which nobody was sure are linked, and every "
        "reader of the event stream gets the better `contact.resolved`.",
        answer=CallEntry, body=ContactChoice, of_call=True,
        refusals=_UNAUTHORIZED | _BODY | _NO_CALL
        | {409: "The contact is none of the call's candidates, or the call's number cannot be anybody's."}
        | {503: "The calls are still being read after a start, or the event log is away."},
    ),
}  # fmt: skip
"""What the API can do, by address and method."""


@cache
def description() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Limbas Callmonitor",
            "version": VERSION,
            "description": "The calls of an office: listed, searched, and told who they were. Every error is one "
            "sentence. Calls come live over the event stream, which docs/events.md describes.",
        },
        "servers": [{"url": "../api", "description": "Wherever this description was found."}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": {
                "callId": {
                    "name": "call_id", "in": "path", "required": True, "description": "The call's `id`.",
                    "schema": {"type": "string", "minLength": 1},
                },
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "query": {"type": "apiKey", "in": "query", "name": "access_token"},
            },
        },
    }  # fmt: skip


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for (path, method), operation in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _described(operation)
    return paths


def _described(operation: _Operation) -> dict[str, Any]:
    found = _json(_reference(operation.answer) if operation.answer else {"type": "object"})
    refusals = {
        str(status): {"description": why} | _json(_reference(Problem)) for status, why in operation.refusals.items()
    }
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "responses": {"200": {"description": "As asked for."} | found} | refusals,
        "security": _security(operation),
    }
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {"required": True} | _json(_reference(operation.body))
    return described


def _security(operation: _Operation) -> list[dict[str, list[str]]]:
    """What is needed: a token, which may stand in the query where nothing is sent."""
    if operation.answer is None:
        return []
    return [{"bearer": []}] if operation.body else [{"bearer": []}, {"query": []}]


def _parameters(operation: _Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [{"$ref": f"{_PARAMETERS}callId"}] if operation.of_call else []
    if operation.query:
        fields = operation.query.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")["properties"]
        parameters += [_parameter(name, schema) for name, schema in fields.items()]
    return parameters


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A query's parameter. That it may be null says only that it may be left out."""
    schema = dict(schema)
    kinds: Sequence[dict[str, Any]] = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    about = schema.pop("description", "")
    if schema.get("default", ...) is None:
        del schema["default"]
    schema = {key: value for key, value in schema.items() if key != "title"} | (kinds[0] if kinds else {})
    return {"name": name, "in": "query", "required": False, "description": about, "schema": schema}


def _schemas() -> dict[str, Any]:
    sent, received = (Me, CallsPage, CallEntry, Problem), (CallsQuery, SearchQuery, ContactChoice)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in sent] + [(model, "validation") for model in received],
        ref_template=f"{_SCHEMAS}{{model}}",
        schema_generator=GenerateJsonSchema,
    )
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"{_SCHEMAS}{model.__name__}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
