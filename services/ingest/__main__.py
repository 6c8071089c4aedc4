"""`python -m services.ingest`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Event as StopSignal
from threading import Thread
from typing import Final

import structlog
from redis.exceptions import RedisError

from services.ingest.abandoned import Abandoned
from services.ingest.box_reader import BoxReader
from services.ingest.call_life import Memory, Office
from services.ingest.intake import Intake
from services.ingest.metrics import PUBLISHES, WAITING
from services.ingest.publisher import Publisher
from services.ingest.settings import IngestSettings
from services.ingest.spool import Spool
from services.ingest.spool_folder import SpoolFolder
from shared.boxes import Box
from shared.event_log import EventLog, open_event_log
from shared.service import Health, run

PURGE_SECONDS: Final = 3600.0
WAKE_SECONDS: Final = 1.0
"""A signal may reach another thread, right after SIGCONT for instance. Python sees to it when the main one wakes up."""
TURN_SECONDS: Final = 0.1
"""How long a thread that wants to run waits, before it asks Python to stop the one that does. Ours stop by themselves
within milliseconds, at their next read or write. With Python's 5 ms a thousand boxes' threads did little but ask."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Line:
    """From one box to the event log."""

    spool: Spool
    reader: BoxReader
    publisher: Publisher


def work(settings: IngestSettings, stop: StopSignal, health: Health) -> None:
    """One thread per box reads, another one publishes."""
    sys.setswitchinterval(TURN_SECONDS)
    event_log, boxes = open_event_log(settings), settings.every_box()
    retention = settings.retention_days * 24 * 3600
    with _folder(settings) as folder:
        _purge(folder, [box.name for box in boxes], retention)
        lines = {box.name: _line(box, settings, event_log, folder) for box in boxes}
        health.readiness = lambda: _readiness(event_log, lines)
        reading = [Thread(target=line.reader.run, args=(stop,), name=f"box {name}") for name, line in lines.items()]
        publishing = [Thread(target=line.publisher.run, args=(stop,), name=f"to {n}") for n, line in lines.items()]
        looking = Thread(target=Abandoned(event_log, lines).run, args=(stop,), name="abandoned calls")
        for thread in (*reading, *publishing, looking):
            thread.daemon = True
            thread.start()
        purged_at = time.monotonic()
        while not stop.wait(WAKE_SECONDS):
            if time.monotonic() - purged_at > PURGE_SECONDS:
                _purge(folder, lines, retention)
                purged_at = time.monotonic()
        for thread in (*reading, *publishing):
            thread.join()
        for line in lines.values():
            line.publisher.finish()


def _folder(settings: IngestSettings) -> SpoolFolder:
    """The process' own place for spools. If there can be none: one sentence on standard error, exit code 2."""
    try:
        return SpoolFolder(settings.spool_dir)
    except OSError as error:
        sys.stderr.write(f"SPOOL_DIR is {settings.spool_dir}, where nothing can be kept: {error.strerror}.\n")
        raise SystemExit(2) from None


def _line(box: Box, settings: IngestSettings, event_log: EventLog, folder: SpoolFolder) -> Line:
    spool = Spool(folder.file_of(box.name), settings.retention_days * 24 * 3600)
    if spool.fresh:
        _inherit(spool, event_log, box.name)
    reader = BoxReader(box, Intake(box, settings.ignore, spool).deliver)
    office = Office(settings.ignore, settings.own_numbers)
    publisher = Publisher(
        event_log,
        box,
        spool,
        office,
        folder=folder,
        hears=lambda: reader.misses_nothing,
        connection=lambda: reader.connection,
    )
    WAITING.labels(box.name).set_function(lambda: spool.waiting)
    PUBLISHES.labels(box.name).set_function(lambda: publisher.publishes)
    return Line(spool, reader, publisher)


def _inherit(spool: Spool, event_log: EventLog, box: str) -> None:
    """A new spool does not know which ignored calls are going on; Redis may."""
    try:
        stored = event_log.memory_of(box)
    except RedisError as error:
        log.debug("Redis cannot be asked for the ignored calls that are going on", error=str(error))
        return
    spool.ignored.update(Memory.model_validate_json(stored).ignored if stored else ())


def _purge(folder: SpoolFolder, boxes: Iterable[str], retention_seconds: float) -> None:
    try:
        folder.purge(boxes, retention_seconds)
    except OSError as error:
        log.warning("what is too old in the spools cannot be deleted", because=error.strerror)


def _readiness(event_log: EventLog, lines: Mapping[str, Line]) -> dict[str, bool]:
    return {
        "redis": event_log.answers(),
        "spool": all(line.spool.works for line in lines.values()),
        **{f"box {name}": line.reader.connected for name, line in lines.items()},
    }


if __name__ == "__main__":
    run("ingest", IngestSettings, work)
