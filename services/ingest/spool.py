"""What was read from one box and is not in the event log yet: in memory, in order, and on the disk beside it.

Everything is written to the disk before it is published. So it does not matter when this process dies, and how: what
was read is published by the next one, or by another one on the same machine.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any, Final

import structlog

from services.ingest.metrics import LOST
from services.ingest.progress import Progress
from services.ingest.spool_file import SpoolFile
from services.ingest.spool_record import Kind, Mark, Record, decode, encode, merged
from shared.event_log import LATEST_LINES

LONGEST: Final = 100_000
"""Records that may wait: 20 hours of an office with 1,200 calls an hour. 60 MB of memory and of disk at most."""
CONTEXT: Final = 1_000
"""Published records that are kept for a while: Redis may come back without what it was told last."""
CONTEXT_SECONDS: Final = 60.0
SYNC_SECONDS: Final = 1.0
"""How long a record may wait before it is made safe from a power failure. Redis' own promise is the same."""
WASTE: Final = 20_000
"""Records in the file that nobody needs any more."""
WASTE_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 5.0
"""Between two tries to use a disk that failed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record, and since when it waits, or is published. Monotonic: the machine's clock may be set at any moment."""

    record: Record
    since: float


class Spool:
    """The spool of one box. `append` is for the box's reader, everything else for its publisher."""

    def __init__(self, path: Path, retention_seconds: float, *, longest: int = LONGEST) -> None:
        """Reads what an earlier life left. Nothing that is older than `retention_seconds` is kept."""
        self._file = SpoolFile(path)
        self._retention = retention_seconds
        self._longest = longest
        self._changed = Condition()
        self._published: deque[_Entry] = deque(maxlen=CONTEXT)
        self._waiting: deque[_Entry] = deque()
        self._heard: dict[str, int] = {}
        """How often lines were heard that have the same identity but for that, the latest last."""
        self._adopted: dict[str, None] = {}
        self._elsewhere: set[str] = set()
        """What others have heard, and their publisher or this one has published, by identity: it may yet be heard."""
        self._full = self._closed = False
        self._marked = self._synced = self._in_file = 0
        self._rewritten = float("-inf")
        self._load()

    def _load(self) -> None:
        content = decode(self._file.read())
        if content.damaged:
            LOST.inc(content.damaged)
            log.error("records of the spool are damaged and lost", count=content.damaged)
        if content.torn:
            log.warning("the spool's last record was being written when its process ended; it is left out")
        mark = content.mark
        self.fresh = mark is None
        """Whether there was no spool before."""
        self.id = mark.spool if mark else secrets.token_hex(8)
        self.ignored: set[int] = set(mark.ignored if mark else ())
        """The connections of ignored calls. Its reader's intake keeps it up to date."""
        self.published = mark.published if mark else 0
        """The number up to which everything is in the event log."""
        entries = [_Entry(record, self._received(record)) for record in content.records]
        self._published.extend(entry for entry in entries if entry.record.number <= self.published)
        self._waiting.extend(entry for entry in entries if entry.record.number > self.published)
        self._newest = max(self.published, *(record.number for record in content.records), 0)
        self.recovered = self._newest
        """The newest number of an earlier life."""
        self._rewrite()

    @property
    def waiting(self) -> int:
        """How many records are not in the event log."""
        return len(self._waiting)

    @property
    def first(self) -> int:
        """The number of the first line that is not in the event log; 0 when all are. What is no line can wait."""
        with self._changed:
            lines = (entry.record.number for entry in self._waiting if entry.record.kind is not Kind.MALFORMED)
            return next(lines, 0)

    @property
    def ignored_before(self) -> set[int]:
        """The connections of the ignored calls that began before all that waits, and are going on."""
        with self._changed:
            begun = {entry.record.connection for entry in self._waiting if entry.record.kind is Kind.IGNORED}
            return self.ignored - begun

    @property
    def works(self) -> bool:
        """Whether the disk takes what is written."""
        return self._file.works

    def append(self, kind: Kind, content: bytes, at: datetime, reason: str = "") -> None:
        """Take a record, unless another one's publisher was faster.

        Waits while far too many wait already, so that TCP slows the box down.
        """
        with self._changed:
            while len(self._waiting) >= self._longest and not self._closed:
                self._say_full()
                self._changed.wait(0.5)
            # Microseconds, so that a number is new even if the end of the file was lost with the power.
            number = max(self._newest + 1, round(at.timestamp() * 1e6))
            record = self._counted(Record(number, at, kind, content, reason))
            if record.identity and (record.identity in self._elsewhere or record.identity in self._adopted):
                return
            self._newest = number
            self._waiting.append(_Entry(record, time.monotonic()))
            self._file.append(encode(record))
            self._in_file += 1
            self._changed.notify()

    def take(self, count: int, wait_seconds: float) -> list[Record]:
        """The first that wait, without removing them; waits for the first."""
        with self._changed:
            if not self._waiting and wait_seconds > 0:
                self._changed.wait(wait_seconds)
            return [entry.record for entry, _ in zip(self._waiting, range(count), strict=False)]

    def settle(self, number: int) -> None:
        """All up to this number is in the event log."""
        with self._changed:
            while self._waiting and self._waiting[0].record.number <= number:
                self._published.append(_Entry(self._waiting.popleft().record, time.monotonic()))
            self.published = max(self.published, number)
            self._less_waits()

    def leave_out(self, log: Progress) -> None:
        """What came into the log from others need not wait, nor be taken when it is heard later."""
        with self._changed:
            self._elsewhere = log.elsewhere(self.id)
            missing = {record.number for record in log.missing(self.id, (entry.record for entry in self._waiting))}
            if len(missing) < len(self._waiting):
                self._waiting = deque(entry for entry in self._waiting if entry.record.number in missing)
                self.published = self._waiting[0].record.number - 1 if self._waiting else self._newest
                self._less_waits()

    def rewind(self, number: int) -> bool:
        """Only what is up to this number is in the event log after all. Returns whether all the rest is still here."""
        with self._changed:
            known = self.published == number or any(entry.record.number == number for entry in self._published)
            while self._published and self._published[-1].record.number > number:
                self._waiting.appendleft(self._published.pop())
            self.published = number
            return known

    def settle_stale(self, number: int) -> None:
        """As `settle`, but only what an earlier life left: it is older than what another one has published since."""
        self.settle(min(number, self.recovered))

    def adopt(self, heard: list[Record]) -> int:
        """Take in what another reader of the same box on this machine has heard. Returns how much of it is news."""
        with self._changed:
            own = [entry.record for entry in self._waiting]
            waiting, number = deque[_Entry](), self.published
            for record in merged(own, heard):
                number = max(number + 1, record.number)
                waiting.append(_Entry(replace(record, number=number), self._received(record)))
            if len(waiting) > len(own):
                self._waiting, self._newest = waiting, max(self._newest, number)
                known = {record.identity for record in own}
                self._adopted.update((record.identity, None) for record in heard if record.identity not in known)
                _bound(self._adopted)
                self._rewrite()
            return len(waiting) - len(own)

    def tend(self) -> None:
        """To be called about once a second: disk, retention, and what is no longer needed."""
        with self._changed:
            if expired := self._expire():
                LOST.inc(expired)
                log.error("lines that Redis never took are older than RETENTION_DAYS and deleted", count=expired)
            if expired or self._worth_rewriting():
                self._rewrite()
            elif self._marked != self.published:
                self._file.append(encode(self._mark()))
                self._marked = self.published
            newest = self._waiting[-1].record.number if self._waiting else self._synced
            old = bool(self._waiting) and time.monotonic() - self._waiting[0].since > SYNC_SECONDS
            if old and newest != self._synced:
                self._file.sync()
                self._synced = newest

    def close(self) -> None:
        """Keep what waits, safe from a power failure, and nothing else."""
        with self._changed:
            self._closed = True
            self._published.clear()
            self._rewrite()
            self._file.close()
            self._changed.notify_all()
        if self._waiting and not self._file.works:
            log.error("the spool cannot be written to the disk: lines are lost by this stop", lines_lost=self.waiting)

    def _counted(self, record: Record) -> Record:
        if record.identity:
            nth = self._heard.pop(record.identity, 0)
            self._heard[record.identity] = nth + 1
            _bound(self._heard)
            return replace(record, nth=nth)
        return record

    def _received(self, record: Record) -> float:
        age = (datetime.now(UTC) - record.at).total_seconds()
        return time.monotonic() - max(0.0, age)

    def _expire(self) -> int:
        """Drop what is too old; returns how much of it was never published."""
        now, count = time.monotonic(), 0
        while self._published and now - self._published[0].since > min(CONTEXT_SECONDS, self._retention):
            self._published.popleft()
        while self._waiting and now - self._waiting[0].since > self._retention:
            self._waiting.popleft()
            count += 1
        return count

    def _worth_rewriting(self) -> bool:
        """Whether what the file holds for nothing is old, or a lot, or the disk may have been mended."""
        since = time.monotonic() - self._rewritten
        if not self._file.works:
            return since > RETRY_SECONDS
        waste = self._in_file - len(self._published) - len(self._waiting)
        return waste > WASTE or (waste > 0 and since > WASTE_SECONDS)

    def _rewrite(self) -> None:
        """The file is exactly what is in memory afterwards."""
        waiting = bool(self._waiting)
        self._rewritten = time.monotonic()
        if self._file.rewrite(self._contents(), durable=waiting):
            self._marked, self._in_file = self.published, len(self._published) + len(self._waiting)
            self._synced = self._waiting[-1].record.number if waiting else self._synced

    def _contents(self) -> Iterator[bytes]:
        yield encode(self._mark())
        for entry in (*self._published, *self._waiting):
            yield encode(entry.record)

    def _mark(self) -> Mark:
        return Mark(self.id, self.published, frozenset(self.ignored))

    def _less_waits(self) -> None:
        self._full = self._full and len(self._waiting) >= self._longest
        self._changed.notify()

    def _say_full(self) -> None:
        if not self._full:
            self._full = True
            log.error("far too many lines wait for Redis; the box has to wait, too", count=len(self._waiting))


def _bound(latest: dict[str, Any]) -> None:
    while len(latest) > LATEST_LINES:
        del latest[next(iter(latest))]
