"""A box, and two ingests that share a folder, in one thread: each does a step when it is told to, and time passes when
it is told to. Real spools, publishers and Redis; what is left out is the threads and the network to the box.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

from services.ingest import lease, publisher, settling, spool
from services.ingest.__main__ import _inherit
from services.ingest.box_reader import WHOLE_AFTER, Received
from services.ingest.call_life import Office
from services.ingest.ignoring import Ignored
from services.ingest.intake import Intake
from services.ingest.publisher import Publisher
from services.ingest.spool import Spool
from services.ingest.spool_folder import SpoolFolder
from shared.boxes import Box
from shared.event_log import EventLog
from tests.ingest.running import RETENTION
from tests.ingest.unreliable_way import Way, Weather
from tests.valkey import Valkey

BOX = Box(name="office", host="fritz.box")
NOBODYS = "02214710999"
"""A number that is to be ignored."""
OFFICE = Office(Ignored(numbers=(NOBODYS,)), {})
START = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)
TURN = 0.5
"""Seconds between two steps of a publisher that stands by."""
STREAM = "callmonitor:events"
TELL_TIME: Final = (lease, publisher, settling, spool)
"""Whose clock is the world's."""


class Killed(BaseException):
    """Of a process, in the middle of a step."""


@dataclass(eq=False)
class Said:
    """A line of the box."""

    number: int
    at: datetime
    event: str
    connection: int
    rest: str
    ignored: bool
    """Whether it names the number that is to be ignored."""
    heard: bool = False
    """By an ingest, before any later line of its connection was heard."""
    heard_late: int = 0
    """By one that slept when it was said, and when a later line of its connection was heard by the other one: after so
    many lines had been said. 0: it was not."""

    @property
    def text(self) -> bytes:
        stamp = (self.at + timedelta(hours=1)).strftime("%d.%m.%y %H:%M:%S")
        return f"{stamp};{self.event};{self.connection};{self.rest};".encode()


@dataclass(eq=False)
class Ingest:
    """One of the two. What it was survives in its folder."""

    name: str
    way: Way
    alive: bool = False
    sleeps: bool = False
    connected_at: float | None = None
    connections: int = 0
    cut_off: bool = False
    """It will notice when it has read what came before."""
    unread: list[Said] = field(default_factory=list)
    """What the box said while it slept, or was slow."""
    folder: SpoolFolder | None = None
    spool: Spool | None = None
    intake: Intake | None = None
    publisher: Publisher | None = None


