"""Questions to Limbas and their answers: rows of a table, as `gtab_erg` wants and gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from shared.limbas.errors import Incomplete
from shared.limbas.php import Array, Map, Payload
from shared.limbas.schema import Field, Kind, Schema, Table

MOST_LINKS: Final = 100
"""Links read of one record and relation. Limbas counts them like rows, 15 unless told."""
_GREATER: Final = 2
_AND, _OR = 1, 2


class Compare(IntEnum):
    """How a text is searched; Limbas' own codes. None minds the case of ASCII letters; `%` and `_` match anything."""

    CONTAINS = 1
    EQUALS = 2
    STARTS_WITH = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One record, with the fields that were asked for."""

    id: int
    values: Mapping[str, str]
    """By the name that was asked for. Empty texts, numbers and dates are the empty text."""
    links: Mapping[str, frozenset[int]]
    """The ids of the linked records, by the relation that was asked for."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A field that has one of some values."""

    field: Field
    any_of: Sequence[str]
    compare: Compare = Compare.EQUALS


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and how many Limbas counts in all."""

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class Query:
    """Rows of one table in the order of their ids."""

    table: Table
    fields: Mapping[str, Field]
    """What to read, by the name it is asked for."""
    count: int
    """Rows at most. Always sent: without it come 15, or what was sent earlier in the session (recording 46)."""
    after: int | None = None
    """Only rows with a greater id. Pages by id do not shift while rows come and go."""
    where: Criterion | None = None

    def payload(self, schema: Schema) -> Map:
        """The array that asks for it. Raises `SchemaLacks` when a relation's other table is not to be seen."""
        criteria: dict[int, Map] = {}
        if self.where:
            criteria[self.where.field.id] = _criterion(self.where)
        if self.after is not None:
            criteria[self.table.key.id] = {0: str(self.after), "num": {0: _GREATER}}
        action: dict[int | str, Payload] = {"getvars": ["fresult"], "action": "gtab_erg", "gtabid": self.table.id}
        if criteria:
            action["gsr"] = {self.table.id: criteria}
        for field in self.fields.values():
            if field.kind is Kind.RELATION:  # linked rows come only of tables that are asked for, too (recording 14)
                other = schema.target_of(field)
                action[other.id] = {"showfields": str(other.key.id), "count": MOST_LINKS, "noencode": 1}
        shown = dict.fromkeys([self.table.key.id, *(field.id for field in self.fields.values())])
        action[self.table.id] = {
            "showfields": ",".join(map(str, shown)),
            "count": self.count,
            "noencode": 1,  # texts as they are, and not as HTML (recordings 09, 31)
            "order": f"{self.table.key.id},ASC",
        }
        return {0: action}

    def page(self, answer: Array) -> Page:
        """The rows in the answer.

        Raises `Incomplete` when Limbas answers nothing, reports an error, or counts rows and sends none.
        """
        errors = answer.get("error")
        if isinstance(errors, dict) and 0 in errors:
            raise Incomplete(f"Limbas reports an error with its answer about its table {self.table.name}.")
        entry = answer.get(0)
        result = entry.get("result") if isinstance(entry, dict) else None
        counts = result.get("res_count") if isinstance(result, dict) else None
        total = counts.get(self.table.id) if isinstance(counts, dict) else None
        if not isinstance(entry, dict) or total is None or not str(total).isdecimal():
            raise Incomplete(f"Limbas answers nothing about its table {self.table.name}: may our user read it?")
        tables = entry.get("fresult")
        found = tables.get(self.table.id) if isinstance(tables, dict) else None
        rows = [self._row(int(row_id), row) for row_id, row in (found if isinstance(found, dict) else {}).items()]
        if total and not rows:
            raise Incomplete(f"Limbas counts rows in its table {self.table.name}, and sends none.")
        return Page(sorted(rows, key=lambda row: row.id), int(str(total)))

    def _row(self, row_id: int, columns: object) -> Row:
        cells = columns if isinstance(columns, dict) else {}
        values, links = {}, {}
        for name, field in self.fields.items():
            cell = cells.get(field.id)
            if field.kind is Kind.RELATION:
                linked = cell.get(field.target) if isinstance(cell, dict) else None
                links[name] = frozenset(map(int, linked)) if isinstance(linked, dict) else frozenset()
            else:
                values[name] = "" if cell is None or cell is False or isinstance(cell, dict) else str(cell)
        return Row(row_id, values, links)


def _criterion(where: Criterion) -> Map:
    many = range(len(where.any_of))
    how = "num" if where.field.kind is Kind.NUMBER else "txt"
    code = 1 if how == "num" else int(where.compare)  # 1 is "equals" among Limbas' codes for numbers
    criterion: dict[int | str, Payload] = dict(enumerate(where.any_of))
    criterion[how] = dict.fromkeys(many, code)
    criterion["andor"] = {index: _OR if index else _AND for index in many}
    return criterion
