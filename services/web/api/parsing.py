"""Requests become models, or one sentence that says what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Final, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType

SIGN_IN: Final = "access_token"
"""What may stand in a query, and is no part of what is asked for."""
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)

M = TypeVar("M", bound=BaseModel)


def from_query(model: type[M], request: Request) -> M:
    """What the query asks for. Raises `UnprocessableEntity`."""
    given: dict[str, str | int] = {}
    for name, values in request.args.lists():
        if name == SIGN_IN:
            continue
        if len(values) > 1:
            raise UnprocessableEntity(f"{_short(name)} is there more than once.")
        given[name] = int(values[0]) if _WHOLE_NUMBER.fullmatch(values[0]) else values[0]
    return _validated(model, json.dumps(given).encode())


def from_body(model: type[M], request: Request) -> M:
    """What the body asks for. Raises `UnsupportedMediaType`, `BadRequest`, `UnprocessableEntity`."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send what you ask for as application/json.")
    return _validated(model, request.get_data(cache=False))


def _validated(model: type[M], document: bytes) -> M:
    try:
        return model.model_validate_json(document)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if problem["type"] == "json_invalid":
            raise BadRequest("The body is no valid JSON.") from None
        where = ".".join(_short(str(part)) for part in problem["loc"]) or "The body"
        raise UnprocessableEntity(f"{where} is wrong: {problem['msg'][:1].lower()}{problem['msg'][1:]}.") from None


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:37]}..."
