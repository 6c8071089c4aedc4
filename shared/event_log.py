"""The event log: one Redis stream, and the calls in progress beside it.

Writers: ingest (`publish_line`) and consumers (`Consumer`, by `ack_and_publish`). Readers: consumer groups
(`shared.consumer`) and tails (`present`, `read`).

All keys of one log share a hash slot, because the stream's name is their hash tag:

    callmonitor:events                   the stream
    {callmonitor:events}:active          hash: the calls in progress, what is known of them
    {callmonitor:events}:seq:<call id>   the newest `seq` that was published, kept for a day
    {callmonitor:events}:box:<name>      ingest's memory of one box, written in the same step as its events
    {callmonitor:events}:box:<name>:lease    hash: which ingest publishes for a box, and how far it is
    {callmonitor:events}:box:<name>:lines    digests of the latest lines that were published, for another ingest
    {callmonitor:events}:dead            dead letters: what a consumer gave up on, with the reason
    {callmonitor:events}:quarantine      lines that are not call monitor lines
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, TypeVar, cast

from prometheus_client import Counter
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shared.events import Call, CallEvent, CallRecorded, ContactResolved, Event, State, dump_event, parse_event
from shared.redis_client import connect_by
from shared.settings import CommonSettings
from shared.trimming import Trimming

E = TypeVar("E", bound=Event)

FIELD: Final = b"event"
"""The one field of a stream entry."""
ORIGIN: Final = "0-0"
"""The id before every event."""
SEEN_SECONDS: Final = 24 * 3600
LATEST_LINES: Final = 1_000
"""Digests of published lines, an hour of a busy office: so far may a second ingest be behind."""
DEAD_LETTERS_KEPT: Final = 10_000
QUARANTINE_KEPT: Final = 1_000
"""Both bounded: what is broken may be looked at, but must not fill the memory."""
PUBLISHED: Final = Counter(
    "callmonitor_events_published", "Events that this process appended to the event log.", ["type"]
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of a log's keys."""

    stream: str

    @property
    def active(self) -> str:
        """Hash of the calls in progress."""
        return self._beside("active")

    @property
    def dead(self) -> str:
        """Stream of dead letters."""
        return self._beside("dead")

    @property
    def quarantine(self) -> str:
        """Stream of malformed lines."""
        return self._beside("quarantine")

    def seq(self, call_id: str) -> str:
        """The newest published `seq` of a call."""
        return self._beside(f"seq:{call_id}")

    def box(self, name: str) -> str:
        """What ingest remembers of a box."""
        return self._beside(f"box:{name}")

    def lease(self, box: str) -> str:
        """Which ingest publishes for a box, and how far it is."""
        return self._beside(f"box:{box}:lease")

    def lines(self, box: str) -> str:
        """Digests of the latest lines of a box that were published."""
        return self._beside(f"box:{box}:lines")

    def beside(self, name: str) -> str:
        """A further key in the same hash slot, for one service's own state."""
        return self._beside(name)

    def _beside(self, name: str) -> str:
        return f"{{{self.stream}}}:{name}"


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its id in the stream."""

    id: str
    event: Event
    document: bytes
    """The event as it stands in the stream, so that nobody has to serialise it again."""


class Fenced(Exception):
    """Nothing was published: another one publishes for this box now, or the log is not where it was left."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What has to be true for a line to be published: who stops and wakes up must not go on as if nothing had been."""

    token: str
    """Of the lease."""
    before: str
    """The box's position in the log, which has to be this one,"""
    after: str
    """and which is this one afterwards."""
    digest: str = ""
    """Of the line, by which another reader of the box finds its own place. Empty: it is no line."""


@dataclass(frozen=True, slots=True)
class Present:
    """The calls in progress, and the place in the stream from which on the story continues."""

    events: tuple[Event, ...]
    """Per call the newest `CallEvent`, then what is known of it."""
    position: str


