"""What there is to judge by after a run of two calls, as it should be, so that a test can put in what is wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

from faults.announced import Call, Said
from faults.callers import IGNORED
from faults.checker import Evidence, Finding, check
from faults.event import Event, parse_id
from faults.invitation import EVERYTHING, Invitation
from faults.watched import Watched

DAY = "22.11.26"
LINES = (
    f"{DAY} 18:00:01;RING;0;03023125100;4710000001;SIP0;",
    f"{DAY} 18:00:02;CALL;1;20;4710000002;06990009801;SIP0;",
    f"{DAY} 18:00:05;CONNECT;0;10;03023125100;",
    f"{DAY} 18:00:09;DISCONNECT;1;0;",
    f"{DAY} 18:00:35;DISCONNECT;0;30;",
    f"{DAY} 18:00:36;RING;0;{IGNORED};4710000003;SIP0;",
    f"{DAY} 18:00:37;DISCONNECT;0;0;",
)
ANSWERED = Call(
    direction="inbound",
    remote="+493023125100",
    own_number="4710000001",
    phone="DECT 1",
    started="2026-11-22 18:00:01",
    connected="2026-11-22 18:00:05",
    ended="2026-11-22 18:00:35",
    duration=30,
    status="answered",
    phones=frozenset({10}),
)
NOT_REACHED = Call(
    direction="outbound",
    remote="+496990009801",
    own_number="4710000002",
    phone="IP phone 1",
    started="2026-11-22 18:00:02",
    ended="2026-11-22 18:00:09",
    duration=0,
    status="not reached",
    phones=frozenset({20}),
)


def said(*lines: str, listeners: int = 2) -> list[Said]:
    return [Said(line, listeners) for line in lines]


def record(number: int, call: Call, customers: list[int]) -> dict[str, Any]:
    fields = {
        "CALLID": f"call-{call.own_number}",
        "RICHTUNG": call.direction,
        "RUFNUMMER": call.remote,
        "EIGENE_NUMMER": call.own_number,
        "NEBENSTELLE": call.phone,
        "BEGINN": call.started,
        "VERBUNDEN": call.connected or None,
        "ENDE": call.ended,
        "DAUER": call.duration,
        "STATUS": call.status,
    }
    return {"id": number, "fields": fields, "links": {"KUNDE": customers}}


def document(call: Call, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"call-{call.own_number}",
        "seq": 3,
        "direction": call.direction,
        "state": "ended",
        "outcome": call.status,
        "remote": {"received": "", "e164": call.remote},
        "own_number": call.own_number,
        "extension": {"name": call.phone, "code": next(iter(call.phones), None)},
        "started_at": _aware(call.started),
        "connected_at": _aware(call.connected),
        "ended_at": _aware(call.ended),
        "duration": call.duration,
    } | changes


def _aware(wall: str) -> str | None:
    return f"{wall.replace(' ', 'T')}+01:00" if wall else None


def contact(call: Call, customer: int | None) -> dict[str, Any]:
    candidates = [{"record_id": customer}] if customer else []
    return {"call_id": f"call-{call.own_number}", "sure": bool(customer), "candidates": candidates}


def recorded(call: Call, number: int) -> dict[str, Any]:
    return {"call_id": f"call-{call.own_number}", "record_id": number}


class Office:
    """Everything as it should be, until a test puts something in."""

    def __init__(self) -> None:
        self.said = said(*LINES)
        self.records = [record(1, ANSWERED, [1]), record(2, NOT_REACHED, [])]
        self.messages: list[tuple[str, str | None, dict[str, Any]]] = [
            ("call.ended", "1-0", {"call": document(ANSWERED)}),
            ("contact.resolved", "2-0", contact(ANSWERED, 1)),
            ("call.recorded", "3-0", recorded(ANSWERED, 1)),
            ("call.ended", "4-0", {"call": document(NOT_REACHED)}),
            ("contact.resolved", "4-1", contact(NOT_REACHED, None)),
            ("call.recorded", "5-0", recorded(NOT_REACHED, 2)),
        ]
        self.log = [(parse_id(event_id or ""), content) for _, event_id, content in copy.deepcopy(self.messages)]
        self.invitation: Invitation | None = EVERYTHING
        self.logs = {"ingest.log": "+493…00 rang"}
        self.storage = {"appendonly.aof": "03023125100"}

    def findings(self) -> dict[str, Finding]:
        browser = Watched("browser", self.invitation)
        for name, event_id, content in self.messages:
            browser.take(name, event_id, content, json.dumps(content))
        events = [Event.of(at, content) for at, content in self.log]
        evidence = Evidence(self.said, self.records, events, [browser], self.logs, self.storage)
        return {finding.where: finding for finding in check(evidence)}
