"""The corpus: lines as FRITZ!Boxes send them, where they were seen, and what they mean. README.md has the format."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from shared.boxes import Box
from shared.events import Call, CallEvent, Clock, Direction, Extension, Outcome, RemoteNumber, State

FOLDER: Final = Path(__file__).parent
OFFICE: Final = {
    "name": "office",
    "host": "fritzbox.invalid",
    "country": "DE",
    "area_code": "06221",
    "timezone": "Europe/Berlin",
}
"""The box that lines come from, unless a case says otherwise."""
DELAY: Final = timedelta(milliseconds=400)
"""How long after its own time stamp a line is received, unless a case says otherwise."""
UNDATED: Final = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)

_STATES: Final = {
    "call.ringing": State.RINGING,
    "call.dialing": State.DIALING,
    "call.connected": State.CONNECTED,
    "call.ended": State.ENDED,
}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallFields(_Strict):
    """What a case says about a call. What it leaves out is as in the same call's event before."""

    connection: int
    direction: Direction | None = None
    remote: RemoteNumber = RemoteNumber(received="")
    own_number: str = ""
    line: str = ""
    extension: Extension | None = None
    started_at: AwareDatetime | None = None
    connected_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    outcome: Outcome | None = None
    duration: int | None = None
    clock: Clock = Clock.BOX


class Expectation(_Strict):
    """An event that a line causes."""

    line: int = Field(ge=1)
    type: Literal["call.ringing", "call.dialing", "call.connected", "call.ended"]
    call: CallFields


class ExpectedEvent(NamedTuple):
    """A whole event, and the index (from 0) of the line that causes it. The call's id is its number in the case."""

    line: int
    event: CallEvent


class Case(_Strict):
    """Some lines of one box, and the events they lead to."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    source: str = Field(min_length=1)
    tag: Literal["box", "test", "inferred"]
    note: str = ""
    box: Box = Field(default_factory=lambda: Box.model_validate(OFFICE))
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    lines: tuple[str, ...] = Field(min_length=1)
    received: tuple[AwareDatetime, ...] = ()
    calls: int = Field(ge=0)
    quarantined: int = Field(default=0, ge=0)
    expect: tuple[Expectation, ...] = ()

    @field_validator("box", mode="before")
    @classmethod
    def _in_the_office(cls, overrides: dict[str, Any]) -> dict[str, Any]:
        return OFFICE | overrides

    def wire(self) -> tuple[bytes, ...]:
        """The lines as bytes, without line ends."""
        return tuple(line.encode(self.encoding) for line in self.lines)

    def received_at(self) -> tuple[datetime, ...]:
        """When each line is received, UTC."""
        if self.received:
            return tuple(moment.astimezone(UTC) for moment in self.received)
        moments, last = [], UNDATED + DELAY
        for line in self.lines:
            last = _received(line, ZoneInfo(self.box.timezone)) or last
            moments.append(last)
        return tuple(moments)

    def expected(self) -> tuple[ExpectedEvent, ...]:
        """The events with every field filled in. Compare them by `numbered`, as the real ones."""
        received = self.received_at()
        open_calls: dict[int, dict[str, Any]] = {}
        events, calls = [], 0
        for expectation in self.expect:
            given = {name: getattr(expectation.call, name) for name in expectation.call.model_fields_set}
            state = _STATES[expectation.type]
            line = expectation.line - 1
            seen_to_open = state in (State.RINGING, State.DIALING)
            if seen_to_open or expectation.call.connection not in open_calls:
                calls += 1
                known = dict(expectation.call) | {"id": str(calls), "box": self.box.name, "seq": 0}
                known["first_received_at"] = received[line] if seen_to_open else None
            else:
                known = open_calls.pop(expectation.call.connection)
            known = known | given | {"seq": known["seq"] + 1, "state": state}
            if state is not State.ENDED:
                open_calls[expectation.call.connection] = known
            call = Call.model_validate(known | {"received_at": received[line]})
            events.append(ExpectedEvent(line, CallEvent.of(call)))
        return tuple(events)


def load_cases() -> tuple[Case, ...]:
    """The whole corpus, file by file."""
    return tuple(case for path in sorted(FOLDER.glob("*.toml")) for case in load_file(path))


def load_file(path: Path) -> tuple[Case, ...]:
    """The cases of one file.

    Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError` when it is not well-formed.
    """
    return tuple(Case.model_validate(case) for case in tomllib.loads(path.read_text())["case"])


def numbered(events: Iterable[CallEvent]) -> list[dict[str, Any]]:
    """The events as documents, to be compared: calls' ids replaced by `1`, `2`, … in the order of appearance.

    Documents, because two datetimes with different offsets can be equal, and two in a repeated hour never are.
    """
    numbers: dict[str, str] = {}
    calls = (
        event.call.model_copy(update={"id": numbers.setdefault(event.call.id, str(len(numbers) + 1))})
        for event in events
    )
    return [CallEvent.of(call).model_dump(mode="json") for call in calls]


def _received(line: str, zone: ZoneInfo) -> datetime | None:
    """The line's own time plus `DELAY`, when it has a time."""
    try:
        local = datetime.strptime(line.partition(";")[0], "%d.%m.%y %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    return local.replace(tzinfo=zone).astimezone(UTC) + DELAY
