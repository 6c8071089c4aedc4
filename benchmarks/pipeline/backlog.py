"""A backlog as an office leaves it: four events for each call, three by ingest and one by matcher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from redis import Redis

from shared.boxes import Place
from shared.contacts.index import ContactIndex
from shared.contacts.reading import Contact
from shared.event_log import FIELD, EventLog
from shared.events import (
    Call,
    CallEvent,
    Candidate,
    ContactResolved,
    Direction,
    Event,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    RemoteNumber,
    Source,
    State,
    dump_event,
)

STREAM: Final = "callmonitor:events"
EVENTS_EACH: Final = 4
DAY: Final = 24 * 3600.0
CALLERS: Final = 1000
"""Different numbers. Of five callers one is unknown."""
FASTSTREAM_FIELD: Final = b"__data__"
"""Where FastStream looks for a message's body."""
CHUNK: Final = 1000
HERE: Final = Place(area_code="06221")


class Backlog:
    """Events beside the stream, which become it as often as one likes."""

    def __init__(self, redis: Redis, events: int) -> None:
        """Make so many events, and the contacts."""
        self.events = events
        self._redis = redis
        self._keys = {field: f"backlog:{events}:{field.decode()}" for field in (FIELD, FASTSTREAM_FIELD)}
        documents = map(dump_event, islice(_events(), events))
        redis.unlink(*self._keys.values())
        pipe = redis.pipeline(transaction=False)
        while some := list(islice(documents, CHUNK)):
            for document in some:
                for field, key in self._keys.items():
                    pipe.xadd(key, {field: document})
            pipe.execute()

    def clear(self) -> EventLog:
        """Have an empty event log, with contacts."""
        for key in [STREAM, *self._redis.scan_iter(f"{{{STREAM}}}:*", count=CHUNK)]:
            self._redis.unlink(key)
        log = EventLog(self._redis, STREAM, 7 * DAY)
        ContactIndex(log).replace(_contact(number) for number in range(CALLERS) if number % 5)
        return log

    def appear(self, field: bytes = FIELD) -> None:
        """Have the backlog in the event log, in `field` of each entry."""
        self._redis.copy(self._keys[field], STREAM)


def _events() -> Iterator[Event]:
    """Calls of an hour ago, without end: what the retention has removed would be nobody's work."""
    start, second, number = datetime.now(UTC) - timedelta(hours=1), timedelta(seconds=1), 0
    while True:
        call = Call(
            id=f"office-20261122T170000-{number:012}",
            box="office",
            connection=number % 4,
            seq=1,
            direction=Direction.INBOUND,
            state=State.RINGING,
            remote=RemoteNumber(received=f"0302312{number % CALLERS:04}", e164=_number(number % CALLERS)),
            own_number="4710100",
            line="SIP0",
            started_at=start,
            received_at=start,
            first_received_at=start,
        )
        answered = {
            "seq": 2,
            "state": State.CONNECTED,
            "connected_at": start + 5 * second,
            "extension": Extension(code=10, kind=ExtensionKind.DECT, name="DECT 1"),
        }
        ended = {
            "seq": 3,
            "state": State.ENDED,
            "outcome": Outcome.ANSWERED,
            "ended_at": start + 65 * second,
            "duration": 60,
        }
        yield CallEvent.of(call)
        yield ContactResolved(call_id=call.id, candidates=(_contact(number % 20).candidate,), sure=True)
        yield CallEvent.of(call.model_copy(update=answered))
        yield CallEvent.of(call.model_copy(update=answered | ended))
        number += 1


def _contact(number: int) -> Contact:
    candidate = Candidate(
        source=Source.LIMBAS,
        match=Match.EXACT,
        name=f"Contact {number}",
        company="Autohaus Schmidt",
        table="KUNDEN",
        record_id=1 + number,
    )
    return Contact(candidate, (_number(number),), ())


def _number(caller: int) -> str:
    return f"+49302312{caller:04}"
