"""The tables of the simulated Limbas: the recorded system's own ones, field by field.

Limbas describes a field by several numbers that belong together (`Kind`). The ids, sizes and names are those of the
recorded system (`tests/contract/recordings`, case 01). A real Limbas has other ids: a client has to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

ID_FIELD: Final = 1
"""The field id that every table's record id has."""

_DATE_PATTERN: Final = (
    r"^((((((\d{1,2}[.\/:,\-+])?(\d{1,2}|[A-Za-z]{3,9})[.\/:,\-+][12]?[9870]?\d?\d))|(([12]?[9870]?\d?\d[.\/:,\-+]"
    r"(\d{1,2}|[A-Za-z]{3,9})([.\/:,\-+]\d{1,2})?)))([\s][0-2]?\d?[:.-][0-5]?\d?([:.-][0-5]?\d?)?)?)|"
    r"([12]?[9870]?\d?\d)|(#[-]?\d{1,3}(DAY|MONTH|YEAR)#))$"
)


class Kind(Enum):
    """What a field holds: Limbas' field_type, data_type, funcid and parse_type, and the pattern of its values."""

    ID = (5, 22, 6, 1, r"^-?\d{0,}$")
    TEXT = (1, 1, 2, 2, "^.{{0,{size}}}$")
    PHONE = (1, 42, 28, 2, "^.{{0,128}}$")
    DATETIME = (2, 11, 4, 4, _DATE_PATTERN)
    NUMBER = (5, 16, 1, 1, r"^-?\d{{0,{size}}}$")
    RELATION = (11, 24, 14, 1, "^.{{0,60}}$")

    def __init__(self, field_type: int, data_type: int, funcid: int, parse_type: int, pattern: str) -> None:
        self.field_type = field_type
        self.data_type = data_type
        self.funcid = funcid
        self.parse_type = parse_type
        self.pattern = pattern


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table."""

    id: int
    name: str
    label: str
    kind: Kind = Kind.TEXT
    size: int = 0
    """Characters in a text, digits in a number."""
    target: int = 0
    """The table a relation leads to."""
    link_table: str = ""
    """The database table that holds a relation's links."""
    indexed: bool = False
    unique: bool = False

    @property
    def pattern(self) -> str:
        """The regular expression that Limbas holds a value against, before it stores it or searches for it."""
        if self.kind in {Kind.ID, Kind.DATETIME}:
            return self.kind.pattern
        return self.kind.pattern.format(size=self.size)


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    id: int
    name: str
    label: str
    label_id: int
    fields: tuple[Field, ...]
    main_field: int | None = None
    """The field that stands for a record where it is linked."""

    def field(self, field_id: int) -> Field | None:
        """The field with an id, if there is one."""
        return next((field for field in self.fields if field.id == field_id), None)

    def named(self, name: str) -> Field | None:
        """The field with a name, if there is one."""
        return next((field for field in self.fields if field.name == name), None)

    def relations(self) -> Iterator[Field]:
        """The fields that link to records of another table."""
        return (field for field in self.fields if field.kind is Kind.RELATION)


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of one Limbas, as they stand at one time. A session keeps those of the time of its login."""

    tables: tuple[Table, ...]

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def get(self, table_id: int | None) -> Table | None:
        """The table with an id, if there is one."""
        return next((table for table in self.tables if table.id == table_id), None)

    def named(self, name: str) -> Table | None:
        """The table with a name, if there is one."""
        return next((table for table in self.tables if table.name == name), None)

    def with_table(self, table: Table) -> Tables:
        """These tables, one of them replaced by one with the same id."""
        return Tables(tuple(table if table.id == old.id else old for old in self.tables))

    def without_table(self, table: Table) -> Tables:
        """These tables but one."""
        return Tables(tuple(old for old in self.tables if old.id != table.id))


def with_field(table: Table, field: Field) -> Table:
    """The table, one of its fields replaced by one with the same id."""
    return replace(table, fields=tuple(field if field.id == old.id else old for old in table.fields))


def without_field(table: Table, field: Field) -> Table:
    """The table, without one of its fields."""
    return replace(table, fields=tuple(old for old in table.fields if old.id != field.id))


CONTACTS: Final = Table(
    id=4,
    name="KUNDEN",
    label="Kunden",
    label_id=10171,
    main_field=2,
    fields=(
        Field(1, "ID", "ID", Kind.ID, size=10),
        Field(2, "NAME", "Name", size=80),
        Field(3, "VORNAME", "Vorname", size=80),
        Field(4, "FIRMA", "Firma", size=120),
        Field(5, "TELEFON", "Telefon", size=50),
        Field(6, "MOBIL", "Mobil", size=50),
        Field(7, "EMAIL", "E-Mail", size=100),
        Field(8, "ORT", "Ort", size=80),
    ),
)
CALLS: Final = Table(
    id=5,
    name="ANRUFE",
    label="Anrufe",
    label_id=10174,
    main_field=2,
    fields=(
        Field(1, "ID", "ID", Kind.ID, size=10),
        Field(2, "CALLID", "Call-ID", size=64, indexed=True),
        Field(3, "RICHTUNG", "Richtung", size=10),
        Field(4, "RUFNUMMER", "Rufnummer", size=40),
        Field(5, "EIGENE_NUMMER", "Eigene Nummer", size=40),
        Field(6, "NEBENSTELLE", "Nebenstelle", size=20),
        Field(7, "BEGINN", "Beginn", Kind.DATETIME, size=26),
        Field(8, "VERBUNDEN", "Verbunden", Kind.DATETIME, size=26),
        Field(9, "ENDE", "Ende", Kind.DATETIME, size=26),
        Field(10, "DAUER", "Dauer", Kind.NUMBER, size=10),
        Field(11, "STATUS", "Status", size=20),
        Field(12, "KONTAKT_NAME", "Kontakt", size=160),
        Field(13, "KUNDE", "Kunde", Kind.RELATION, size=50, target=4, link_table="VERK_DDACEB374C386"),
    ),
)
PHONE_TEST: Final = Table(
    id=6,
    name="TELTEST",
    label="Teltest",
    label_id=10215,
    fields=(
        Field(1, "ID", "ID", Kind.ID, size=10),
        Field(2, "NAME", "NAME", size=30),
        Field(3, "NUMMER", "NUMMER", Kind.PHONE, size=30),
    ),
)
RECORDED: Final = Tables((CONTACTS, CALLS, PHONE_TEST))
"""The tables of the recorded system, apart from the three that Limbas brings along (`schema`)."""
