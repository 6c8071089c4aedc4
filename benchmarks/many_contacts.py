"""A Limbas with any number of contacts, as people write them: a simulated one in a process of its own.

The simulator looks at all records for every page, which no database does. So it holds `KEPT`, and they are read again
and again, each time with other numbers: a page takes as long as one of a Limbas that finds its records by their ids.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.queues import Queue
from threading import Event
from typing import Final

from pydantic import SecretStr

from shared.limbas.client import PAGE_SIZE, Limbas
from shared.limbas.query import Row
from shared.limbas.settings import LimbasSettings
from simulators.limbas.endpoint import Options
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.store import Store
from simulators.limbas.tables import CONTACTS

KEPT: Final = 10_000
NUMBERS_EACH: Final = 2
SWITCHBOARD_EVERY: Final = 10
"""Each so-many-th contact is a company with a main number, written `-0`."""
_TURN: Final = "2000"
"""The digits of every number that each reading changes: 2000 to 2999."""


class ManyContacts(Limbas):
    """The client of such a Limbas, with so many numbers as were asked for."""

    def __init__(self, settings: LimbasSettings, numbers: int) -> None:
        super().__init__(settings)
        self._contacts = numbers // NUMBERS_EACH

    def rows(self, table: str, fields: Sequence[str], *, page_size: int = PAGE_SIZE) -> Iterator[list[Row]]:
        """The pages of as many readings as it takes."""
        for turn, start in enumerate(range(0, self._contacts, KEPT)):
            left = min(KEPT, self._contacts - start)
            for page in super().rows(table, fields, page_size=page_size):
                if left > 0:
                    yield [_moved(row, turn, start) for row in page[:left]]
                left -= len(page)


def written(contact: int) -> tuple[str, str]:
    """The two numbers of a contact as they stand in its fields, counted from 0."""
    turn, n = divmod(contact, KEPT)
    extension = "" if n % SWITCHBOARD_EVERY else "-0"
    return f"030 / {int(_TURN) + turn}{n:04}{extension}", f"0171-{int(_TURN) + turn}{n:04}"


@contextmanager
def many_contacts(numbers: int) -> Iterator[ManyContacts]:
    """Run the simulated Limbas, and connect to it."""
    context = multiprocessing.get_context("spawn")
    urls: Queue[str] = context.Queue()
    process = context.Process(target=_serve, args=(urls,), daemon=True)
    process.start()
    try:
        settings = LimbasSettings(
            limbas_url=urls.get(timeout=60), limbas_user="callmonitor", limbas_password=SecretStr("callmonitor")
        )
        with ManyContacts(settings, numbers) as limbas:
            limbas.schema()
            yield limbas
    finally:
        process.terminate()
        process.join()


def _moved(row: Row, turn: int, start: int) -> Row:
    digits = str(int(_TURN) + turn)
    values = {name: value.replace(_TURN, digits, 1) for name, value in row.values.items()}
    return replace(row, id=row.id + start, values=values)


def _serve(urls: Queue[str]) -> None:
    store = Store()
    for n in range(KEPT):
        phone, mobile = written(n)
        company = f"Musterfirma {n} GmbH" if n % 3 == 0 or n % SWITCHBOARD_EVERY == 0 else ""
        values = (f"Nachname{n % 997}", f"Vorname{n % 89}", company, phone, mobile, "", "Musterstadt")
        store.write(CONTACTS, store.insert(CONTACTS), dict(enumerate(values, start=2)))
    with LimbasSimulator(store=store, options=Options(speed="real")) as simulator:
        urls.put(simulator.url)
        Event().wait()
