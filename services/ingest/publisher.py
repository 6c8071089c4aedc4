"""Received lines become events in the log: in order, each exactly once, across restarts and losses of Redis."""

from __future__ import annotations

import queue
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from services.ingest.box_reader import Received
from services.ingest.call_life import NOTHING_SPECIAL, CallLife, Memory, Office
from services.ingest.framing import Garbage
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.event_log import EventLog
from shared.events import CallEvent

BATCH: Final = 200
LONGEST_QUEUE: Final = 100_000
"""Lines. Read while Redis is away, and kept until it is back: days of a busy office."""
EXPIRY_CHECK: Final = 30.0
LAST_TRIES: Final = 3.0
"""Seconds after the stop signal in which what was read may still be published."""
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
NOT_KEPT: Final = "(not kept: some numbers are to be ignored)"
"""In place of a malformed line."""

log = structlog.get_logger()

Step = tuple[list[CallEvent], bytes]
"""What one line led to, and ingest's memory of the box after it."""


class Publisher:
    """Takes the lines of all boxes, one after the other, and writes what they mean into the event log."""

    def __init__(
        self,
        event_log: EventLog,
        boxes: Iterable[Box],
        office: Office = NOTHING_SPECIAL,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._office = office
        self._now = now
        self._log = event_log
        self._boxes = {box.name: box for box in boxes}
        self._lives: dict[str, CallLife] = {}
        self._queue: queue.Queue[Received] = queue.Queue(LONGEST_QUEUE)
        self.ready = False
        """Whether the open calls of an earlier life were taken up."""

    def deliver(self, received: Received) -> None:
        """Take a line from a reader; waits when far too many are waiting already, so that TCP slows the box down."""
        self._queue.put(received)

    def run(self, stop: StopSignal) -> None:
        """Publish until `stop` is set and what was read until then is published."""
        if not self._persist(self._load_lives, stop):
            return self._lost(())
        next_expiry = time.monotonic()
        while not stop.is_set():
            batch = self._take(wait=0.5)
            if not self._publish(batch, stop):
                return self._lost(batch)
            if not batch and time.monotonic() >= next_expiry:  # a call's end may be among the lines that wait
                self._expire(stop)
                next_expiry = time.monotonic() + EXPIRY_CHECK
        while batch := self._take(wait=0.0):
            if not self._publish(batch, stop):
                return self._lost(batch)
        return None

    def _lost(self, batch: Sequence[Received]) -> None:
        log.error("stopped while Redis is away", lines_lost=len(batch) + self._queue.qsize())

    def _take(self, wait: float) -> list[Received]:
        batch: list[Received] = []
        try:
            batch.append(self._queue.get(block=wait > 0, timeout=wait or None))
            while len(batch) < BATCH:
                batch.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _load_lives(self) -> None:
        """Take the open calls up where an earlier life of this service left them."""
        calls = defaultdict(list)
        for event in self._log.present().events:
            if isinstance(event, CallEvent):
                calls[event.call.box].append(event.call)
        for name, box in self._boxes.items():
            stored = self._log.memory_of(name)
            memory = Memory.model_validate_json(stored) if stored else Memory()
            self._lives[name] = CallLife(box, calls[name], memory, self._office)
        self.ready = True

    def _publish(self, batch: Sequence[Received], stop: StopSignal) -> bool:
        """Returns whether it is in the log; it is not only when the service stops while Redis is away."""
        steps: dict[str, list[Step]] = defaultdict(list)
        writes: list[Callable[[], None]] = []
        for received in batch:
            raw = received.line
            line, message = (raw.start, Malformed(raw.reason)) if isinstance(raw, Garbage) else (raw, parse(raw))
            if isinstance(message, Malformed):
                writes.append(partial(self._quarantine, received, line, message.reason))
            else:
                life = self._lives[received.box]
                steps[received.box].append((life.apply(message, line, received.at), life.memory.dump()))
        writes += [partial(self._append, box, lines) for box, lines in steps.items()]
        return all(self._persist(write, stop) for write in writes)

    def _expire(self, stop: StopSignal) -> None:
        for name, life in self._lives.items():
            if events := life.expire(self._now()):
                log.info("calls ended without a word from the box", box=name, count=len(events))
                self._persist(partial(self._append, name, [(events, life.memory.dump())]), stop)

    def _append(self, box: str, lines: Sequence[Step]) -> None:
        for event in self._log.publish_lines(box, lines):
            log.info(event.type.replace(".", " "), call=event.call_id, box=box)

    def _quarantine(self, received: Received, line: bytes, reason: str) -> None:
        log.warning("malformed line put into quarantine", box=received.box, reason=reason, length=len(line))
        # It may be what is left of a line of an ignored call, and nobody can tell.
        text = NOT_KEPT if self._office.ignore.anybody else line.decode("ascii", "backslashreplace")
        self._log.quarantine(received.box, text, reason, received.at.isoformat(timespec="milliseconds"))

    def _persist(self, write: Callable[[], None], stop: StopSignal) -> bool:
        """Write, and again until it worked: all writes may be repeated. Gives up only some seconds after the stop."""
        wait, told, give_up_at = FIRST_WAIT, False, float("inf")
        while True:
            try:
                write()
            except RedisError as error:
                if not told:
                    log.warning("Redis is away; lines are kept until it is back", error=str(error))
                    told = True
            else:
                if told:
                    log.info("Redis is back", lines_waiting=self._queue.qsize())
                return True
            if stop.is_set():
                give_up_at = min(give_up_at, time.monotonic() + LAST_TRIES)
                if time.monotonic() + wait > give_up_at:
                    return False
                time.sleep(wait)
            else:
                stop.wait(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreading load, not secrets
            wait = min(wait * 2, LONGEST_WAIT)
