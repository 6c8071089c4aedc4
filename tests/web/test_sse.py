"""Server-sent events on the wire, read back as the HTML standard says a browser reads them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from services.web import sse


def dispatched(wire: bytes) -> list[dict[str, str]]:
    """The events that a browser would dispatch (HTML standard, 9.2.6)."""
    events: list[dict[str, str]] = []
    event: dict[str, str] = {}
    for line in re.split("\r\n|\r|\n", wire.decode()):
        if not line:
            if "data" in event:
                events.append({**event, "data": event["data"].removesuffix("\n")})
            event = {}
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            event[field] = event.get("data", "") + value + "\n" if field == "data" else value
    return events


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_browser_gets_the_data_that_was_sent_and_nothing_in_it_can_pose_as_a_field(data: str) -> None:
    as_lines = re.sub("\r\n|\r", "\n", data)
    wire = sse.message("call.ringing", data.encode(), "1-0")
    assert dispatched(wire) == [{"event": "call.ringing", "id": "1-0", "data": as_lines}]


def test_an_event_without_an_id_leaves_the_place_in_the_log_alone() -> None:
    assert dispatched(sse.message("status", b"{}")) == [{"event": "status", "data": "{}"}]


def test_a_heartbeat_is_no_event() -> None:
    assert dispatched(sse.HEARTBEAT) == []


def test_the_time_to_wait_is_given_in_milliseconds() -> None:
    assert sse.retry(2.5) == b"retry: 2500\n\n"
