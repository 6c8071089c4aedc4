"""An ingest within the test's own process: intake, spool and publisher of one box, without its reader."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.box_reader import Received
from services.ingest.call_life import NOTHING_SPECIAL, Office
from services.ingest.framing import Garbage
from services.ingest.intake import Intake
from services.ingest.publisher import Publisher
from services.ingest.spool import Spool
from services.ingest.spool_folder import SpoolFolder
from shared.boxes import Box
from shared.event_log import ORIGIN, EventLog
from shared.events import Call, CallEvent

BOX = Box(name="office", host="fritz.box")
NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)
RETENTION = 3650 * 24 * 3600.0
"""The lines of these tests are of 2026."""


def line(text: str | Garbage, at: datetime = NOW) -> Received:
    return Received("office", at, text.encode() if isinstance(text, str) else text)


def ring(connection: int, second: int = 1, caller: str = "0302312501") -> Received:
    return line(f"22.11.26 {_time(second)};RING;{connection};{caller};6900090;SIP0;")


def answer(connection: int, second: int = 9) -> Received:
    return line(f"22.11.26 {_time(second)};CONNECT;{connection};10;0302312501;")


def hang_up(connection: int, second: int = 30) -> Received:
    return line(f"22.11.26 {_time(second)};DISCONNECT;{connection};0;")


def _time(second: int) -> str:
    return f"18:{second // 60:02}:{second % 60:02}"


@dataclass(frozen=True, slots=True)
class Ingest:
    """What runs of it."""

    publisher: Publisher
    spool: Spool
    intake: Intake

    def hear(self, *received: Received) -> None:
        """The box has said something."""
        for each in received:
            self.intake.deliver(each)


@contextmanager
def ingesting(
    log: EventLog,
    path: Path,
    *,
    box: Box = BOX,
    office: Office = NOTHING_SPECIAL,
    hears: Callable[[], bool] = lambda: True,
    connection: Callable[[], int] = lambda: 0,
    now: Callable[[], datetime] = lambda: NOW,
    dies: bool = False,
) -> Iterator[Ingest]:
    """An ingest with its spools in a folder. `dies`: it ends as by `kill -9`, in the middle of whatever it does."""
    with SpoolFolder(path) as folder:
        spool = Spool(folder.file_of(box.name), RETENTION)
        publisher = Publisher(log, box, spool, office, folder=folder, hears=hears, connection=connection, now=now)
        stop = threading.Event()
        thread = threading.Thread(target=publisher.run, args=(stop,))
        thread.start()
        try:
            yield Ingest(publisher, spool, Intake(box, office.ignore, spool))
        finally:
            stop.set()
            thread.join(10)
            assert not thread.is_alive(), "must stop in time"
            if not dies:
                publisher.finish()


def calls(log: EventLog) -> list[Call]:
    """Every version of every call in the log, in order."""
    logged = log.read(ORIGIN, count=100_000, block_seconds=0.01)
    return [entry.event.call for entry in logged if isinstance(entry.event, CallEvent)]


def states(log: EventLog) -> list[str]:
    """As `ringing 1`: the state and the `seq` of every version of every call in the log."""
    return [f"{call.state} {call.seq}" for call in calls(log)]
