"""What goes over the event stream, as JSON.

- an event of the log, named by its type: the document as it stands in the log, plus `shown` where it has a call;
- `snapshot`: every call that is kept and that the reader may see, each with what is known of it, and what the reader
  needs to make sense of it;
- `status`: whether the event log can be reached, and whether calls get into Limbas, so that a page does not promise
  what it cannot keep.

`shown` is what people read, made here because it takes the numbering plans of the world to make it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from services.web import sse
from services.web.projection import CallView
from services.web.tokens import Identity
from shared.boxes import Place
from shared.event_log import LoggedEvent
from shared.events import Call, CallEvent
from shared.limbas_state import LimbasState
from shared.numbers import readable, to_e164

SNAPSHOT: Final = "snapshot"
STATUS: Final = "status"


class Reason(StrEnum):
    """Why a reader gets a snapshot."""

    START = "start"
    """It comes for the first time."""
    GAP = "gap"
    """What it missed is not to be had: the log no longer reaches back to its last event, or cannot be read."""
    RESTART = "restart"
    """The log is another one than before."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Makes messages for the event stream. One per process."""

    home: Place
    """Where the office is: numbers of this country are shown without their country code."""
    heartbeat_seconds: float
    links: Mapping[str, str]
    """How to open a record, by table."""

    def update(self, logged: LoggedEvent) -> bytes:
        """The message for one event of the log."""
        data = logged.document
        if isinstance(logged.event, CallEvent):
            # Spliced, not serialised anew: fields of a newer version get through, and nobody does the work twice.
            data = data.rstrip().removesuffix(b"}") + b',"shown":' + _json(self.shown(logged.event.call)) + b"}"
        return sse.message(logged.event.type, data, logged.id)

    def call(self, view: CallView) -> bytes:
        """A call of a snapshot, with all that is known of it."""
        call, contact, record = (
            known.model_dump_json().encode() if known else b"null" for known in (view.call, view.contact, view.record)
        )
        shown = _json(self.shown(view.call)) if view.call else b"null"
        return b'{"call":%b,"contact":%b,"record":%b,"shown":%b}' % (call, contact, record, shown)

    def snapshot(
        self, calls: bytes, position: str, *, reason: Reason, you: Identity, live: bool, limbas: LimbasState
    ) -> bytes:
        """The message that everything starts from. `calls` is a JSON array of what `call` makes."""
        about = {
            "reason": reason,
            "you": {"user": you.user, "calls": you.rights.calls, "mine": you.rights.name_own},
            "now": _now(),
            "live": live,
            "limbas": limbas,
            "heartbeat_seconds": self.heartbeat_seconds,
            "links": dict(self.links),
        }
        data = _json(about).removesuffix(b"}") + b',"calls":' + calls + b"}"
        return sse.message(SNAPSHOT, data, position)

    def status(self, *, live: bool, limbas: LimbasState) -> bytes:
        """The message that says whether events can come at all. It has no id: it is no event of the log."""
        return sse.message(STATUS, _json({"now": _now(), "live": live, "limbas": limbas}))

    def shown(self, call: Call) -> dict[str, str]:
        """The call's numbers as people write them; a name instead where the office's own number has one."""
        own_number = to_e164(call.own_number, self.home)
        return {
            "number": _readable(call.remote.e164, call.remote.received, self.home),
            "own_number": call.own_number_name or _readable(own_number, call.own_number, self.home),
        }


def _readable(e164: str | None, received: str, home: Place) -> str:
    return readable(e164, home.country) if e164 else received


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
