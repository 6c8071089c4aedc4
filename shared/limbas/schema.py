"""Limbas' tables and fields as our user sees them: what turns the names in the settings into Limbas' ids.

Ids differ from one Limbas to the next and are never in settings. Source of the layout: recording 01.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from shared.limbas.errors import Malformed, SchemaLacks
from shared.limbas.php import Array, Value


class Kind(Enum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long text"
    DATETIME = "date and time"
    DATE = "date"
    NUMBER = "number"
    SELECT = "selection"
    RELATION = "relation"
    OTHER = "something else"


_KINDS: Final = {
    1: Kind.TEXT,
    2: Kind.DATETIME,
    3: Kind.LONG_TEXT,
    4: Kind.SELECT,
    5: Kind.NUMBER,
    11: Kind.RELATION,
}
"""By Limbas' `field_type`."""
_DATE_ONLY: Final = 40
"""The `data_type` of a date without a time."""
_ONE_TO_MANY: Final = frozenset({25, 27})
"""The `data_type`s of relations that let a record be linked once only; 24 is many to many."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table."""

    id: int
    name: str
    kind: Kind
    size: int = 0
    """Characters of a text, digits of a number; 0 when Limbas names no size."""
    unique: bool = False
    """A text: no two records have the same. A relation: a record has one link, and a new one replaces it."""
    target: int | None = None
    """A relation: the id of the table that it leads to."""
    exclusive: bool = False
    """A relation: each record of the other table can be linked from one record only (1:n). No use for calls."""
    may_edit: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    id: int
    name: str
    fields: Mapping[str, Field]
    """By name, in capitals as Limbas writes it."""
    key: Field
    """The field that holds a record's id."""
    may_add: bool = True
    may_edit: bool = True
    may_delete: bool = True

    def has(self, field: str) -> bool:
        """Whether there is such a field, in whatever case it is written."""
        return field.upper() in self.fields

    def field(self, name: str) -> Field:
        """The field of that name, in whatever case it is written.

        Raises `SchemaLacks`.
        """
        try:
            return self.fields[name.upper()]
        except KeyError:
            raise SchemaLacks(
                f"The Limbas table {self.name} has no field {name} that our user may see: "
                "check the name in the settings and the user's rights."
            ) from None


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables that our user may see."""

    tables: Mapping[str, Table]
    """By name, in capitals as Limbas writes it."""

    def table(self, name: str) -> Table:
        """The table of that name, in whatever case it is written.

        Raises `SchemaLacks`.
        """
        try:
            return self.tables[name.upper()]
        except KeyError:
            raise SchemaLacks(
                f"Limbas has no table {name} that our user may see: "
                "check the name in the settings and the user's rights."
            ) from None

    def target_of(self, relation: Field) -> Table:
        """The table that a relation leads to.

        Raises `SchemaLacks` when our user may not see it.
        """
        for table in self.tables.values():
            if table.id == relation.target:
                return table
        raise SchemaLacks(f"The Limbas relation {relation.name} leads to a table that our user may not see.")


def parse(answer: Array) -> Schema:
    """The schema in the answer to `getvars: [gtab, gfield]`.

    Raises `Malformed` when the answer holds none.
    """
    gtab, gfield = _array(answer.get("gtab")), _array(answer.get("gfield"))
    ids = _array(gtab.get("argresult_id"))
    if not ids or not gfield:
        raise Malformed("Limbas' answer holds no tables.")
    tables = {}
    for name, table_id in ids.items():
        number = _int(table_id)
        fields = _fields(_array(gfield.get(number)))
        if fields:  # a table without any is one that our user cannot use
            tables[str(name).upper()] = Table(
                id=number,
                name=str(name),
                fields=fields,
                key=_key(fields, _array(gtab.get("keyfield")).get(number)),
                may_add=bool(_array(gtab.get("add")).get(number)),
                may_edit=bool(_array(gtab.get("edit")).get(number)),
                may_delete=bool(_array(gtab.get("delete")).get(number)),
            )
    return Schema(tables)


def _fields(columns: Array) -> dict[str, Field]:
    """The fields of a table that Limbas describes by one array per property, keyed by field id."""
    fields = {}
    for name, field_id in _array(columns.get("argresult_name")).items():
        number = _int(field_id)
        data_type = _int(_array(columns.get("data_type")).get(number))
        kind = _KINDS.get(_int(_array(columns.get("field_type")).get(number)), Kind.OTHER)
        if kind is Kind.DATETIME and data_type == _DATE_ONLY:
            kind = Kind.DATE
        fields[str(name).upper()] = Field(
            id=number,
            name=str(name),
            kind=kind,
            size=_int(_array(columns.get("size")).get(number)),
            unique=bool(_array(columns.get("unique")).get(number)),
            target=_int(_array(columns.get("verkntabid")).get(number)) or None,
            exclusive=kind is Kind.RELATION and data_type in _ONE_TO_MANY,
            may_edit=bool(_array(columns.get("perm_edit")).get(number)),
        )
    return fields


def _key(fields: Mapping[str, Field], name: Value) -> Field:
    return fields.get(str(name or "ID").upper()) or next(iter(fields.values()))


def _array(value: Value) -> Array:
    return value if isinstance(value, dict) else {}


def _int(value: Value) -> int:
    try:
        return int(value)  # type: ignore[arg-type] # whatever is no number counts as absent
    except (TypeError, ValueError):
        return 0
