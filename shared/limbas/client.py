"""Limbas in the project's words: its schema, pages of rows, records found and written.

Nothing fails silently: what Limbas does not answer properly is one of the exceptions of `errors`, each with one
sentence. Names of tables and fields are resolved by the schema, which is read anew in each Limbas session. A client is
for one thread at a time, and holds no state but the session and the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Final, Self
from zoneinfo import ZoneInfo

from shared.limbas import actions, measuring, schema, values
from shared.limbas.actions import MOST_ACTIONS, Action, Refused, Result
from shared.limbas.errors import Incomplete, NoEntry, NotAllowed, RecordRefused, SchemaLacks
from shared.limbas.login_guard import Gate
from shared.limbas.php import Payload
from shared.limbas.query import Compare, Criterion, Page, Query, Row
from shared.limbas.schema import Schema
from shared.limbas.settings import LimbasSettings
from shared.limbas.transport import RunLmb
from shared.limbas.values import Value

MOST_VALUES: Final = 100
"""Values looked for in one request."""
PAGE_SIZE: Final = 500
"""Rows read in one request."""
DOUBT_SECONDS: Final = 60.0
"""How often at most a refusal makes us start a new session, in which new tables and rights would show."""


class Limbas:
    """One Limbas, as one user sees it."""

    def __init__(
        self, settings: LimbasSettings, clock: Callable[[], float] = monotonic, gate: Gate | None = None
    ) -> None:
        """Nothing is sent yet. `clock` counts seconds; a login refused behind one `gate` stops all who share it."""
        self._runlmb = RunLmb(settings, clock, gate)
        self._zone = ZoneInfo(settings.limbas_timezone)
        self._clock = clock
        self._schema: Schema | None = None
        self._schema_session = 0
        self._doubted = float("-inf")

    def schema(self) -> Schema:
        """All tables and fields that our user may see. Read once in each Limbas session.

        Raises `LimbasUnavailable`.
        """
        if self._schema is None or self._schema_session != self._runlmb.session_number:
            self._schema = schema.parse(self._runlmb.call({0: {"getvars": ["gtab", "gfield"]}}))
            self._schema_session = self._runlmb.session_number
        return self._schema

    def renew(self) -> None:
        """Start a new session with the next request, and read the schema anew: somebody may have mended it."""
        self._runlmb.renew_session()
        self._schema = None

    def rows(self, table: str, fields: Sequence[str], *, page_size: int = PAGE_SIZE) -> Iterator[list[Row]]:
        """All rows of a table in pages, ordered by id. `fields` may name relations, too.

        Rows that are added meanwhile come last, and rows that go leave no gap. Raises `LimbasUnavailable`,
        `SchemaLacks`.
        """
        with self._doubting():
            yield from self._pages(self._query(table, fields, page_size))

    def count(self, table: str) -> int:
        """How many rows a table has. Raises `LimbasUnavailable`, `SchemaLacks`."""
        with self._doubting():
            return self._ask(self._query(table, (), 1)).total

    def find(self, table: str, fields: Sequence[str], where: str, any_of: Sequence[str | int]) -> list[Row]:
        """The rows whose field `where` is exactly one of `any_of`, ordered by id, with that field and `fields`.

        One request per `MOST_VALUES`. Limbas does not mind case and takes `%` and `_` for anything; what it finds too
        much is left out here. To find records by their ids, `where` is `ID`. Raises `LimbasUnavailable`, `SchemaLacks`;
        `ValueError` for values that Limbas cannot look for, such as an empty one.
        """
        if not all(values.can_be_asked(str(value)) for value in any_of):
            raise ValueError("Limbas cannot look for such a value")
        with self._doubting():
            query = self._query(table, [*fields, where], PAGE_SIZE)
            wanted = [text for text in dict.fromkeys(map(str, any_of)) if values.may_hold(query.fields[where], text)]
            found: dict[int, Row] = {}
            for start in range(0, len(wanted), MOST_VALUES):
                some = wanted[start : start + MOST_VALUES]
                for page in self._pages(replace(query, where=Criterion(query.fields[where], some))):
                    found |= {row.id: row for row in page if row.values[where] in some}
            return [found[row_id] for row_id in sorted(found)]

    def search(
        self, table: str, fields: Sequence[str], where: str, text: str,
        compare: Compare = Compare.CONTAINS, *, limit: int = 50,
    ) -> list[Row]:  # fmt: skip
        """At most `limit` rows for somebody who types: none for a text that Limbas cannot look for.

        Raises `LimbasUnavailable`, `SchemaLacks`.
        """
        if not values.can_be_asked(text):
            return []
        with self._doubting():
            criterion = Criterion(self.schema().table(table).field(where), [text.strip()], compare)
            return self._ask(replace(self._query(table, fields, limit), where=criterion)).rows

    def write(self, wanted: Sequence[Action]) -> list[Result]:
        """Do all that in one request, in that order, and say what became of each.

        At most `MOST_ACTIONS`. An action that is `Refused` does not keep the others from being done. Raises
        `LimbasUnavailable`, after which any of the actions may have been done or not; `SchemaLacks`, after which none
        has been sent.
        """
        if len(wanted) > MOST_ACTIONS:
            raise ValueError(f"at most {MOST_ACTIONS} actions go into one request")
        done: dict[int, Result] = {}
        sent: dict[int, int] = {}
        payload: dict[int, Payload] = {}
        with self._doubting():
            for position, action in enumerate(wanted):
                try:
                    payload[len(sent)] = actions.payload(action, len(sent), self.schema(), self._zone)
                    sent[position] = len(sent)
                except RecordRefused as error:
                    done[position] = Refused(error)
        if payload:
            answer = self._runlmb.call(payload)
            by_index = actions.results({index: wanted[position] for position, index in sent.items()}, answer)
            done |= {position: by_index[index] for position, index in sent.items()}
        refusals = [result.error for result in done.values() if isinstance(result, Refused)]
        if any(isinstance(refusal, NoEntry | NotAllowed) for refusal in refusals):
            self._doubt()
        return [done[position] for position in range(len(wanted))]

    def differences(self, table: str, wanted: Mapping[str, Value], row: Row) -> list[str]:
        """The fields in which `row`, read back with their names, is not as writing `wanted` should have left it.

        A value that had to be cut counts as kept when its beginning is there. Times are compared to the minute.
        """
        fields = self.schema().table(table).field
        return [
            name for name, value in wanted.items() if not values.kept(fields(name), value, row.values[name], self._zone)
        ]

    def close(self) -> None:
        """Close the connection."""
        self._runlmb.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _query(self, table: str, fields: Sequence[str], count: int) -> Query:
        resolved = self.schema().table(table)
        return Query(resolved, {name: resolved.field(name) for name in fields}, count)

    def _pages(self, query: Query) -> Iterator[list[Row]]:
        while True:
            page = self._ask(query)
            if page.rows and page.rows[0].id <= (query.after or 0):
                raise Incomplete(f"Limbas sends the same rows of its table {query.table.name} again.")
            if page.rows:
                yield page.rows
            if len(page.rows) >= page.total:
                return
            query = replace(query, after=page.rows[-1].id)

    def _ask(self, query: Query) -> Page:
        answer = self._runlmb.call(query.payload(self.schema()))
        try:
            return query.page(answer)
        except Incomplete as error:
            measuring.count(error)
            raise

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """Doubt the schema when it lacks something."""
        try:
            yield
        except SchemaLacks:
            self._doubt()
            raise

    def _doubt(self) -> None:
        """Somebody may have mended in Limbas what the schema of this session does not show yet."""
        if self._clock() - self._doubted >= DOUBT_SECONDS:
            self._doubted = self._clock()
            self.renew()
