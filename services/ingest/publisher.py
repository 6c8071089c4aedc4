"""What was read from a box becomes events in the log: in order, each exactly once, whoever dies or is away meanwhile.

The log itself says how far it is: the publish script moves the box's position, its memory and its events in one step,
and only from where this publisher believes it to be. So after anything that leaves a doubt (an error, a restart, a
Redis that lost its last second, another ingest) the publisher reads where the log is, and goes on from exactly there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from services.ingest.ages import Ages
from services.ingest.call_life import NOTHING_SPECIAL, CallLife, Memory, Office
from services.ingest.lease import Lease, Standing, State
from services.ingest.progress import Progress
from services.ingest.settling import Settling
from services.ingest.spool import Spool
from services.ingest.spool_file import SpoolFile
from services.ingest.spool_folder import SpoolFolder
from services.ingest.spool_record import Kind, Record, decode
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.event_log import EventLog, Fence, Fenced
from shared.events import Call, CallEvent

BATCH: Final = 200
EXPIRY_CHECK: Final = 30.0
TEND_SECONDS: Final = 1.0
POLL_SECONDS: Final = 0.5
DEFER_SECONDS: Final = 0.1
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 1.0
"""Well below `lease.LAPSE_SECONDS`: after a time without Redis the one who published goes on."""

log = structlog.get_logger()

Step = tuple[list[CallEvent], bytes]
"""What one record led to, and ingest's memory of the box after it."""


