"""What goes over the event stream."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.payload import Payload, Reason
from services.web.projection import Projection
from services.web.rights import Rights
from services.web.tokens import Identity
from shared.boxes import Place
from shared.event_log import LoggedEvent
from shared.events import CallEvent, CallRecorded, Event, RemoteNumber, dump_event, parse_event
from shared.limbas_state import LimbasState
from tests.shared.making import a_call, an_event

HEIDELBERG = Place(country="DE", area_code="06221")
PAYLOAD = Payload(HEIDELBERG, heartbeat_seconds=15, links={"KUNDEN": "https://limbas.example/{id}"})


def data_of(message: bytes) -> dict[str, Any]:
    (line,) = [line for line in message.split(b"\n") if line.startswith(b"data: ")]
    data: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return data


def update(event: Event, document: bytes | None = None) -> dict[str, Any]:
    return data_of(PAYLOAD.update(LoggedEvent("1-0", event, document or dump_event(event))))


def snapshot(calls: bytes, you: Identity, limbas: LimbasState) -> dict[str, Any]:
    return data_of(PAYLOAD.snapshot(calls, "2-0", reason=Reason.GAP, you=you, live=True, limbas=limbas))


def shown(remote: RemoteNumber, own_number: str = "") -> dict[str, str]:
    numbers: dict[str, str] = update(CallEvent.of(a_call(remote=remote, own_number=own_number)))["shown"]
    return numbers


def test_an_event_goes_out_as_it_stands_in_the_log() -> None:
    event = CallRecorded(call_id="one", table="ANRUFE", record_id=7)
    assert update(event) == json.loads(dump_event(event))


def test_fields_that_a_newer_version_added_get_through() -> None:
    document = dump_event(an_event()).removesuffix(b"}") + b',"new_in_2027":[1,2]}\n'
    assert update(parse_event(document), document)["new_in_2027"] == [1, 2]


@pytest.mark.parametrize(
    ("received", "e164", "people_write"),
    [
        ("0221471012", "+49221471012", "0221 471012"),
        ("0049221471012", "+49221471012", "0221 471012"),
        ("004312345678", "+4312345678", "+43 1 2345678"),
        ("62", None, "62"),
        ("", None, ""),
    ],
)
def test_the_other_side_is_shown_as_people_here_write_numbers(
    received: str, e164: str | None, people_write: str
) -> None:
    assert shown(RemoteNumber(received=received, e164=e164))["number"] == people_write


@pytest.mark.parametrize(
    ("sent", "people_write"), [("0221471099", "0221 471099"), ("471099", "06221 471099"), ("", ""), ("12", "12")]
)
def test_the_own_number_is_shown_in_the_same_way(sent: str, people_write: str) -> None:
    assert shown(RemoteNumber(received=""), sent)["own_number"] == people_write


def test_an_own_number_with_a_name_is_shown_by_it() -> None:
    call = a_call(own_number="4710100", own_number_name="Hotline")
    assert update(CallEvent.of(call))["shown"]["own_number"] == "Hotline"


@given(st.text(max_size=40), st.none() | st.from_regex(r"\+\d{1,20}", fullmatch=True), st.text(max_size=40))
def test_whatever_a_box_sent_goes_out_as_one_message(received: str, e164: str | None, own_number: str) -> None:
    call = a_call(remote=RemoteNumber(received=received, e164=e164), own_number=own_number)
    assert update(CallEvent.of(call))["call"] == call.model_dump(mode="json")


def test_a_snapshot_has_each_call_with_what_is_known_of_it_and_what_is_not() -> None:
    projection = Projection(kept=10)
    event = an_event("one")
    record = CallRecorded(call_id="one", table="ANRUFE", record_id=7)
    projection.apply("1-0", event)
    projection.apply("2-0", record)
    calls = b"[" + b",".join(map(PAYLOAD.call, projection.calls())) + b"]"
    rights = Rights.parse({"calls": "own", "extensions": ["10"]})
    data = snapshot(calls, Identity("anna", 0, rights), limbas=LimbasState.AWAY)
    (call,) = data["calls"]
    assert call == {
        "call": event.call.model_dump(mode="json"),
        "contact": None,
        "record": record.model_dump(mode="json"),
        "shown": update(event)["shown"],
    }
    assert data["reason"] == "gap"
    assert data["you"] == {"user": "anna", "calls": "own", "mine": True}
    assert data["live"] is True
    assert data["limbas"] == "away"
    assert data["heartbeat_seconds"] == 15
    assert data["links"] == {"KUNDEN": "https://limbas.example/{id}"}
