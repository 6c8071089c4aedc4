"""One sync of the contacts at a time, and where it is: for all who may start one, and all who watch.

    {callmonitor:events}:contacts:syncing   who is syncing; ends by itself should they die
    {callmonitor:events}:contacts:sync      the latest sync's progress, as JSON

Both are for people and other processes to see, and are none of the index.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.event_log import EventLog

HOLD_SECONDS: Final = 10
"""How long a sync may be silent. A living one is not, however long Limbas takes: see `SyncState.renew`."""


class Stage(StrEnum):
    """What a sync is at."""

    WAITING = "waiting"
    """Limbas gives no contacts at the moment."""
    READING = "reading"
    LINKING = "linking"
    """The new contacts are in use; calls that were unknown are looked through."""
    DONE = "done"
    FAILED = "failed"


class Progress(BaseModel):
    """Where a sync is."""

    model_config = ConfigDict(frozen=True)

    sync: str
    """The id of the job that runs it."""
    stage: Stage
    started_at: AwareDatetime
    at: AwareDatetime
    """When it was so far."""
    table: str = ""
    """The Limbas table that is being read."""
    read: int = 0
    """Records, of `total`."""
    total: int = 0
    read_at: AwareDatetime | None = None
    """When the contacts that are in use had been read: by this sync, or by an earlier one."""
    because: str = ""
    """Why it waits, or has failed: one sentence."""
    numbers: int = 0
    """How many numbers the contacts have."""
    problems: int = 0
    """Texts that are no numbers."""
    linked: int = 0
    """Calls whose contact came late."""


class SyncTaken(Exception):
    """Somebody else syncs by now: this one was silent for too long."""


class SyncState:
    """Of one event log's contacts."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._lock = event_log.keys.beside("contacts:syncing")
        self._progress = event_log.keys.beside("contacts:sync")
        self._report = self._redis.register_script(_REPORT)
        self._renew = self._redis.register_script(_RENEW)
        self._release = self._redis.register_script(_RELEASE)

    def take(self, sync: str) -> bool:
        """Whether `sync` may begin: nobody else is at it."""
        return bool(self._redis.set(self._lock, sync, nx=True, ex=HOLD_SECONDS))

    def running(self) -> bool:
        """Whether somebody is at it."""
        return bool(self._redis.exists(self._lock))

    def report(self, progress: Progress) -> None:
        """Say how far the sync is that has begun. Raises `SyncTaken`."""
        given: list[str | int] = [progress.sync, HOLD_SECONDS, progress.model_dump_json()]
        if not self._report([self._lock, self._progress], given):
            raise SyncTaken("Another sync of the contacts has begun: this one was silent for too long.")

    def renew(self, sync: str) -> None:
        """Say "still at it". Called now and then, by another thread."""
        self._renew([self._lock], [sync, HOLD_SECONDS])

    def release(self, sync: str) -> None:
        """Let others begin."""
        self._release([self._lock], [sync])

    def progress(self) -> Progress | None:
        """Of the latest sync; None when there was none yet."""
        document = cast("bytes | None", self._redis.get(self._progress))
        return Progress.model_validate_json(document) if document else None


# KEYS: lock, progress. ARGV: sync, seconds to hold, progress.
_REPORT: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 1
"""

# KEYS: lock. ARGV: sync, seconds to hold.
_RENEW: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
"""

# KEYS: lock. ARGV: sync.
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
