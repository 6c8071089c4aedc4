"""The contacts, from Limbas into the index: as long as it takes, one at a time, and each step can be watched."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event as StopSignal
from threading import Thread
from typing import Final
from uuid import uuid4

import structlog
from redis.exceptions import RedisError
from rq import get_current_job
from rq.exceptions import StopRequested

from services.jobs.metrics import SYNC_SECONDS
from services.jobs.phonebooks import Phonebooks
from services.jobs.settings import JobsSettings
from shared.consumer import summary
from shared.contacts.index import ContactIndex
from shared.contacts.late_links import link_late
from shared.contacts.problems import MOST_KEPT, Problem, ProblemList
from shared.contacts.reading import Contact, read_contacts
from shared.contacts.sync_state import HOLD_SECONDS, Progress, Stage, SyncState, SyncTaken
from shared.event_log import EventLog
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasError
from shared.unknown_calls import UnknownCalls

REPORT_SECONDS: Final = 0.2
FIRST_WAIT: Final = 2.0
LONGEST_WAIT: Final = 30.0
LOOK_SECONDS: Final = 0.5

log = structlog.get_logger()


class Sync:
    """Reads the contacts whenever it is called."""

    def __init__(self, settings: JobsSettings, event_log: EventLog, limbas: Limbas, stop: StopSignal) -> None:
        self._settings = settings
        self._log = event_log
        self._limbas = limbas
        self._stop = stop
        self._state = SyncState(event_log)
        self._index = ContactIndex(event_log)
        self._phonebooks = Phonebooks(settings.every_box(), event_log)
        self._unknown = UnknownCalls(event_log, settings.late_link_days)

    def unless_running(self) -> None:
        """Sync, unless somebody else is at it."""
        sync = _job_id()
        if self._state.take(sync):
            self._run(sync)

    def after_running(self) -> None:
        """Sync; when somebody else is at it, after them."""
        sync = _job_id()
        while not self._state.take(sync):
            if self._stop.wait(LOOK_SECONDS):
                return
        self._run(sync)

    def _run(self, sync: str) -> None:
        now, before = datetime.now(UTC), self._state.progress()
        read_at = before.read_at if before else None
        run = _Run(self._state, Progress(sync=sync, stage=Stage.READING, started_at=now, at=now, read_at=read_at))
        done = StopSignal()
        beating = Thread(target=self._beat, args=(sync, done), daemon=True, name="sync heartbeat")
        beating.start()
        try:
            self._read(run)
            self._phonebooks.read()
            run.report(stage=Stage.LINKING)
            linked = link_late(self._log, self._unknown, self._index.lookup)
            for call_id in linked:
                log.info("contact resolved", call=call_id, late=True)
            run.report(stage=Stage.DONE, linked=len(linked))
            SYNC_SECONDS.labels("done").observe(run.seconds)
            log.info("contacts read", numbers=run.progress.numbers, problems=run.progress.problems, linked=len(linked))
        except Exception as error:
            stopped = isinstance(error, StopRequested)
            because = "the jobs service was stopped" if stopped else summary(error)
            if not stopped:
                SYNC_SECONDS.labels("failed").observe(run.seconds)
            with suppress(RedisError, SyncTaken):
                run.report(stage=Stage.FAILED, because=because)
            raise
        finally:
            done.set()
            beating.join()
            with suppress(RedisError):  # then it ends by itself
                self._state.release(sync)

    def _beat(self, sync: str, done: StopSignal) -> None:
        while not done.wait(HOLD_SECONDS / 4):
            with suppress(RedisError):
                self._state.renew(sync)

    def _read(self, run: _Run) -> None:
        """Read until it has worked."""
        wait, told = FIRST_WAIT, ""
        while True:
            try:
                problems: list[Problem] = []
                numbers = self._index.replace(self._contacts(run, problems))
                ProblemList(self._log).replace(problems, run.progress.problems)
                run.report(numbers=numbers, read_at=datetime.now(UTC))
            except LimbasError as error:
                run.report(stage=Stage.WAITING, because=str(error))
                if str(error) != told:
                    log.warning("the contacts cannot be read", because=str(error))
                told = str(error)
                if self._stop.wait(wait):
                    raise StopRequested from error
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                if told:
                    log.info("the contacts can be read again")
                return

    def _contacts(self, run: _Run, problems: list[Problem]) -> Iterator[Contact]:
        """The contacts as they come, with a report now and then."""
        tables, place = self._settings.contacts, self._settings.office()
        run.report(stage=Stage.READING, because="", read=0, total=0, problems=0)
        run.report(table=tables[0].table, total=sum(self._limbas.count(table.table) for table in tables))
        found = 0
        for read, contact in enumerate(read_contacts(self._limbas, tables, place), start=1):
            problems += contact.problems[: MOST_KEPT - len(problems)]
            found += len(contact.problems)
            run.report_now_and_then(read=read, table=contact.candidate.table)
            yield contact
        run.report(read=run.progress.total, problems=found)


class _Run:
    """One sync on its way."""

    def __init__(self, state: SyncState, progress: Progress) -> None:
        self._state = state
        self.progress = progress
        self._began = time.monotonic()
        self._reported = float("-inf")

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    def report(self, **changes: object) -> None:
        """Say what has changed. Raises `SyncTaken`."""
        self.progress = self.progress.model_copy(update={"at": datetime.now(UTC), **changes})
        self._state.report(self.progress)
        self._reported = time.monotonic()

    def report_now_and_then(self, **changes: object) -> None:
        """As `report`, but not more often than anybody could watch."""
        if time.monotonic() - self._reported >= REPORT_SECONDS:
            self.report(**changes)


def _job_id() -> str:
    job = get_current_job()
    return str(job.id) if job else uuid4().hex
