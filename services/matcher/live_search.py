"""A contact that was created a minute ago is found: who is not in the index is looked for in Limbas itself.

In the background: the first answer is out by then. The search begins when that answer comes back in the event stream,
so that the better one cannot be overtaken by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from queue import Empty, Full, Queue
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from services.matcher.resolve import is_a_miss
from shared.boxes import Place
from shared.consumer import Entry, summary
from shared.contacts.answer import answer
from shared.contacts.index import ContactIndex
from shared.contacts.searching import contacts_with
from shared.event_log import EventLog
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasError
from shared.limbas.settings import ContactsTable

MOST_WAITING: Final = 50
"""Calls. More come only when something is wrong, and are left to the next sync."""
PAUSE: Final = 0.2
"""Seconds between two searches, so that a flood of unknown callers is no flood for Limbas."""
WAIT: Final = 0.5
"""Seconds until the next look whether to stop."""

log = structlog.get_logger()


class LiveSearch:
    """The searches of one matcher. `run` belongs in a thread of its own, with a Limbas client of its own."""

    def __init__(
        self,
        event_log: EventLog,
        index: ContactIndex,
        limbas: Limbas,
        tables: Sequence[ContactsTable],
        place: Place,
    ) -> None:
        """`place` is where numbers without country or area code belong."""
        self._log = event_log
        self._index = index
        self._limbas = limbas
        self._tables = tables
        self._place = place
        self._waiting: Queue[str] = Queue(MOST_WAITING)

    @property
    def waiting(self) -> int:
        """How many calls are to be searched for."""
        return self._waiting.qsize()

    def consider(self, entries: Sequence[Entry]) -> None:
        """Search, some time, for the callers whom these events leave unknown. Returns at once."""
        for entry in entries:
            if is_a_miss(entry.event):
                try:
                    self._waiting.put_nowait(entry.event.call_id)
                except Full:
                    return

    def run(self, stop: StopSignal) -> None:
        """Search until `stop` is set. What Limbas or Redis cannot answer at the moment is dropped."""
        while not stop.is_set():
            try:
                call_id = self._waiting.get(timeout=WAIT)
            except Empty:
                continue
            try:
                self.search(call_id)
            except (LimbasError, RedisError) as error:
                log.info("a caller could not be looked for in Limbas", call=call_id, because=summary(error))
            stop.wait(PAUSE)

    def search(self, call_id: str) -> None:
        """Look for the caller of one call, while it lasts, and tell who it is if somebody is found.

        Raises `LimbasError`, `RedisError`.
        """
        call = self._log.in_progress(call_id)
        if call is None or call.remote.e164 is None or call.remote.suppressed:
            return
        number = call.remote.e164
        found = [one for table in self._tables for one in contacts_with(self._limbas, table, number, self._place)]
        if found:
            for one in found:
                self._index.add(one)
            alike = [one.candidate.model_copy(update={"confidence": 1 / len(found)}) for one in found]
            self._log.publish(answer(call_id, alike))
            log.info("contact resolved", call=call_id, late=False)