class EventLog:
    """One event log on one Redis."""

    def __init__(self, redis: Redis, stream: str, retention_seconds: float) -> None:
        self.redis = redis
        self.keys = Keys(stream)
        self._trimming = Trimming(redis, stream, retention_seconds)
        self._publish_line = redis.register_script(_PUBLISH_LINE)
        self._ack_and_publish = redis.register_script(_ACK_AND_PUBLISH)
        self._bury = redis.register_script(_BURY)

    def publish_lines(
        self, box: str, lines: Sequence[tuple[Sequence[CallEvent], bytes]], fences: Sequence[Fence] = ()
    ) -> list[CallEvent]:
        """Append what a box's lines led to, in order. Per line atomically: its events, and ingest's memory after it.

        An event whose `seq` was published before is skipped, so that two readers of one box write it once. Returns
        those that were not. With `fences`, one for each line: raises `Fenced` when one does not hold; no line after
        that one is published either.
        """
        pipe = self.redis.pipeline(transaction=False)
        for (events, memory), fence in zip(lines, fences or repeat(None, len(lines)), strict=True):
            keys = [self.keys.stream, self.keys.active, self.keys.box(box), self.keys.lease(box), self.keys.lines(box)]
            keys += [self.keys.seq(event.call.id) for event in events]
            arguments: list[Any] = [SEEN_SECONDS, memory]
            arguments += (fence.token, fence.before, fence.after, fence.digest) if fence else ("", "", "", "")
            for event in events:
                ended = int(event.call.state is State.ENDED)
                arguments += [event.call.id, event.call.seq, ended, dump_event(event)]
            self._publish_line(keys, arguments, client=pipe)
        results = pipe.execute()
        appended = zip(lines, results, strict=True)
        new = _counted([events[n] for (events, _), positions in appended for n in positions or ()])
        if None in results:
            raise Fenced
        return new

    def memory_of(self, box: str) -> bytes | None:
        """What ingest last remembered of a box, or None."""
        return cast("bytes | None", self.redis.get(self.keys.box(box)))

    def ack_and_publish(self, group: str, done: Iterable[tuple[str, Sequence[Event]]]) -> list[Event]:
        """Acknowledge entries of a consumer group, and append what each led to, in one step per entry.

        The acknowledgement is the ticket: an entry that another worker has already acknowledged publishes nothing.
        Returns what was published.
        """
        self._trimming.trim_now_and_then()
        pipe = self.redis.pipeline(transaction=False)
        done = list(done)
        for entry_id, events in done:
            arguments: list[Any] = [group, entry_id]
            for event in events:
                arguments += [_about(event), _kind(event), dump_event(event)]
            self._ack_and_publish([self.keys.stream, self.keys.active], arguments, client=pipe)
        appended = zip(done, pipe.execute(), strict=True)
        return _counted([event for (_, events), ours in appended if ours for event in events])

    def publish(self, event: ContactResolved | CallRecorded) -> None:
        """Append an event that no stream entry led to: a live search that came back, a late link."""
        arguments: list[Any] = ["", "", _about(event), _kind(event), dump_event(event)]
        self._ack_and_publish([self.keys.stream, self.keys.active], arguments)
        _counted([event])

    def bury(self, group: str, entry_id: str, document: bytes, reason: str, deliveries: int) -> None:
        """Move an entry that a consumer gave up on to the dead letters, in one step."""
        self._bury(
            [self.keys.stream, self.keys.dead],
            [group, entry_id, document, reason, deliveries, DEAD_LETTERS_KEPT],
        )

    def quarantine(self, box: str, line: str, reason: str, received_at: str) -> None:
        """Keep a line that is none, where a person can look at it."""
        self.redis.xadd(
            self.keys.quarantine,
            {"box": box, "line": line, "reason": reason, "received_at": received_at},
            maxlen=QUARANTINE_KEPT,
            approximate=False,
        )

    def trim(self) -> Mapping[str, int]:
        """Remove the events that are too old, which consumers do each minute, too. See `Trimming.trim`."""
        return self._trimming.trim()

    def present(self) -> Present:
        """The calls in progress and where the stream stood at that very moment."""
        pipe = self.redis.pipeline(transaction=True)
        pipe.hgetall(self.keys.active)
        pipe.xrevrange(self.keys.stream, count=1)
        active, newest = pipe.execute()
        events = (_readable(document) for document in active.values())
        known = sorted((event for event in events if event), key=_calls_first)
        return Present(tuple(known), newest[0][0].decode() if newest else ORIGIN)

    def in_progress(self, call_id: str) -> Call | None:
        """The newest version of a call that has not ended; None when it has, or is not known."""
        document = cast("bytes | None", self.redis.hget(self.keys.active, f"{call_id}|call"))
        event = _readable(document) if document else None
        return event.call if isinstance(event, CallEvent) else None

    def read(self, after: str, *, count: int, block_seconds: float) -> list[LoggedEvent]:
        """Events after an id, oldest first; waits for the first up to `block_seconds`."""
        block = round(block_seconds * 1000)

        def page(start: str) -> Any:
            reply = cast("Any", self.redis.xread({self.keys.stream: start}, count=count, block=block))
            return reply[0][1] if reply else []

        return _first_readable(page, after)

    def between(self, after: str, up_to: str, *, count: int) -> list[LoggedEvent]:
        """Events after one id up to another one, oldest first."""
        return _first_readable(
            lambda start: self.redis.xrange(self.keys.stream, f"({start}", up_to, count=count), after
        )

    def newest(self, before: str, *, count: int) -> list[LoggedEvent]:
        """The newest events before an id, newest first. `+` is the end of the stream."""
        return _first_readable(
            lambda start: self.redis.xrevrange(
                self.keys.stream, "+" if start == "+" else f"({start}", "-", count=count
            ),
            before,
        )

    def oldest_id(self) -> str | None:
        """The id of the oldest event that is still there; None when there is none."""
        reply = cast("Any", self.redis.xrange(self.keys.stream, count=1))
        return reply[0][0].decode() if reply else None

    def answers(self) -> bool:
        """Whether Redis is there at the moment."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def newest_id(self) -> str | None:
        """The id of the newest event; None when there is none."""
        reply = cast("Any", self.redis.xrevrange(self.keys.stream, count=1))
        return reply[0][0].decode() if reply else None

    def ensure_group(self, group: str) -> None:
        """Create a consumer group that has yet to read everything, unless it is there."""
        try:
            self.redis.xgroup_create(self.keys.stream, group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def open_event_log(settings: CommonSettings) -> EventLog:
    """The event log that the settings name. Connects when it is used."""
    return EventLog(connect_by(settings), settings.event_stream, settings.retention_days * 24 * 3600)


def _counted(events: list[E]) -> list[E]:
    for event in events:
        PUBLISHED.labels(event.type).inc()
    return events


def _first_readable(page: Callable[[str], Any], start: str) -> list[LoggedEvent]:
    """The first page from `start` on with a readable event in it, so that an empty answer means the end."""
    while entries := page(start):
        if events := _logged(entries):
            return events
        start = entries[-1][0].decode()
    return []


def _logged(reply: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> list[LoggedEvent]:
    """The readable events of a reply. What is unreadable is the consumer groups' to bury, not a tail's to stop at."""
    logged = []
    for entry_id, fields in reply:
        document = fields.get(FIELD, b"")
        if event := _readable(document):
            logged.append(LoggedEvent(entry_id.decode(), event, document))
    return logged


def _readable(document: bytes) -> Event | None:
    try:
        return parse_event(document)
    except ValueError:
        return None


def _about(event: Event) -> str:
    return event.call_id


def _kind(event: Event) -> str:
    return event.type.partition(".")[0] if isinstance(event, ContactResolved) else "record"


def _calls_first(event: Event) -> int:
    return 0 if isinstance(event, CallEvent) else 1


# KEYS: stream, active, box memory, lease, latest lines, then the seq key of each event.
# ARGV: seconds to remember a seq, box memory, the fence (token, position before, position after, digest; empty: none),
# then per event: call id, seq, ended (0/1), document.
# Returns which of the events are new, counted from 0; nothing when the fence does not hold.
_PUBLISH_LINE: Final = """
local new = {}
if ARGV[3] ~= '' then
  local lease = redis.call('HMGET', KEYS[4], 'token', 'position')
  if lease[1] ~= ARGV[3] or lease[2] ~= ARGV[4] then return false end
  redis.call('HSET', KEYS[4], 'position', ARGV[5])
  if ARGV[6] ~= '' then
    redis.call('RPUSH', KEYS[5], ARGV[6])
    redis.call('LTRIM', KEYS[5], -LATEST_LINES, -1)
    redis.call('EXPIRE', KEYS[5], ARGV[1])
  end
