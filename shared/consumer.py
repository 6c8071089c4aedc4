"""A worker of a consumer group: takes events, has them handled, acknowledges them only after the effect.

One module for all consumers. What is promised:

- every event is handled at least once, whichever worker dies: what a dead worker held is taken over;
- an event's effect on the log (the events it leads to) happens exactly once;
- an event that cannot be handled goes to the dead letters, with the reason, and never holds up the others;
- while what the handler needs is away (`Unavailable`), nothing is acknowledged, lost or counted as a failure.
"""

from __future__ import annotations

import os
import socket
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Event as StopSignal
from threading import Thread
from typing import Final

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError, ResponseError

from shared.backoff import Backoff
from shared.event_log import FIELD, EventLog
from shared.events import Event, parse_event
from shared.group_member import GroupMember, RawEntry

BLOCK_SECONDS: Final = 1.0
"""How long one read waits. Well below `shared.redis_client.SOCKET_TIMEOUT`, and below the 5 s to stop in."""
AGAIN_SECONDS: Final = 0.05
"""How soon an entry is offered again that the handler left out."""
MAX_DELIVERIES: Final = 5
LONGEST_WAIT: Final = 30.0
LONGEST_REDIS_WAIT: Final = 5.0
HANDLED: Final = Counter(
    "callmonitor_events_handled",
    "Events that this process handled. One that changed hands meanwhile may count at both.",
    ["group", "type"],
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
        self._member = GroupMember(event_log, group, name, take_over_seconds)
        self._handler = handler
        self._batch = batch
        self._take_over = take_over_seconds
        self._heartbeat = heartbeat
        self._on_wait = on_wait
        self._works: bool | None = None
        self._held: list[Entry] = []
        self._handler_waits = Backoff(LONGEST_WAIT)
        self._redis_waits = Backoff(LONGEST_REDIS_WAIT)
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
        if (room := self._batch - len(self._held)) > 0:
            held = {entry.id for entry in self._held}  # its own, too, after it could not say for long that it lives
            abandoned = [raw for raw in self._member.take_over(room) if raw[0].decode() not in held]
            self._held += self._parse(abandoned)
            if abandoned:
                log.info("took over unfinished events", group=self._group, count=len(abandoned))
        if (room := self._batch - len(self._held)) > 0:
            wait = AGAIN_SECONDS if self._held else min(BLOCK_SECONDS, self._take_over / 2)
            self._held += self._parse(self._member.read(room, wait))
        if self._held:
            self._handle_held(stop)
        if len(self._held) == self._batch:  # and so the next round will not wait in reading
            stop.wait(AGAIN_SECONDS)

    def _prepare(self) -> None:
        self._log.ensure_group(self._group)
        self.ready = True

    def _redis_lost(self, error: RedisError, stop: StopSignal) -> None:
        self.ready = False
        wait, first = self._redis_waits.next()
        if first:
            log.warning("Redis is away", group=self._group, error=str(error))
        stop.wait(wait)

    def _parse(self, raw: Iterable[RawEntry]) -> list[Entry]:
        entries = []
        for entry_id, fields, deliveries in raw:
            document = fields.get(FIELD, b"")
            try:
                entry = Entry(entry_id.decode(), parse_event(document), document, deliveries)
            except ValueError as error:
                reason = f"not an event this version knows: {summary(error)}"
                self._bury(entry_id.decode(), document, reason, deliveries)
                continue
            if deliveries > MAX_DELIVERIES:
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
        done = [result for result in results if isinstance(result, Done)]
        if done:
            for event in self._log.ack_and_publish(self._group, [(each.entry.id, each.events) for each in done]):
                log.info(event.type.replace(".", " "), call=event.call_id)
            for name, number in Tally(each.entry.event.type for each in done).items():
                HANDLED.labels(self._group, name).inc(number)
        for result in results:
            if isinstance(result, Rejected):
                self._give_up(result.entry, result.reason)
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
        self._member.keep([entry.id for entry in self._held], forgive=True)

    def _beat(self, done: StopSignal) -> None:
        """Say "still mine" for the held entries now and then, without counting a delivery."""
        while not done.wait(self._take_over / 4):
            try:
                self._member.keep([entry.id for entry in self._held])
                self._heartbeat()
            except RedisError:
                continue  # the main loop waits for Redis, and says so

    def _give_up(self, entry: Entry, reason: str) -> None:
        self._bury(entry.id, entry.document, reason, entry.deliveries, call=entry.event.call_id)

    def _bury(self, entry_id: str, document: bytes, reason: str, deliveries: int, **about: str) -> None:
        if self._log.bury(self._group, entry_id, document, reason, deliveries):
            log.error("event moved to the dead letters", group=self._group, entry=entry_id, reason=reason, **about)
            GIVEN_UP.labels(self._group).inc()

    def _leave(self) -> None:
        """Take this worker off the group's list, unless it holds entries: deleting it would lose them."""
        try:
            self._forgive()
            self._member.leave()
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
