"""Calls and events for tests, made with as few words as possible."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.events import Call, CallEvent, Direction, RemoteNumber, State

START = datetime(2026, 11, 22, 18, 0, 1, tzinfo=UTC)


def a_call(call_id: str = "office-20261122T180001-1", **changes: Any) -> Call:
    """An inbound call that rings, unless `changes` say otherwise."""
    call = Call(
        id=call_id,
        box="office",
        connection=0,
        seq=1,
        direction=Direction.INBOUND,
        state=State.RINGING,
        remote=RemoteNumber(received="0302312501", e164="+49302312501"),
        own_number="6900090",
        line="SIP0",
        started_at=START,
        received_at=START,
    )
    return call.model_copy(update=changes)


def an_event(call_id: str = "office-20261122T180001-1", **changes: Any) -> CallEvent:
    """The event that announces `a_call`."""
    return CallEvent.of(a_call(call_id, **changes))