class Publisher:
    """Publishes what is in the spool of one box, as long as it holds that box's lease."""

    def __init__(
        self,
        event_log: EventLog,
        box: Box,
        spool: Spool,
        office: Office = NOTHING_SPECIAL,
        *,
        folder: SpoolFolder | None = None,
        hears: Callable[[], bool] = lambda: True,
        connection: Callable[[], int] = lambda: 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`folder`: where other processes keep theirs. `hears`: whether nothing is missed that the box says.

        `connection`: how many there have been to the box with the present one; 0: there is none.
        """
        self._log = event_log
        self._box = box
        self._spool = spool
        self._office = office
        self._folder = folder
        self._hears = hears
        self._settling = Settling(connection)
        self._now = now
        self._lease = Lease(event_log, box.name, spool.id)
        self._life: CallLife | None = None
        """None: it has to be found out where the log is, or another ingest publishes."""
        self._published: tuple[list[Call], bytes] | None = None
        """The open calls and the memory as this publisher has published them; None when another one did since."""
        self._position = ""
        self._followed = ""
        self._ages = Ages()
        self._told = self._standing_by = self._deferred = False
        self._ahead = False
        """Whether it has taken over from one who had heard less, and was not cut off since."""
        self._wait = FIRST_WAIT
        self._tend_at = self._expire_at = 0.0

    @property
    def publishes(self) -> bool:
        """Whether it holds the lease, and knows where the log is."""
        return self._life is not None

    def run(self, stop: StopSignal) -> None:
        """Publish, or stand by, until `stop` is set. Survives every loss of Redis."""
        while not stop.is_set():
            stop.wait(self.step())

    def step(self) -> float:
        """Do what there is to do at the moment; returns for how many seconds there is nothing."""
        if time.monotonic() >= self._tend_at:
            self._spool.tend()
            self._tend_at = time.monotonic() + TEND_SECONDS
        try:
            life = self._in_step()
            self._settling.redis_answers()
            if life is None:
                return POLL_SECONDS
            batch = self._spool.take(BATCH, POLL_SECONDS)
            if self._defers():
                return DEFER_SECONDS
            if batch:
                self._publish(life, batch)
            else:
                self._expire(life)
        except RedisError as error:
            self._doubt(error)
            wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
            return wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreading load, not secrets
        return 0.0

    def finish(self) -> None:
        """Publish what is left, if that can be done at once, and keep the rest for the next start.

        To be called after `run`, when nothing comes from the box any more.
        """
        try:
            while (life := self._in_step()) and not self._defers() and (batch := self._spool.take(BATCH, 0.0)):
                self._publish(life, batch)
            self._lease.give_back()
        except RedisError as error:
            self._doubt(error)
        if waiting := self._spool.waiting:
            log.warning("what is not in the event log is kept for the next start", box=self._box.name, lines=waiting)
        self._spool.close()

    def _in_step(self) -> CallLife | None:
        """The life of the box's calls as it is in the log, if this publisher may go on from there."""
        hears = self._hears() or self._spool.waiting > BATCH  # who has that much to say may say it first
        if self._life is not None and self._lease.renew(self._position, hears=hears and not self._behind()):
            return self._life
        self._life = None
        if self._lease.obtain(hears=hears):
            self._ahead = self._ahead or (self._lease.taken_over and self._hears())
            self._lease.leaves_unsaid(0)
            self._take_up(self._lease.state())
        else:
            self._follow(self._lease.look())
        self._redis_answers()
        return self._life

    def _behind(self) -> bool:
        """Whether something may have been missed a short while ago that another one has heard."""
        self._ahead = self._ahead and self._hears()
        return not self._settling.over and not self._ahead and self._spool.waiting <= BATCH

    def _defers(self) -> bool:
        """Whether another ingest may have heard what came before, and goes first.

        It takes over when it was connected earlier. If it was not, or has died: what it has heard is taken in.
        """
        if self._behind():
            standing = self._lease.look()
            self._deferred = standing.follower not in ("", self._spool.id)
            return self._deferred
        if self._deferred:
            self._deferred, self._life = False, None
            return True
        return False

    def _take_up(self, state: State) -> None:
        """Go on where the log is."""
        if state.standing.token != self._lease.token:
            return
        self._settle(state.progress)
        self._adopt(state.progress)
        position = f"{self._spool.id}:{self._spool.published}"
        if not self._lease.place(position):
            return
        if self._standing_by:
            log.info("this ingest publishes now", box=self._box.name)
            self._standing_by = False
        self._position = position
        if state.memory is None and self._published is not None:
            self._life = self._restored(*self._published)
        else:
            memory = state.memory or Memory(ignored=self._spool.ignored_before)
            self._life = CallLife(self._box, state.calls, memory, self._office)
            if state.memory is not None:
                self._remember(self._life)

    def _restored(self, calls: list[Call], memory: bytes) -> CallLife | None:
        """What Redis held before it was emptied: the calls in progress are told anew."""
        log.error("Redis was emptied; the calls in progress are told anew", box=self._box.name, count=len(calls))
        life = CallLife(self._box, calls, Memory.model_validate_json(memory), self._office)
        fence = Fence(self._lease.token, self._position, self._position)
        told = self._append(life, [([CallEvent.of(call) for call in calls], memory)], [fence])
        return life if told else None

    def _settle(self, progress: Progress) -> None:
        """Leave out what is in the log already, whoever put it there; and what is not any more, publish again."""
        done = progress.done(self._spool.id)
        self._spool.settle(done)
        if progress.owner == self._spool.id:
            if not self._spool.rewind(done):
                log.error("Redis has lost more than the spool still holds", box=self._box.name)
        elif progress.owner:
            self._spool.settle_stale(progress.stale)
        self._spool.leave_out(progress)

    def _adopt(self, progress: Progress) -> None:
        """Take in what other processes on this machine have heard and is not in the log."""
        for file, abandoned in self._folder.others(self._box.name) if self._folder else ():
            content = decode(SpoolFile(file).read())
            if news := self._spool.adopt(progress.missing_of(content)):
                log.warning("publishing what another ingest has heard", box=self._box.name, lines=news)
            if abandoned and self._spool.works:
                file.unlink(missing_ok=True)

    def _follow(self, standing: Standing) -> None:
        """Stand by: forget what the other one has published."""
        self._published = None
        if not self._standing_by:
            self._standing_by = True
            log.info("another ingest publishes, this one stands by", box=self._box.name)
        if standing.position != self._followed:
            self._settle(self._lease.progress(standing.position))
            self._followed = standing.position
        self._lease.leaves_unsaid(self._spool.first)

    def _publish(self, life: CallLife, batch: Sequence[Record]) -> None:
        steps, fences, position = list[Step](), list[Fence](), self._position
        for record in batch:
            after = f"{self._spool.id}:{record.number}"
            steps.append((self._events(life, record), life.memory.dump()))
            fences.append(Fence(self._lease.token, position, after, record.identity))
            position = after
        if self._append(life, steps, fences):
            self._position = position
            self._spool.settle(batch[-1].number)

    def _events(self, life: CallLife, record: Record) -> list[CallEvent]:
        """What a record leads to."""
        match record.kind:
            case Kind.LINE:
                message = parse(record.content)
                if not isinstance(message, Malformed):
                    return life.apply(message, record.content, record.at)
                self._quarantine(record, message.reason)
            case Kind.MALFORMED:
                self._quarantine(record, record.reason)
            case Kind.IGNORED:
                return life.ignore(record.connection, record.at)
            case Kind.FREED:
                life.free(record.connection)
        return []

    def _expire(self, life: CallLife) -> None:
        """End the calls that the box has forgotten. Its lines that wait come first: an end may be among them."""
        if time.monotonic() < self._expire_at:
            return
        self._expire_at = time.monotonic() + EXPIRY_CHECK
        if events := life.expire(self._ages.over(time.monotonic()), self._now()):
            log.info("calls ended without a word from the box", box=self._box.name, count=len(events))
            fence = Fence(self._lease.token, self._position, self._position)
            self._append(life, [(events, life.memory.dump())], [fence])

    def _append(self, life: CallLife, steps: Sequence[Step], fences: Sequence[Fence]) -> bool:
        """Returns whether it was this publisher's turn."""
        try:
            new = self._log.publish_lines(self._box.name, steps, fences)
        except Fenced:
            self._life = None
            return False
        for event in new:
            log.info(event.type.replace(".", " "), call=event.call_id, box=self._box.name)
        self._remember(life)
        return True

    def _remember(self, life: CallLife) -> None:
        self._published = life.calls, life.memory.dump()
        self._ages.see(life.calls, self._now(), time.monotonic())

    def _quarantine(self, record: Record, reason: str) -> None:
        text = record.content.decode("ascii", "backslashreplace")
        self._log.quarantine(self._box.name, text, reason, record.at.isoformat(timespec="milliseconds"))

    def _doubt(self, error: RedisError) -> None:
        """Nobody knows what of the last step has happened. Say it once."""
        self._life = None
        self._lease.lost_sight()
        if not self._told:
            self._told = True
            log.warning("Redis is away; lines are kept until it is back", box=self._box.name, error=str(error))

    def _redis_answers(self) -> None:
        if self._told:
            log.info("Redis is back", box=self._box.name, lines_waiting=self._spool.waiting)
        self._told, self._wait = False, FIRST_WAIT
