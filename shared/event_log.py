"""The event log: one Redis stream, and the calls in progress beside it.

Writers: ingest (`publish_lines`), consumers (`Consumer`, by `ack_and_publish`), who learns later who it was
(`publish`), and logger, which announces a record in its ledger's own step. Readers: consumer groups (`shared.consumer`)
and tails (`shared.event_reading`). `shared.event_keys` lists the keys.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, TypeVar, cast

from prometheus_client import Counter
from redis import Redis
from redis.exceptions import ResponseError

from shared.event_reading import FIELD as FIELD
from shared.event_reading import ORIGIN as ORIGIN
from shared.event_reading import EventReading
from shared.event_reading import LoggedEvent as LoggedEvent
from shared.events import CallEvent, CallRecorded, ContactResolved, Event, State, dump_event
from shared.redis_client import connect_by
from shared.settings import CommonSettings
from shared.trimming import Trimming

E = TypeVar("E", bound=Event)

SEEN_SECONDS: Final = 24 * 3600
LATEST_LINES: Final = 1_000
"""That are told from new ones, an hour of a busy office: so far may a second ingest be behind."""
DEAD_LETTERS_KEPT: Final = 10_000
QUARANTINE_KEPT: Final = 1_000
"""Both bounded: what is broken may be looked at, but must not fill the memory."""
PUBLISHED: Final = Counter(
    "callmonitor_events_published", "Events that this process appended to the event log.", ["type"]
)


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
    line: str = ""
    """The line's identity, by which another reader of the box knows it. Empty: it is no line."""


class EventLog(EventReading):
    """One event log on one Redis."""

    def __init__(self, redis: Redis, stream: str, retention_seconds: float) -> None:
        super().__init__(redis, stream)
        self._retention_seconds = max(1, round(retention_seconds))
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
            arguments: list[Any] = [SEEN_SECONDS, self._retention_seconds, memory]
            arguments += (fence.token, fence.before, fence.after, fence.line) if fence else ("", "", "", "")
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
        """Acknowledge entries of a consumer group, and append what each led to, all in one step.

        The acknowledgement is the ticket: an entry that another worker has already acknowledged publishes nothing.
        Returns what was published.
        """
        self._trimming.trim_now_and_then()
        done = list(done)
        if not done:
            return []
        fruitful = [(entry_id, events) for entry_id, events in done if events]
        fruitless = [entry_id for entry_id, events in done if not events]
        late = set(self._settle(group, fruitless, fruitful))
        return _counted([event for n, (_, events) in enumerate(fruitful) if n not in late for event in events])

    def publish(self, event: ContactResolved | CallRecorded) -> None:
        """Append an event that no stream entry led to: a live search that came back, a late link."""
        self._settle("", [], [("", [event])])
        _counted([event])

    def _settle(
        self, group: str, fruitless: Sequence[str], fruitful: Iterable[tuple[str, Sequence[Event]]]
    ) -> list[int]:
        arguments: list[Any] = [group, len(fruitless), *fruitless]
        for entry_id, events in fruitful:
            arguments += (entry_id, len(events))
            for event in events:
                arguments += (event.call_id, _kind(event), dump_event(event))
        return cast("list[int]", self._ack_and_publish([self.keys.stream, self.keys.active], arguments))

    def bury(self, group: str, entry_id: str, document: bytes, reason: str, deliveries: int) -> bool:
        """Move an entry that a consumer gave up on to the dead letters, in one step. False: another one settled it."""
        moved = self._bury(
            [self.keys.stream, self.keys.dead],
            [group, entry_id, document, reason, deliveries, DEAD_LETTERS_KEPT],
        )
        return bool(moved)

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
    for name, number in Tally(event.type for event in events).items():
        PUBLISHED.labels(name).inc(number)
    return events


def _kind(event: Event) -> str:
    return event.type.partition(".")[0] if isinstance(event, ContactResolved) else "record"


# KEYS: stream, active, box memory, lease, latest lines, then the seq key of each event.
# ARGV: seconds to remember a seq, and the latest lines, box memory, the fence (token, position before, position after,
# the line's identity; empty: none), then per event: call id, seq, ended (0/1), document.
# Returns which of the events are new, counted from 0; nothing when the fence does not hold.
_PUBLISH_LINE: Final = """
local new = {}
if ARGV[4] ~= '' then
  local lease = redis.call('HMGET', KEYS[4], 'token', 'position')
  if lease[1] ~= ARGV[4] or lease[2] ~= ARGV[5] then return false end
  redis.call('HSET', KEYS[4], 'position', ARGV[6])
  if ARGV[7] ~= '' then
    redis.call('RPUSH', KEYS[5], ARGV[6] .. ' ' .. ARGV[7])
    redis.call('LTRIM', KEYS[5], -LATEST_LINES, -1)
    redis.call('EXPIRE', KEYS[5], ARGV[2])
  end
end
redis.call('SET', KEYS[3], ARGV[3])
for n = 6, #KEYS do
  local a = 8 + (n - 6) * 4
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

# KEYS: stream, active. ARGV: group (empty: nothing is acknowledged), how many entries led to nothing, the id of each,
# then per entry that led to something: its id, how many events, and of each event: call id, kind, document.
# Returns which of the latter somebody else had acknowledged, counted from 0: nothing was appended for them.
_ACK_AND_PUBLISH: Final = """
local group, a, n, late = ARGV[1], 3 + tonumber(ARGV[2]), 0, {}
if a > 3 then redis.call('XACK', KEYS[1], group, unpack(ARGV, 3, a - 1)) end
while a < #ARGV do
  local ours = group == '' or redis.call('XACK', KEYS[1], group, ARGV[a]) == 1
  local first = a + 2
  a = first + 3 * tonumber(ARGV[a + 1])
  if not ours then late[#late + 1] = n end
  for e = first, ours and a - 1 or 0, 3 do
    local call_id, kind, document = ARGV[e], ARGV[e + 1], ARGV[e + 2]
    redis.call('XADD', KEYS[1], '*', 'event', document)
    if redis.call('HEXISTS', KEYS[2], call_id .. '|call') == 1 then
      redis.call('HSET', KEYS[2], call_id .. '|' .. kind, document)
    end
  end
  n = n + 1
end
return late
"""

# KEYS: stream, dead letters. ARGV: group, entry id, document, reason, deliveries, how many to keep.
_BURY: Final = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[6], '*',
  'group', ARGV[1], 'entry', ARGV[2], 'event', ARGV[3], 'reason', ARGV[4], 'deliveries', ARGV[5])
return 1
"""
