"""The people and companies in Limbas, with their numbers in E.164."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event as StopSignal
from threading import Thread
from typing import Final

from shared.boxes import Place
from shared.contacts.main_numbers import Extension, extensions_in
from shared.contacts.problems import Problem
from shared.contacts.unreadable import unreadable_parts
from shared.events import Candidate, Match, Source
from shared.limbas.client import Limbas
from shared.limbas.query import Row
from shared.limbas.settings import ContactsTable
from shared.numbers import read_field

LAST_PAGE_SECONDS: Final = 2.0
"""How long a page is waited for that nobody wants any more."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A record that calls may come from."""

    candidate: Candidate
    numbers: tuple[str, ...]
    """E.164; none when nothing in its fields is a number."""
    extensions: tuple[Extension, ...] = ()
    """Those of its numbers that are written as an extension of its company's main number."""
    company: str = ""
    """Who the main number belongs to."""
    problems: tuple[Problem, ...] = ()
    """What stands in its number fields and is no number."""


def read_contacts(limbas: Limbas, tables: Sequence[ContactsTable], place: Place) -> Iterator[Contact]:
    """Every record of the contact tables. `place` is where numbers without country or area code belong.

    Raises the errors of `shared.limbas`.
    """
    for table in tables:
        for page in _one_ahead(limbas.rows(table.table, table.fields)):
            yield from (contact(table, row, place) for row in page)


def contact(table: ContactsTable, row: Row, place: Place) -> Contact:
    """The contact in a record."""
    name, company = table.name.fill(row.values), table.company.fill(row.values)
    written = {field: row.values.get(field, "") for field in table.numbers}
    fields = {field: read_field(text, place) for field, text in written.items()}
    numbers = [number for field in fields.values() for number in field.numbers]
    candidate = Candidate(
        source=Source.LIMBAS,
        match=Match.EXACT,
        name=name or company,
        company=company if name else "",
        table=table.table,
        record_id=row.id,
    )
    return Contact(
        candidate,
        numbers=tuple(dict.fromkeys(number.e164 for number in numbers)),
        # A person without a company has no extensions: a family's number must not swallow the neighbours'.
        extensions=tuple(extensions_in(numbers)) if company else (),
        company=company,
        problems=tuple(
            Problem(table=table.table, record_id=row.id, field=field, text=part, reason=reason)
            for field, text in written.items()
            for part, reason in unreadable_parts(text, fields[field])
        ),
    )


def _one_ahead(pages: Iterator[list[Row]]) -> Generator[list[Row], None, None]:
    """The same pages, each fetched while the one before it is worked on: that takes us as long as it takes Limbas."""
    ready: Queue[list[Row] | Exception | None] = Queue(maxsize=1)
    left = StopSignal()

    def fetch() -> None:
        try:
            for page in pages:
                ready.put(page)
                if left.is_set():
                    return
            ready.put(None)
        except Exception as error:  # noqa: BLE001 - raised again where the pages are read
            ready.put(error)

    # Neither an executor nor waited for without end: a process that is to stop must not wait for Limbas.
    thread = Thread(target=fetch, daemon=True, name="contacts")
    thread.start()
    try:
        while (found := ready.get()) is not None:
            if isinstance(found, Exception):
                raise found
            yield found
    finally:
        left.set()
        with suppress(Empty):
            ready.get_nowait()
        thread.join(LAST_PAGE_SECONDS)