class World:
    """Of these three and of Redis."""

    def __init__(self, valkey: Valkey, path: Path) -> None:
        self.seconds = 1000.0
        self.said: list[Said] = []
        self.ingests = [Ingest(name, Way(valkey)) for name in ("one", "two")]
        self._path = path
        clock = SimpleNamespace(monotonic=lambda: self.seconds)
        self._patches: list[Any] = [
            mock.patch.object(publisher, "POLL_SECONDS", 0.0),
            mock.patch.object(spool, "datetime", SimpleNamespace(now=lambda _: self.now)),
            *(mock.patch.object(module, "time", clock) for module in TELL_TIME),
        ]
        for patch in self._patches:
            patch.start()

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000)

    def close(self) -> None:
        for ingest in self.ingests:
            self.kill(ingest)
        for patch in self._patches:
            patch.stop()

    # --- the box

    def box_says(self, event: str, connection: int, rest: str, *, ignored: bool, slow: Collection[Ingest] = ()) -> None:
        """Everyone who is connected hears it, or will when it wakes up, or has got round to it."""
        line = Said(len(self.said), self.now, event, connection, rest, ignored)
        self.said.append(line)
        for ingest in self.ingests:
            if ingest.connected_at is not None and not ingest.cut_off:
                if ingest.sleeps or ingest.unread or ingest in slow:
                    ingest.unread.append(line)
                else:
                    self._hears(ingest, line, late=False)

    def cut_off(self, ingest: Ingest) -> None:
        """What the box has said before is still read."""
        if ingest.sleeps or ingest.unread:
            ingest.cut_off = True
        else:
            ingest.connected_at = None

    def read(self, ingest: Ingest) -> None:
        """What its kernel has taken from the box meanwhile."""
        if ingest.sleeps:
            return
        unread, ingest.unread = ingest.unread, []
        for line in unread:
            self._hears(ingest, line, late=True)
        if ingest.cut_off:
            ingest.cut_off, ingest.connected_at = False, None

    def connect(self, ingest: Ingest) -> None:
        self.read(ingest)
        if ingest.alive and not ingest.sleeps and ingest.connected_at is None:
            ingest.connected_at = self.seconds
            ingest.connections += 1

    def _hears(self, ingest: Ingest, line: Said, *, late: bool) -> None:
        later = self.said[line.number + 1 :]
        late = late and any(each.heard or each.heard_late for each in later if each.connection == line.connection)
        line.heard = line.heard or not late
        line.heard_late = line.heard_late or late * len(self.said)
        assert ingest.intake is not None
        ingest.intake.deliver(Received(BOX.name, self.now, line.text))

    # --- processes

    def start(self, ingest: Ingest) -> None:
        if ingest.alive:
            return
        log = EventLog(ingest.way.client(), STREAM, RETENTION)
        ingest.folder = SpoolFolder(self._path)
        ingest.spool = Spool(ingest.folder.file_of(BOX.name), RETENTION)
        if ingest.spool.fresh:
            _inherit(ingest.spool, log, BOX.name)
        ingest.intake = Intake(BOX, OFFICE.ignore, ingest.spool)
        ingest.publisher = Publisher(
            log,
            BOX,
            ingest.spool,
            OFFICE,
            folder=ingest.folder,
            hears=lambda: self._connected_for(ingest) > WHOLE_AFTER,
            connection=lambda: 0 if ingest.connected_at is None else ingest.connections,
            now=lambda: self.now,
        )
        ingest.alive = True

    def kill(self, ingest: Ingest) -> None:
        """`kill -9`: what was not read yet is lost with the connection."""
        if ingest.alive:
            assert ingest.folder is not None
            ingest.folder.close()
            ingest.way.close()
        ingest.alive = ingest.sleeps = ingest.cut_off = False
        ingest.connected_at, ingest.unread = None, []

    def stop(self, ingest: Ingest) -> None:
        """SIGTERM."""
        if ingest.alive and not ingest.sleeps:
            assert ingest.publisher is not None
            ingest.connected_at = None
            ingest.publisher.finish()
            self.kill(ingest)

    def sleep(self, ingest: Ingest) -> None:
        """SIGSTOP. The kernel goes on taking what the box says."""
        ingest.sleeps = ingest.alive

    def wake(self, ingest: Ingest) -> None:
        """SIGCONT."""
        ingest.sleeps = False
        self.read(ingest)

    def step(self, ingest: Ingest, before: dict[int, Callable[[], None]] | None = None) -> None:
        """`before`: what happens before which of its round trips to Redis, counted from 0."""
        if ingest.alive and not ingest.sleeps:
            assert ingest.publisher is not None
            ingest.way.before = before or {}
            try:
                ingest.publisher.step()
            except Killed:
                self.kill(ingest)
            ingest.way.before = {}

    def passes(self, seconds: float, *, first: int = 0) -> None:
        """Time passes; all who are awake do their work. `first` says who comes first each time."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds = min(end, self.seconds + TURN)
            for n in (first, 1 - first):
                self.step(self.ingests[n])
            for ingest in self.ingests:
                self.read(ingest)

    def _connected_for(self, ingest: Ingest) -> float:
        return -1.0 if ingest.connected_at is None else self.seconds - ingest.connected_at

    # --- the end

    def settle(self, starting: Sequence[int]) -> None:
        """No fault any more, for long enough, and these are started if they are dead."""
        for ingest in self.ingests:
            ingest.way.weather = Weather.FINE
            ingest.way.arrive()
            self.wake(ingest)
        for number in starting:
            self.start(self.ingests[number])
        self.passes(1.5)
        for ingest in self.ingests:
            self.connect(ingest)
        self.passes(15)
