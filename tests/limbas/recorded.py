"""What real Limbas servers answered, as `tests/contract` keeps it, made into HTTP answers again."""

from __future__ import annotations

from typing import Any

from shared.limbas import schema
from shared.limbas.schema import Schema
from simulators.limbas import pages, soap
from tests.contract.cases import Case, cases
from tests.limbas.answering import Answer


def recorded(name: str) -> Case:
    """One recording, by its name or its number: `14`."""
    [found] = [case for case in cases() if case.name.startswith(name)]
    return found


def recorded_payload(name: str) -> Any:
    """What was sent, with PHP's arrays as PHP has them."""
    return as_php(recorded(name).payload)


def recorded_data(name: str) -> Any:
    """What was answered, without the session block, with PHP's arrays as PHP has them."""
    return as_php(recorded(name).answer)


def recorded_answer(name: str) -> Answer:
    """What was answered, as it came. Where the raw message was not kept, one is made around the data."""
    case = recorded(name)
    body = case.response_body
    if not body and case.answer is None:
        body = pages.login_page(locked="after" in case.name)
    elif not body:
        body = soap.answer({"session": {"user_id": 2}, **recorded_data(name)}, encoded=False)
    return Answer(body, case.status, {"Content-Type": case.content_type})


def recorded_schema() -> Schema:
    return schema.parse(recorded_data("01"))


def as_php(value: Any) -> Any:
    """`value` with lists as arrays, and with keys that are whole numbers as numbers."""
    if isinstance(value, list):
        return {index: as_php(item) for index, item in enumerate(value)}
    if isinstance(value, dict):
        return {int(key) if str(key).isdecimal() else key: as_php(item) for key, item in value.items()}
    return value
