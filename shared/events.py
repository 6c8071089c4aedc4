"""The events: everything that services tell each other, as typed and versioned models.

One append-only Redis stream holds them (`shared.event_log`). An entry is one JSON document. The stream id that Redis
gives the entry is the event's id everywhere, in server-sent events too.

A `CallEvent` carries the *whole call so far* and the call's `seq`, so that a consumer can act on any one event
alone, late, twice or out of order: the higher `seq` wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

SCHEMA_VERSION: Final = 1


class Direction(StrEnum):
    """Which way a call goes, seen from the office."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class State(StrEnum):
    """Where a call is in its life."""

    RINGING = "ringing"
    """Somebody calls the office; nobody has answered yet."""
    DIALING = "dialing"
    """Somebody in the office calls out; the other side has not answered yet."""
    CONNECTED = "connected"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended, as far as the call monitor's lines can tell."""

    ANSWERED = "answered"
    MISSED = "missed"
    """Inbound and never answered. Missed, rejected, blocked and given up look identical on the wire."""
    VOICEMAIL = "voicemail"
    """Answered by one of the FRITZ!Box's answering machines (extension 40 to 49, or the old 6)."""
    NOT_REACHED = "not reached"
    """Outbound and never answered."""
    LOST = "lost"
    """Its end was never seen: the box reused the connection, or went silent for good."""


class ExtensionKind(StrEnum):
    """What stands behind an extension code."""

    PHONE = "phone"
    DECT = "dect"
    IP_PHONE = "ip phone"
    ISDN = "isdn"
    FAX = "fax"
    ANSWERING_MACHINE = "answering machine"
    CALL_THROUGH = "call through"
    DATA = "data"
    MOBILE = "mobile"
    UNKNOWN = "unknown"


class Clock(StrEnum):
    """Where a call's times come from."""

    BOX = "box"
    RECEIPT = "receipt"
    """The box's clock was not set, or made no sense: the time at which the line was received stands in."""


class _Model(BaseModel):
    """Immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Extension(_Model):
    """The phone in the office that takes part in a call."""

    code: int
    """The number that the call monitor sends, 0 to 99; not the `**610` that people dial."""
    kind: ExtensionKind
    name: str
    """As configured for the box, else made from the code: `DECT 1`."""


class RemoteNumber(_Model):
    """The other side's number."""

    received: str
    """As the box sent it; empty when suppressed."""
    e164: str | None = None
    """`+4962211234567`, where it can be known."""
    suppressed: bool = False


class Call(_Model):
    """One call, as far as it is known."""

    id: str
    """A function of the box, the opening line and its count within that second: the same for every reader."""
    box: str
    connection: int
    """The box's connection id. Reused at once by the next call, so never a key."""
    seq: int
    """Counts this call's events from 1. Of two versions of a call the one with the higher `seq` is the newer."""
    direction: Direction | None
    """None when nobody saw the call open, so that the lines do not tell."""
    state: State
    outcome: Outcome | None = None
    """Set when `state` is `ended`."""
    remote: RemoteNumber
    own_number: str
    """The office's number that was called or called out, as the box sent it; may be empty."""
    own_number_name: str = ""
    """As configured; empty: it has none."""
    line: str
    """The trunk: `SIP0`, `POTS`, `ISDN`; empty when nobody saw the call open."""
    extension: Extension | None = None
    """Known from the start on outbound calls, from the answer on inbound ones."""
    started_at: AwareDatetime | None
    """With the box's offset. None when nobody saw the call open."""
    connected_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration: int | None = None
    """Seconds, as the box said them: its clock disagrees with its own time stamps by -3 to +1 s."""
    received_at: AwareDatetime
    """When the line behind this version of the call was received, UTC."""
    first_received_at: AwareDatetime | None = None
    """When the line that opened the call was received, UTC. None when nobody saw it, or an older version wrote this."""
    clock: Clock = Clock.BOX


CallEventType: TypeAlias = Literal["call.ringing", "call.dialing", "call.connected", "call.ended"]
CALL_EVENT_BY_STATE: Final[Mapping[State, CallEventType]] = {
    State.RINGING: "call.ringing",
    State.DIALING: "call.dialing",
    State.CONNECTED: "call.connected",
    State.ENDED: "call.ended",
}


class CallEvent(_Model):
    """A call changed. From ingest."""

    type: CallEventType
    v: Literal[1] = SCHEMA_VERSION
    call: Call

    @classmethod
    def of(cls, call: Call) -> CallEvent:
        """The event that announces `call` in its present state."""
        return cls(type=CALL_EVENT_BY_STATE[call.state], call=call)

    @property
    def call_id(self) -> str:
        """Which call this is about."""
        return self.call.id


class Match(StrEnum):
    """How a candidate was found, the surest first."""

    PINNED = "pinned"
    """A person said so."""
    EXACT = "exact"
    """The number stands in the record."""
    COMPANY = "company by extension"
    """The record has the main number of which this one is an extension."""
    PHONEBOOK = "phonebook"
    """The number stands in a FRITZ!Box's phonebook."""
    PLACE = "place"
    """Nobody is known; this is where the number belongs: a town, a country, a mobile network."""


class Source(StrEnum):
    """Who knows the candidate."""

    LIMBAS = "limbas"
    PHONEBOOK = "phonebook"
    NUMBERING_PLAN = "numbering plan"


class Candidate(_Model):
    """Somebody who the other side may be."""

    source: Source
    match: Match
    confidence: float = 1.0
    """From 0 (says nothing of who it is) to 1 (a person said so, or it is the only one with this very number)."""
    name: str
    """As people read it: `Anna Schmidt`. Of a place: its German name."""
    name_en: str = ""
    """Of a place: its English name."""
    company: str = ""
    table: str = ""
    """The Limbas table of the record, when `source` is `limbas`."""
    record_id: int | None = None


class ContactResolved(_Model):
    """Who the other side is, or may be. From matcher. Of two for one call the later in the stream is the better."""

    type: Literal["contact.resolved"] = "contact.resolved"
    v: Literal[1] = SCHEMA_VERSION
    call_id: str
    candidates: tuple[Candidate, ...] = ()
    """Best first. Empty: nobody is known."""
    sure: bool = False
    """Exactly one record is meant, so that the call may be linked to it without asking anyone."""
    late: bool = False
    """Found when contacts were read again or a person said so: the call's record may be in people's hands by now."""


class CallRecorded(_Model):
    """The call has a record in Limbas. From logger."""

    type: Literal["call.recorded"] = "call.recorded"
    v: Literal[1] = SCHEMA_VERSION
    call_id: str
    table: str
    record_id: int
    linked_table: str = ""
    """The table of the contact that the record is linked to; empty when it is linked to none."""
    linked_id: int | None = None


Event = Annotated[CallEvent | ContactResolved | CallRecorded, Field(discriminator="type")]

_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)


def dump_event(event: Event) -> bytes:
    """The JSON document that goes into the stream."""
    return event.model_dump_json(exclude_defaults=False).encode()


def parse_event(document: bytes | str) -> Event:
    """The event in a stream entry.

    Raises `pydantic.ValidationError` when it is none, or of a version this code does not know.
    """
    return _EVENT.validate_json(document)
