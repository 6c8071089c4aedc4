"""What can be done to records: each action as `runlmb` wants it, and what its answer means.

How Limbas 5.3 and 7.0 treat an action beyond the recordings was read in their `extra/soap/soap.lib`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import structlog

from shared.limbas import values
from shared.limbas.errors import ErrorReported, NoEntry, NotAllowed, RecordRefused, SchemaLacks
from shared.limbas.php import Array, Map, Payload
from shared.limbas.schema import Field, Kind, Schema, Table
from shared.limbas.values import Value

MOST_ACTIONS: Final = 50
"""In one request. Limbas reads two digits of `new_N`, so that 100 is the end; half of it keeps a request short."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Insert:
    """A new record, linked to `links[relation field]` from the start."""

    table: str
    values: Mapping[str, Value]
    links: Mapping[str, int] = field(default_factory=dict)
    call: str = ""
    """Which call the record is of, for the log."""


@dataclass(frozen=True, slots=True)
class Update:
    """New values for some fields of a record. Limbas does not say when there is no such record (recording 36)."""

    table: str
    id: int
    values: Mapping[str, Value]
    call: str = ""
    """As above."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a record to another. Linking what is linked is refused (recording 20)."""

    table: str
    id: int
    relation: str
    target: int


@dataclass(frozen=True, slots=True)
class Unlink:
    """One link less."""

    table: str
    id: int
    relation: str
    target: int


@dataclass(frozen=True, slots=True)
class Delete:
    """A record less."""

    table: str
    id: int


Action: TypeAlias = Insert | Update | Link | Unlink | Delete


@dataclass(frozen=True, slots=True)
class Inserted:
    """There is a new record. Its values and links may be missing all the same: read it back."""

    id: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Limbas took the action and did not say no, which is all that it says. Read the record back if it matters."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done."""

    error: RecordRefused


Result: TypeAlias = Inserted | Sent | Refused


def payload(action: Action, index: int, schema: Schema, zone: ZoneInfo) -> Map:
    """The array that brings about `action` as the `index`-th of its request.

    Raises `RecordRefused` when it cannot be done, `SchemaLacks` when a table or field is missing.
    """
    table = schema.table(action.table)
    match action:
        case Insert():
            _require(table.may_add and table.may_edit, table)
            fields = _fitted(table, action, zone)
            links = [_relation(table, name) for name in action.links]
            return {
                "action": "gtab_new",
                "gtabid": table.id,
                "gnup": {
                    **_inserted(table, fields),
                    **_joins(table, links, f"new_{index}", "verkn_add_ID", action.links),
                },
            }
        case Update():
            if not action.values:
                raise ValueError("an update needs values")
            _require(table.may_edit, table)
            fields = _fitted(table, action, zone)
            return {
                "action": "gtab_change",
                "gtabid": table.id,
                "gup": {f"{table.id},{table.field(name).id},{action.id}": text for name, text in fields.items()},
            }
        case Link() | Unlink():
            _require(table.may_edit, table)
            what = "verkn_add_ID" if isinstance(action, Link) else "verkn_del_ID"
            links = [_relation(table, action.relation)]
            return {
                "action": "gtab_change",
                "gtabid": table.id,
                "gnup": _joins(table, links, action.id, what, {action.relation: action.target}),
            }
        case Delete():
            _require(table.may_delete, table)
            return {"action": "gtab_delete", "gtabid": table.id, "id": action.id}


def results(actions: Mapping[int, Action], answer: Array) -> dict[int, Result]:
    """What became of each action, by its index in the request."""
    errors = answer.get("error")
    reported = set(errors) if isinstance(errors, dict) else set()
    found: dict[int, Result] = {}
    failed_before = False
    for index, action in sorted(actions.items()):
        entry = answer.get(index)
        if index not in answer:
            found[index] = Refused(NoEntry(
                f"Limbas left out an action on its table {action.table}: may our user write it?"
            ))  # fmt: skip
        elif isinstance(action, Insert):
            found[index] = _inserted_as(entry, action)
        elif index in reported or (entry is False and not (isinstance(action, Link | Unlink) and failed_before)):
            found[index] = Refused(ErrorReported(f"Limbas refuses to change this record of its table {action.table}."))
        else:
            found[index] = Sent()
        failed_before = _failure_remembered(action, entry is False, failed_before)
    return found


def _failure_remembered(action: Action, failed: bool, before: bool) -> bool:
    """Whether Limbas goes on to answer false to actions that only link, though they work.

    It sets its answer to such an action when that fails, and else leaves it as the last change had it: null at first,
    true after an update, false after a failure.
    """
    match action:
        case Update():
            return failed
        case Link() | Unlink():
            return before or failed
        case _:
            return before


def _inserted_as(entry: object, action: Insert) -> Result:
    text = str(entry) if isinstance(entry, int | str) and not isinstance(entry, bool) else ""
    if text.isdecimal() and int(text) > 0:
        return Inserted(int(text))
    return Refused(ErrorReported(f"Limbas refuses a new record in its table {action.table}."))


def _fitted(table: Table, action: Insert | Update, zone: ZoneInfo) -> dict[str, str]:
    fitted = {}
    for name, value in action.values.items():
        target = table.field(name)
        if not target.may_edit:
            raise NotAllowed(f"Our Limbas user may not write the field {target.name} of the table {table.name}.")
        fitted[name], cut = values.fit(target, value, zone)
        if cut:  # without the text, which may be somebody's name
            log.warning(
                "text cut to the size of its Limbas field", call=action.call, field=target.name, size=target.size
            )
    return fitted


def _inserted(table: Table, fields: Mapping[str, str]) -> Map:
    """The values of a new record by field id. Limbas skips what PHP takes for false, so a number 0 goes as `00`."""
    sent: dict[int | str, Payload] = {}
    for name, text in fields.items():
        target = table.field(name)
        if text:
            sent[target.id] = "00" if text == "0" and target.kind is Kind.NUMBER else text
    return sent


def _joins(table: Table, relations: list[Field], record: int | str, what: str, targets: Mapping[str, int]) -> Map:
    """Links of `record`, one per relation (recordings 13, 18, 22)."""
    if not relations:
        return {}
    return {
        "verknpf": [1] * len(relations),
        "verkn_tabid": [table.id] * len(relations),
        "verkn_fieldid": [relation.id for relation in relations],
        "verkn_ID": [record] * len(relations),
        what: [str(target) for target in targets.values()],
    }


def _relation(table: Table, name: str) -> Field:
    relation = table.field(name)
    if relation.kind is not Kind.RELATION:
        raise SchemaLacks(f"The Limbas field {relation.name} of the table {table.name} is no relation.")
    if not relation.may_edit:
        raise NotAllowed(f"Our Limbas user may not write the field {relation.name} of the table {table.name}.")
    return relation


def _require(allowed: bool, table: Table) -> None:
    if not allowed:
        raise NotAllowed(f"Our Limbas user may not do this in the table {table.name}.")
