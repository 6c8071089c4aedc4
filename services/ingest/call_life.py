"""The life of the calls of one box: messages in, call events out. Pure: time comes in with the messages.

Connection ids are small numbers that the box reuses at once, so they only say which of the open calls is meant. A
call's own id is a function of the box, the line that opened it, and how many same lines came in that second: two
readers of one box agree on it, and a replay gives it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from services.ingest.clock import instant
from services.ingest.extensions import extension
from services.ingest.ignoring import Ignored
from services.ingest.wire import LEFT_OUT, Connect, Dial, Disconnect, Message, Ring
from shared.boxes import Box, Place
from shared.events import Call, CallEvent, Clock, Direction, ExtensionKind, Outcome, RemoteNumber, State
from shared.numbers import to_e164

REMEMBERED_OPENINGS: Final = 64
"""Different opening lines. A line is the same only within its second, in which an office has one or two."""


class Memory(BaseModel):
    """What ingest remembers of a box besides the open calls."""

    counts: dict[str, int] = {}
    """How often each of the latest opening lines came, by a digest of the line and its second; the latest last."""
    ignored: set[int] = set()
    """The connections of the ignored calls that are going on. Nothing else may be kept of them."""

    def count(self, digest: str) -> int:
        """Count one more; returns how many there are now."""
        number = self.counts.pop(digest, 0) + 1
        self.counts[digest] = number
        if len(self.counts) > REMEMBERED_OPENINGS:
            del self.counts[next(iter(self.counts))]
        return number

    def dump(self) -> bytes:
        """As JSON, to be kept beside the event log."""
        return self.model_dump_json().encode()


@dataclass(frozen=True, slots=True)
class Office:
    """What people say about the office's numbers, whichever box they are on."""

    ignore: Ignored
    own_numbers: Mapping[str, str]
    """Names of own numbers."""


NOTHING_SPECIAL: Final = Office(Ignored(), {})


