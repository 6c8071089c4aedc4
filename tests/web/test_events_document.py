"""docs/events.md names every field and every value that there is."""

from __future__ import annotations

import json
from enum import StrEnum

import pytest
from pydantic import BaseModel

from services.web.event_stream import RETRY_SECONDS
from services.web.payload import Reason
from services.web.reader import CALLS_KEPT
from services.web.rights import Rights, Scope
from services.web.stream_limit import STREAMS_PER_USER
from services.web.subscription import QUEUE_LIMIT
from services.web.tokens import CLOCK_SKEW, LONGEST_SECONDS
from shared.events import (
    Call,
    CallEvent,
    CallRecorded,
    Candidate,
    Clock,
    ContactResolved,
    Direction,
    Extension,
    Match,
    Outcome,
    RemoteNumber,
    Source,
    State,
    parse_event,
)
from shared.limbas_state import LimbasState
from tests.conformance import document


@pytest.mark.parametrize(
    ("heading", "place", "model", "besides"),
    [
        ("`call.ringing`", 0, CallEvent, {"shown"}),
        ("`call.ringing`", 1, Call, set()),
        ("`contact.resolved`", 0, ContactResolved, set()),
        ("`contact.resolved`", 1, Candidate, set()),
        ("`call.recorded`", 0, CallRecorded, set()),
        ("2. Tokens", 0, Rights, {"aud", "sub", "iat", "exp"}),
    ],
)
def test_every_field_is_there(heading: str, place: int, model: type[BaseModel], besides: set[str]) -> None:
    assert set(document.tables(heading)[place]) == set(model.model_fields) | besides


@pytest.mark.parametrize(
    ("heading", "place", "field", "values"),
    [
        ("`snapshot`", 0, "reason", Reason),
        ("`snapshot`", 0, "limbas", LimbasState),
        ("`call.ringing`", 1, "direction", Direction),
        ("`call.ringing`", 1, "state", State),
        ("`call.ringing`", 1, "outcome", Outcome),
        ("`call.ringing`", 1, "clock", Clock),
        ("`contact.resolved`", 1, "source", Source),
        ("`contact.resolved`", 1, "match", Match),
        ("2. Tokens", 0, "calls", Scope),
    ],
)
def test_every_value_is_there(heading: str, place: int, field: str, values: type[StrEnum]) -> None:
    meaning = document.tables(heading)[place][field][1]
    assert [value for value in values if f"`{value}`" not in meaning] == []


@pytest.mark.parametrize(("field", "model"), [("remote", RemoteNumber), ("extension", Extension)])
def test_every_field_within_a_field_is_there(field: str, model: type[BaseModel]) -> None:
    meaning = document.tables("`call.ringing`")[1][field][1]
    assert [name for name in model.model_fields if f"`{name}`" not in meaning] == []


@pytest.mark.parametrize("name", ["call.ringing", "call.connected", "contact.resolved", "call.recorded"])
def test_an_event_that_is_shown_is_one_and_leaves_nothing_out(name: str) -> None:
    shown = document.published(name)
    assert parse_event(json.dumps(shown)).model_dump(mode="json") == shown


def test_the_numbers_are_those_of_the_server() -> None:
    for sentence in (
        f"the newest {CALLS_KEPT} others",
        f"more than {CLOCK_SKEW} s from now, or lasts longer than {LONGEST_SECONDS // 3600} hours",
        f"When {QUEUE_LIMIT} messages wait for it",
        f"more than {STREAMS_PER_USER} streams in one process",
        f"retry: {round(RETRY_SECONDS * 1000)}\n",
    ):
        assert sentence in document.TEXT.replace("\n  ", " ")
