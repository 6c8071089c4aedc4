"""Which of several ingests publishes for a box: one holds the lease, the others stand by.

The holder renews it every second. Who has seen it not renewed for three takes it. Each sees that on its own clock, so
no two clocks have to agree, and after a time without Redis the holder, who tries again within a second, keeps it. A
holder that slept through its end changes nothing any more: what it publishes carries the lease's token, and the event
log refuses that of an earlier one (`shared.event_log.Fence`).
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final, cast

from services.ingest.call_life import Memory
from services.ingest.progress import Progress
from shared.event_log import EventLog
from shared.events import Call, CallEvent, parse_event

RENEW_SECONDS: Final = 1.0
LAPSE_SECONDS: Final = 3.0
"""So long has a lease to be still before another one takes it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lease of a box says."""

    token: str = ""
    """Of the present turn; each has another one."""
    beat: str = ""
    """Another one after each renewal."""
    holder: str = ""
    """The id of the holder's spool. Empty: it was given back."""
    hears: bool = False
    """Whether the holder hears everything that the box says."""
    follower: str = ""
    """The id of the spool of one who stands by, as far as the holder knows. It may have died."""
    position: str = ""
    """A spool's id, a colon, and the number of its last record that is in the event log."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the life of a box's calls stands, at one moment."""

    standing: Standing
    progress: Progress
    memory: Memory | None
    """None: nothing was ever published, or Redis was emptied."""
    calls: list[Call]
    """In progress."""


class Lease:
    """The lease of one box, as one ingest sees it."""

    def __init__(self, event_log: EventLog, box: str, holder: str) -> None:
        """`holder` is the id of this ingest's spool."""
        self._redis = event_log.redis
        self._keys = event_log.keys
        self._box = box
        self._holder = holder
        self._take = event_log.redis.register_script(_TAKE)
        self._renew = event_log.redis.register_script(_RENEW)
        self._set = event_log.redis.register_script(_SET)
        self._seen = Standing()
        self._still_since = float("-inf")
        self._followed = False
        self._unsaid = 0
        self._unsaid_since = float("inf")
        self._due = float("-inf")
        self.token = ""
        """Of this ingest's turn; empty: it has none."""
        self.taken_over = False
        """Whether it was another one's before."""

    def look(self) -> Standing:
        """What it says at the moment."""
        key = self._keys.lease(self._box)
        standing = _standing(self._redis.hmget(key, FIELDS))
        if (standing.token, standing.beat) != (self._seen.token, self._seen.beat):
            self._still_since = time.monotonic()
        self._seen = standing
        return standing

    def obtain(self, *, hears: bool) -> bool:
        """Whether this ingest has it, after taking it if that is right.

        Each time it begins a turn of its own: what of an earlier one is still on its way to Redis is refused.
        """
        standing = self.look()
        mine = bool(self.token) and standing.token == self.token
        if not mine and not self._may_take(standing, hears=hears):
            self.token, self._followed = "", True
            self._redis.hset(self._keys.lease(self._box), "follower", self._holder)
            return False
        token = secrets.token_hex(8)
        key = self._keys.lease(self._box)
        if self._take([key], [standing.token, standing.beat, token, self._holder, int(hears)]):
            self.token, self._followed, self.taken_over = token, False, not mine
            self._due = time.monotonic() + RENEW_SECONDS
            return True
        return False

    def renew(self, position: str, *, hears: bool) -> bool:
        """Keep it, when that is due. Returns whether this ingest still has it, and the log is where it left it."""
        if time.monotonic() < self._due:
            return True
        self._due = time.monotonic() + RENEW_SECONDS
        return bool(self._renew([self._keys.lease(self._box)], [self.token, position, int(hears)]))

    def place(self, position: str) -> bool:
        """Say how far the log is, before going on from there. Returns whether this ingest still has the lease."""
        return bool(self._set([self._keys.lease(self._box)], [self.token, "position", position]))

    def leaves_unsaid(self, number: int) -> None:
        """The first record that this ingest has and the holder has not published; 0: there is none."""
        if number != self._unsaid:
            self._unsaid, self._unsaid_since = number, time.monotonic()

    def give_back(self) -> None:
        """Let another one go on at once."""
        if self.token:
            self._set([self._keys.lease(self._box)], [self.token, "holder", ""])
            self.token = ""

    def lost_sight(self) -> None:
        """Redis was away: whoever holds it could not renew it meanwhile."""
        self._still_since = self._unsaid_since = time.monotonic()

    def state(self) -> State:
        """Everything that publishing goes on from, read in one step."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hmget(self._keys.lease(self._box), FIELDS)
        pipe.lrange(self._keys.lines(self._box), 0, -1)
        pipe.get(self._keys.box(self._box))
        pipe.hgetall(self._keys.active)
        lease, latest, memory, active = cast("Any", pipe.execute())
        standing = _standing(lease)
        return State(
            standing=standing,
            progress=_progress(standing.position, latest),
            memory=None if memory is None else Memory.model_validate_json(memory),
            calls=calls_by_box(active)[self._box],
        )

    def progress(self, position: str) -> Progress:
        """How far the log is, which was at `position` a moment ago."""
        return _progress(position, cast("list[bytes]", self._redis.lrange(self._keys.lines(self._box), 0, -1)))

    def _may_take(self, standing: Standing, *, hears: bool) -> bool:
        """Whether it is free, or its holder is dead, or deaf while this ingest is not, or has not heard something."""
        now = time.monotonic()
        if now - self._still_since > LAPSE_SECONDS or (hears and not standing.hears):
            return True
        if self._unsaid and now - self._unsaid_since > LAPSE_SECONDS:
            return True
        # Given back, or held by this very spool, of which nobody else has the lock: its process has ended. But if one
        # stood by meanwhile, that one has heard what this ingest has missed.
        free = standing.holder in ("", self._holder) and (standing.token or not self._followed)
        return bool(free) and standing.follower in ("", self._holder)


def calls_by_box(active: dict[bytes, bytes]) -> dict[str, list[Call]]:
    """The calls in progress, from the hash of them."""
    calls: dict[str, list[Call]] = defaultdict(list)
    for name, document in active.items():
        if name.endswith(b"|call"):
            try:
                event = parse_event(document)
            except ValueError:
                continue
            if isinstance(event, CallEvent):
                calls[event.call.box].append(event.call)
    return calls


FIELDS: Final = ["token", "beat", "holder", "hears", "follower", "position"]


def _standing(values: Any) -> Standing:
    token, beat, holder, hears, follower, position = (value.decode() if value else "" for value in values)
    return Standing(token, beat, holder, hears == "1", follower, position)


def _progress(position: str, latest: list[bytes]) -> Progress:
    return Progress.read(position, map(bytes.decode, latest))


# KEYS: lease. ARGV: the token and the beat that were seen, the new token, its holder, whether that hears the box.
_TAKE: Final = """
local seen = redis.call('HMGET', KEYS[1], 'token', 'beat')
if (seen[1] or '') ~= ARGV[1] or (seen[2] or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'token', ARGV[3], 'holder', ARGV[4], 'hears', ARGV[5])
if redis.call('HGET', KEYS[1], 'follower') == ARGV[4] then redis.call('HDEL', KEYS[1], 'follower') end
redis.call('HINCRBY', KEYS[1], 'beat', 1)
return 1
"""

# KEYS: lease. ARGV: token, position, whether the holder hears the box.
_RENEW: Final = """
local lease = redis.call('HMGET', KEYS[1], 'token', 'position')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'hears', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'beat', 1)
return 1
"""

# KEYS: lease. ARGV: token, field, value.
_SET: Final = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
"""