class CallLife:
    """The open calls of one box."""

    def __init__(
        self, box: Box, open_calls: Iterable[Call] = (), memory: Memory | None = None, office: Office = NOTHING_SPECIAL
    ) -> None:
        """`open_calls` and `memory` are what an earlier life left, so that a call survives a restart."""
        self._box = box
        self._zone = ZoneInfo(box.timezone)
        self._open = {call.connection: call for call in open_calls}
        self.memory = memory or Memory()
        self._own_names = {_comparable(number, box): name for number, name in office.own_numbers.items()}

    @property
    def calls(self) -> list[Call]:
        """Those that are open."""
        return list(self._open.values())

    def apply(self, message: Message, line: bytes, received_at: datetime) -> list[CallEvent]:
        """What a message, parsed from `line`, leads to: one event, or two where it ends a call that was forgotten.

        Nothing on the connection of an ignored call, until that ends or another one takes its place.
        """
        at, clock = instant(message.stamp, self._zone, received_at)
        ignored = message.connection in self.memory.ignored
        if not isinstance(message, Connect):
            self.memory.ignored.discard(message.connection)
        match message:
            case Ring() | Dial():
                lost = self._lose(message.connection, at, received_at)
                return [*lost, self._keep(self._opened(message, line, at, clock, received_at))]
            case _ if ignored:
                return []
            case Connect() if message.other_side == LEFT_OUT and message.connection not in self._open:
                return []  # nothing is known of the call, not even that its number is suppressed
            case Connect():
                return [self._keep(self._connected(message, line, at, clock, received_at))]
            case Disconnect():
                return [self._keep(self._ended(message, line, at, clock, received_at))]
            case _:
                assert_never(message)

    def ignore(self, connection: int, received_at: datetime) -> list[CallEvent]:
        """An ignored call has taken a connection. What was open there has ended."""
        self.memory.ignored.add(connection)
        return self._lose(connection, self._local(received_at), received_at)

    def free(self, connection: int) -> None:
        """The ignored call on a connection has ended."""
        self.memory.ignored.discard(connection)

    def expire(self, over: Container[str], now: datetime) -> list[CallEvent]:
        """End the open calls with these ids (see `ages`); `now` in UTC."""
        expired = [call for call in self.calls if call.id in over]
        return [event for call in expired for event in self._lose(call.connection, self._local(now), now)]

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(microsecond=0)

    def _keep(self, call: Call) -> CallEvent:
        if call.state is State.ENDED:
            self._open.pop(call.connection, None)
        else:
            self._open[call.connection] = call
        return CallEvent.of(call)

    def _opened(self, message: Ring | Dial, line: bytes, at: datetime, clock: Clock, received_at: datetime) -> Call:
        inbound = isinstance(message, Ring)
        number = message.caller if isinstance(message, Ring) else message.dialled
        return Call(
            id=self._call_id(line, at, clock),
            box=self._box.name,
            connection=message.connection,
            seq=1,
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            state=State.RINGING if inbound else State.DIALING,
            remote=RemoteNumber(
                received=number,
                e164=to_e164(number, self._box, outbound=not inbound),
                suppressed=inbound and not number,
            ),
            own_number=message.own_number,
            own_number_name=self._own_names.get(_comparable(message.own_number, self._box), ""),
            line=message.line,
            extension=None if isinstance(message, Ring) else extension(message.extension, self._box.extensions),
            started_at=at,
            received_at=received_at,
            first_received_at=received_at,
            clock=clock,
        )

    def _connected(self, message: Connect, line: bytes, at: datetime, clock: Clock, received_at: datetime) -> Call:
        call = self._open.get(message.connection)
        if call is None:  # it was opened while nobody listened
            number = message.other_side
            remote = RemoteNumber(received=number, e164=to_e164(number, self._box), suppressed=not number)
            call = self._unopened(message, line, at, clock, remote)
        return call.model_copy(
            update={
                "seq": call.seq + 1,
                "state": State.CONNECTED,
                "extension": extension(message.extension, self._box.extensions),
                "connected_at": call.connected_at or at,  # another phone may take over, or the answering machine
                "received_at": received_at,
                "clock": _worse(call.clock, clock),
            }
        )

    def _ended(self, message: Disconnect, line: bytes, at: datetime, clock: Clock, received_at: datetime) -> Call:
        call = self._open.get(message.connection)
        if call is None:
            call = self._unopened(message, line, at, clock, RemoteNumber(received=""))
        return call.model_copy(
            update={
                "seq": call.seq + 1,
                "state": State.ENDED,
                "outcome": _outcome(call, message.duration),
                "ended_at": at,
                "duration": message.duration,
                "received_at": received_at,
                "clock": _worse(call.clock, clock),
            }
        )

    def _lose(self, connection: int, at: datetime, received_at: datetime) -> list[CallEvent]:
        """End an open call whose end nobody saw."""
        call = self._open.pop(connection, None)
        if call is None:
            return []
        update = {
            "seq": call.seq + 1,
            "state": State.ENDED,
            "outcome": Outcome.LOST,
            "ended_at": at,
            "received_at": received_at,
        }
        return [CallEvent.of(call.model_copy(update=update))]

    def _unopened(
        self, message: Connect | Disconnect, line: bytes, at: datetime, clock: Clock, remote: RemoteNumber
    ) -> Call:
        """A call as it must have been before the first line that was seen of it. Its next version has `seq` 1."""
        return Call(
            id=self._call_id(line, at, clock),
            box=self._box.name,
            connection=message.connection,
            seq=0,
            direction=None,
            state=State.RINGING,
            remote=remote,
            own_number="",
            line="",
            started_at=None,
            received_at=at,
            clock=clock,
        )

    def _call_id(self, line: bytes, at: datetime, clock: Clock) -> str:
        """`office-20261122T180001-3f2a9c5e1b7d`: for people to read, and sorted by time."""
        # A box whose clock is unset starts the same second over at every reboot: the day of receipt tells them apart.
        second = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S" if clock is Clock.BOX else "%Y%m%d")
        digest = hashlib.sha256(b"\0".join((self._box.name.encode(), second.encode(), line)))
        count = self.memory.count(digest.hexdigest()[:12])
        digest.update(b"\0%d" % count)
        return f"{self._box.name}-{second}-{digest.hexdigest()[:12]}"


def _comparable(own_number: str, place: Place) -> str:
    return to_e164(own_number, place) or own_number.strip()


def _outcome(call: Call, duration: int) -> Outcome:
    if call.state is State.CONNECTED:
        outbound = call.direction is Direction.OUTBOUND
        machine = call.extension is not None and call.extension.kind is ExtensionKind.ANSWERING_MACHINE
        return Outcome.VOICEMAIL if machine and not outbound else Outcome.ANSWERED
    if call.direction is Direction.INBOUND:
        return Outcome.MISSED
    if call.direction is Direction.OUTBOUND:
        return Outcome.NOT_REACHED
    return Outcome.ANSWERED if duration else Outcome.LOST


def _worse(one: Clock, other: Clock) -> Clock:
    return Clock.RECEIPT if Clock.RECEIPT in (one, other) else Clock.BOX