end
redis.call('SET', KEYS[3], ARGV[2])
for n = 6, #KEYS do
  local a = 7 + (n - 6) * 4
  local call_id, seq, ended, document = ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], ARGV[a + 3]
  if tonumber(redis.call('GET', KEYS[n]) or 0) < seq then
    redis.call('SET', KEYS[n], seq, 'EX', ARGV[1])
    redis.call('XADD', KEYS[1], '*', 'event', document)
    new[#new + 1] = n - 6
    if ended == '1' then
      redis.call('HDEL', KEYS[2], call_id .. '|call', call_id .. '|contact', call_id .. '|record')
    else
      redis.call('HSET', KEYS[2], call_id .. '|call', document)
    end
  end
end
return new
""".replace("LATEST_LINES", str(LATEST_LINES))

# KEYS: stream, active. ARGV: group, entry id (both empty: nothing to acknowledge), then per event: call id, kind,
# document.
_ACK_AND_PUBLISH: Final = """
if ARGV[1] ~= '' and redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
for a = 3, #ARGV, 3 do
  redis.call('XADD', KEYS[1], '*', 'event', ARGV[a + 2])
  if redis.call('HEXISTS', KEYS[2], ARGV[a] .. '|call') == 1 then
    redis.call('HSET', KEYS[2], ARGV[a] .. '|' .. ARGV[a + 1], ARGV[a + 2])
  end
end
return 1
"""

# KEYS: stream, dead letters. ARGV: group, entry id, document, reason, deliveries, how many to keep.
_BURY: Final = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[6], '*',
  'group', ARGV[1], 'entry', ARGV[2], 'event', ARGV[3], 'reason', ARGV[4], 'deliveries', ARGV[5])
return 1
"""
