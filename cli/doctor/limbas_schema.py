"""Whether there is a place in Limbas for all that the settings want written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cli.doctor.finding import Finding, ok, problem, skipped, warning
from shared.events import Direction
from shared.limbas.schema import Kind, Schema, Table
from shared.limbas.settings import CallSpellings, CallsTable, ContactsTable

TEXTS: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.SELECT})
TIMES: Final = frozenset({Kind.DATETIME})
NUMBERS: Final = frozenset({Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a field of the calls table has to be."""

    kinds: frozenset[Kind]
    size: int = 0
    """Bytes of a text, digits of a number. A smaller field cuts what is written; see `docs/limbas.md`."""


FIELDS: Final[Mapping[str, Wanted]] = {
    "call_id": Wanted(frozenset({Kind.TEXT}), 64),
    "direction": Wanted(TEXTS, 10),
    "remote_number": Wanted(TEXTS, 40),
    "own_number": Wanted(TEXTS, 40),
    "extension": Wanted(TEXTS, 20),
    "started": Wanted(TIMES),
    "connected": Wanted(TIMES),
    "ended": Wanted(TIMES),
    "duration": Wanted(NUMBERS, 6),
    "status": Wanted(TEXTS, 20),
    "contact_name": Wanted(TEXTS, 160),
}
"""By their names in the settings."""
MENU_RIGHTS: Final[Mapping[int, Finding]] = {
    1: problem("limbas.menu-rights", "no-new"),
    157: problem("limbas.menu-rights", "no-link"),
    158: warning("limbas.menu-rights", "no-unlink"),
    11: warning("limbas.menu-rights", "no-delete"),
}
"""What it is when a menu entry may not be used."""
FOR_LINKS: Final = frozenset({157, 158})
AFTER_TABLE: Final = ("call-id", "fields", "relation", "rights")
DIRECTIONS: Final = frozenset(Direction)


def judge(schema: Schema, calls: CallsTable, contacts: Sequence[ContactsTable]) -> Iterator[Finding]:
    """What to think of the schema that our user sees."""
    table = schema.tables.get(calls.table.upper())
    if table is None:
        yield problem("limbas.calls-table", "missing", table=calls.table)
        yield from (skipped(f"limbas.{name}", "limbas.calls-table") for name in AFTER_TABLE)
        return
    yield ok("limbas.calls-table", table=calls.table)
    yield _call_id(table, calls)
    yield from _fields(table, calls)
    for target in contacts:
        yield _relation(schema, table, target)
    yield from _rights(table, calls)


def judge_menu_rights(rights: object, contacts: Sequence[ContactsTable]) -> Iterator[Finding]:
    """What to think of the menu entries that our user may use, by Limbas' numbers for them.

    Without the entry for something the right to do it in a table is worth nothing (`extra/soap/soap.lib` and
    `gtab/gtab.lib` of Limbas 5.3 and 7.0).
    """
    if not isinstance(rights, dict):
        yield ok("limbas.menu-rights", "untold")
        return
    linking = any(table.relation for table in contacts)
    missing = [
        finding
        for number, finding in MENU_RIGHTS.items()
        if not rights.get(number) and (linking or number not in FOR_LINKS)
    ]
    yield from missing or [ok("limbas.menu-rights")]


def _call_id(table: Table, calls: CallsTable) -> Finding:
    name, wanted = calls.fields.call_id, FIELDS["call_id"]
    named = {"table": calls.table, "field": name}
    field = table.fields.get(name.upper())
    if field is None:
        return problem("limbas.call-id", "missing", **named)
    if field.kind not in wanted.kinds:
        return problem("limbas.call-id", "no-text", kind=field.kind.value, **named)
    if 0 < field.size < wanted.size:
        return problem("limbas.call-id", "too-small", size=field.size, wanted=wanted.size, **named)
    if not field.unique:
        return warning("limbas.call-id", "not-unique", **named)
    return ok("limbas.call-id", **named)


def _fields(table: Table, calls: CallsTable) -> Iterator[Finding]:
    """One finding for each field that does not fit, or one for all of them."""
    names = {key: name for key, name in calls.fields.model_dump().items() if name and key != "call_id"}
    unfit = [finding for key, name in names.items() if (finding := _field(table, calls, key, name))]
    if unfit:
        yield from unfit
    else:
        yield ok("limbas.fields", table=calls.table, count=len(names))


def _field(table: Table, calls: CallsTable, key: str, name: str) -> Finding | None:
    named = {"table": calls.table, "field": name}
    field, wanted = table.fields.get(name.upper()), FIELDS[key]
    if field is None:
        return problem("limbas.fields", "missing", setting=f"calls.fields.{key}", **named)
    if field.kind not in wanted.kinds:
        return problem("limbas.fields", _wrong_kind(wanted), **named)
    if not field.size:
        return None
    if (shortest := _cannot_do_without(key, calls.values)) and field.size < shortest:
        return problem("limbas.fields", "too-small", size=field.size, wanted=shortest, **named)
    if not shortest and field.size < wanted.size:
        return warning("limbas.fields", "cut", size=field.size, wanted=wanted.size, **named)
    return None


def _wrong_kind(wanted: Wanted) -> str:
    return {TEXTS: "no-text", TIMES: "no-time", NUMBERS: "no-number"}[wanted.kinds]


def _cannot_do_without(key: str, spelled: CallSpellings) -> int:
    """The size below which a field would hold something else than what is meant; 0 where a beginning is of use."""
    if key == "duration":
        return FIELDS[key].size
    spellings = spelled.model_dump()
    if key == "direction":
        return max(len(spellings[name].encode()) for name in DIRECTIONS)
    if key == "status":
        return max(len(text.encode()) for name, text in spellings.items() if name not in DIRECTIONS)
    return 0


def _relation(schema: Schema, table: Table, contacts: ContactsTable) -> Finding:
    named = {"table": contacts.table, "field": contacts.relation}
    if not contacts.relation:
        return ok("limbas.relation", "off", **named)
    field, target = table.fields.get(contacts.relation.upper()), schema.tables.get(contacts.table.upper())
    if field is None:
        return problem("limbas.relation", "missing", **named)
    if field.kind is not Kind.RELATION:
        return problem("limbas.relation", "no-relation", **named)
    if target is None or field.target != target.id:
        return problem("limbas.relation", "leads-elsewhere", **named)
    if field.exclusive:
        return problem("limbas.relation", "exclusive", **named)
    if not field.may_edit:
        return problem("limbas.relation", "read-only", **named)
    return ok("limbas.relation", **named)


def _rights(table: Table, calls: CallsTable) -> Iterator[Finding]:
    named = {"table": calls.table}
    names = [name for name in calls.fields.model_dump().values() if name and table.has(name)]
    protected = [name for name in names if not table.field(name).may_edit]
    if not (table.may_add and table.may_edit):
        yield problem("limbas.rights", "read-only", **named)
    elif protected:
        yield problem("limbas.rights", "no-field", fields=", ".join(protected), **named)
    elif not table.may_delete:
        yield warning("limbas.rights", "no-delete", **named)
    else:
        yield ok("limbas.rights", **named)
