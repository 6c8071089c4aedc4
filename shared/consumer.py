"""A worker of a consumer group: takes events, has them handled, acknowledges them only after the effect.

One module for all consumers. What is promised:

- every event is handled at least once, whichever worker dies: what a dead worker held is taken over;
- an event's effect on the log (the events it leads to) happens exactly once;
- an event that cannot be handled goes to the dead letters, with the reason, and never holds up the others;
- while what the handler needs is away (`Unavailable`), nothing is acknowledged, lost or counted as a failure.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Event as StopSignal
from threading import Thread
from typing import Any, Final, cast

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError, ResponseError

from shared.event_log import FIELD, EventLog
from shared.events import Event, parse_event

BLOCK_SECONDS: Final = 1.0
"""How long one read waits. Well below `shared.redis_client.SOCKET_TIMEOUT`, and below the 5 s to stop in."""
AGAIN_SECONDS: Final = 0.05
"""How soon an entry is offered again that the handler left out."""
MAX_DELIVERIES: Final = 5
FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 30.0
LONGEST_REDIS_WAIT: Final = 5.0
HANDLED: Final = Counter(
    "callmonitor_events_handled", "Events whose effect this process brought about.", ["group", "type"]
)
GIVEN_UP: Final = Counter(
    "callmonitor_events_given_up", "Events that this process moved to the dead letters.", ["group"]
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a consumer group delivers it."""

    id: str
    event: Event
    document: bytes
    deliveries: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """The event's effect has happened; `events` are what it leads to."""

    entry: Entry
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The event can never be handled, for its own sake."""

    entry: Entry
    reason: str


class Unavailable(Exception):
    """What the handler needs is away. The same entries are offered again after a wait.

    Its text is one sentence for people; it is logged once.
    """


Handler = Callable[[Sequence[Entry]], Iterable[Done | Rejected]]
"""Brings about the effect of some events, in any order. An entry that it does not return is offered again."""


class Consumer:
    """One worker of one group."""

    def __init__(
        self,
        event_log: EventLog,
        group: str,
        name: str,
        handler: Handler,
        *,
        batch: int = 100,
        take_over_seconds: float = 5.0,
        heartbeat: Callable[[], object] = lambda: None,
        on_wait: Callable[[Unavailable | None], object] = lambda _: None,
    ) -> None:
        """`take_over_seconds`: how long a worker may be silent before others take what it holds.

        However long the handler takes, the worker is not silent: a thread says "still mine", and calls `heartbeat`.
        `on_wait` is told each time that the handler cannot work, and why, and by None that it works.
        """
        self._log = event_log
        self._group = group
        self._name = name
        self._handler = handler
        self._batch = batch
        self._take_over = take_over_seconds
        self._heartbeat = heartbeat
        self._on_wait = on_wait
        self._works: bool | None = None
        self._held: list[Entry] = []
        self._last_claim = float("-inf")
        self._handler_waits = _Backoff(LONGEST_WAIT)
        self._redis_waits = _Backoff(LONGEST_REDIS_WAIT)
        GIVEN_UP.labels(group)  # from 0, so that the first one is seen as a change
        self.ready = False
        """Whether the last round reached Redis."""

    @property
    def waiting(self) -> bool:
        """Whether what the handler needs is away."""
        return self._works is False

    def run(self, stop: StopSignal) -> None:
        """Work until `stop` is set. Survives every loss of Redis and of what the handler needs."""
        done = StopSignal()
        beating = Thread(target=self._beat, args=(done,), daemon=True, name=f"{self._group} heartbeat")
        beating.start()
        while not stop.is_set():
            try:
                self._round(stop)
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    self._redis_lost(error, stop)
                    continue
                # Redis was restarted empty, or somebody deleted the group: start over from the oldest event.
                log.warning("consumer group is gone, making it anew", group=self._group)
                self.ready = False
            except RedisError as error:
                self._redis_lost(error, stop)
            else:
                if self._redis_waits.reset():
                    log.info("Redis is back", group=self._group)
        done.set()
        beating.join()
        self._leave()

    def _round(self, stop: StopSignal) -> None:
        if not self.ready:
            self._prepare()
        self._held += self._claim_abandoned()
        if (room := self._batch - len(self._held)) > 0:
            self._held += self._read_new(room)
        if self._held:
            self._handle_held(stop)

    def _prepare(self) -> None:
        self._log.ensure_group(self._group)
        self.ready = True

    def _redis_lost(self, error: RedisError, stop: StopSignal) -> None:
        self.ready = False
        wait, first = self._redis_waits.next()
        if first:
            log.warning("Redis is away", group=self._group, error=str(error))
        stop.wait(wait)

    def _read_new(self, room: int) -> list[Entry]:
        wait = AGAIN_SECONDS if self._held else min(BLOCK_SECONDS, self._take_over / 2)
        stream, block = self._log.keys.stream, round(wait * 1000)
        reply = self._log.redis.xreadgroup(self._group, self._name, {stream: ">"}, count=room, block=block)
        return self._parse(cast("Any", reply)[0][1], {}) if reply else []

    def _claim_abandoned(self) -> list[Entry]:
        """Entries that some worker, perhaps this one in an earlier life, took and did not finish."""
        room = self._batch - len(self._held)
        if room <= 0 or time.monotonic() - self._last_claim < self._take_over / 2:
            return []
        cursor: str | bytes = "0-0"
        while True:
            reply = self._log.redis.xautoclaim(
                self._log.keys.stream,
                self._group,
                self._name,
                min_idle_time=round(self._take_over * 1000),
                start_id=cast("str", cursor),
                count=room,
            )
            cursor, claimed = cast("Any", reply)[:2]
            if claimed:
                log.info("took over unfinished events", group=self._group, count=len(claimed))
                return self._parse(claimed, self._delivery_counts(claimed), at_least=2)
            if cursor in (b"0-0", "0-0"):
                self._last_claim = time.monotonic()
                return []

    def _delivery_counts(self, claimed: list[tuple[bytes, dict[bytes, bytes]]]) -> dict[bytes, int]:
        pending = self._log.redis.xpending_range(
            self._log.keys.stream,
            self._group,
            min=claimed[0][0],
            max=claimed[-1][0],
            count=self._batch * 10,
            consumername=self._name,
        )
        return {row["message_id"]: row["times_delivered"] for row in cast("Any", pending)}

    def _parse(
        self, raw: Iterable[tuple[bytes, dict[bytes, bytes]]], deliveries: dict[bytes, int], at_least: int = 1
    ) -> list[Entry]:
        entries = []
        for entry_id, fields in raw:
            document, count = fields.get(FIELD, b""), max(at_least, deliveries.get(entry_id, 1))
            try:
                entry = Entry(entry_id.decode(), parse_event(document), document, count)
            except ValueError as error:
                self._bury(entry_id.decode(), document, f"not an event this version knows: {summary(error)}", count)
                continue
            if count > MAX_DELIVERIES:
                self._give_up(entry, "every worker that took it died or failed")
            else:
                entries.append(entry)
        return entries

    def _handle_held(self, stop: StopSignal) -> None:
        """Offer the held entries to the handler, and settle what it finished."""
        try:
            results = list(self._handler(self._held))
        except Unavailable as error:
            self._wait_for_handler(error, stop)
            return
        except RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler does, the flow goes on
            results = self._one_by_one(error)
        if results and self._handler_waits.reset():
            log.info("working again", group=self._group)
        if results and not self._works:
            self._works = True
            self._on_wait(None)
        self._settle(results)

    def _one_by_one(self, error: Exception) -> list[Done | Rejected]:
        """Find the entries that make the handler fail. They stay pending, and are taken over and counted."""
        if len(self._held) == 1:
            return self._failed(self._held[0], error)
        results: list[Done | Rejected] = []
        for entry in list(self._held):
            try:
                results += self._handler([entry])
            except (Unavailable, RedisError):
                break
            except Exception as failure:  # noqa: BLE001 - as above
                results += self._failed(entry, failure)
        return results

    def _failed(self, entry: Entry, error: Exception) -> list[Done | Rejected]:
        told = log.bind(group=self._group, entry=entry.id, call=entry.event.call_id)
        told.error("an event could not be handled", deliveries=entry.deliveries, error=summary(error))
        self._held = [other for other in self._held if other is not entry]
        return [Rejected(entry, summary(error))] if entry.deliveries >= MAX_DELIVERIES else []

    def _settle(self, results: Sequence[Done | Rejected]) -> None:
        done = [(result.entry.id, result.events) for result in results if isinstance(result, Done)]
        if done:
            for event in self._log.ack_and_publish(self._group, done):
                log.info(event.type.replace(".", " "), call=event.call_id)
        for result in results:
            if isinstance(result, Rejected):
                self._give_up(result.entry, result.reason)
            else:
                HANDLED.labels(self._group, result.entry.event.type).inc()
        settled = {result.entry.id for result in results}
        self._held = [entry for entry in self._held if entry.id not in settled]

    def _wait_for_handler(self, error: Unavailable, stop: StopSignal) -> None:
        wait, first = self._handler_waits.next()
        if first:
            log.warning("waiting", group=self._group, because=str(error))
        self._works = False
        self._on_wait(error)
        self._forgive()
        stop.wait(wait)

    def _forgive(self) -> None:
        """Waiting is no failure: however often the held entries change hands meanwhile, it does not count."""
        held: list[int | bytes | str | memoryview] = [entry.id for entry in self._held]
        if held:
            stream = self._log.keys.stream
            self._log.redis.xclaim(stream, self._group, self._name, 0, held, retrycount=1, justid=True)

    def _beat(self, done: StopSignal) -> None:
        """Say "still mine" for the held entries now and then, without counting a delivery."""
        while not done.wait(self._take_over / 4):
            held: list[int | bytes | str | memoryview] = [entry.id for entry in self._held]
            try:
                if held:
                    self._log.redis.xclaim(self._log.keys.stream, self._group, self._name, 0, held, justid=True)
                self._heartbeat()
            except RedisError:
                continue  # the main loop waits for Redis, and says so

    def _give_up(self, entry: Entry, reason: str) -> None:
        self._bury(entry.id, entry.document, reason, entry.deliveries, call=entry.event.call_id)

    def _bury(self, entry_id: str, document: bytes, reason: str, deliveries: int, **about: str) -> None:
        log.error("event moved to the dead letters", group=self._group, entry=entry_id, reason=reason, **about)
        self._log.bury(self._group, entry_id, document, reason, deliveries)
        GIVEN_UP.labels(self._group).inc()

    def _leave(self) -> None:
        """Take this worker off the group's list, unless it holds entries: deleting it would lose them."""
        try:
            self._forgive()
            self._log.redis.eval(_LEAVE, 1, self._log.keys.stream, self._group, self._name)
        except RedisError:
            log.debug("left without saying goodbye", group=self._group)


def worker_name() -> str:
    """A name for this process within its group. A new process is a new worker: what an old one held is taken over."""
    return f"{socket.gethostname()}-{os.getpid()}"


def summary(error: Exception) -> str:
    """An error in one line without the values in it: they may be somebody's phone number."""
    locations = getattr(error, "errors", None)
    if callable(locations):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in locations(include_input=False))[:300]
    return f"{type(error).__name__}: {error}"[:300]


class _Backoff:
    """Waits that double up to a limit, with jitter so that workers do not come back in step."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._tries = 0

    def next(self) -> tuple[float, bool]:
        """The next wait in seconds, and whether it is the first of a row."""
        wait = min(self._longest, FIRST_WAIT * 2 ** min(self._tries, 16))
        self._tries += 1
        return wait * random.uniform(0.5, 1.0), self._tries == 1  # noqa: S311 - spreading load, not secrets

    def reset(self) -> bool:
        """End the row. Returns whether there was one."""
        waited, self._tries = self._tries > 0, 0
        return waited


# KEYS: stream. ARGV: group, consumer.
_LEAVE: Final = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
"""
