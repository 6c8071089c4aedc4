"""The schema as `getvars: [gtab, gfield]` gives it: all the keys of the recorded answer (case 01).

The three tables that every Limbas brings along stand in `system_tables.json` as they were recorded. They are there to
be skipped over, as on a real server: the simulator keeps no records for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from simulators.limbas.soap import PhpArray
from simulators.limbas.tables import Field, Kind, Table, Tables

_PER_TABLE: Final[PhpArray] = {
    "tab_group": 2,
    "tab_view_form": 0,
    "tab_view_tform": 0,
    "tab_view_lform": None,
    "lockable": False,
    "groupable": "0",
    "markcolor": "",
    "linecolor": False,
    "logging": False,
    "typ": 1,
    "ajaxpost": False,
    "versioning": 0,
    "numrowcalc": None,
    "reserveid": None,
    "keyfield": "ID",
    "datasync": None,
    "validity": None,
    "theme": True,
    "recursiv_delete": True,
    "recursiv_archive": True,
    "searchbar": True,
    "detailform_opener": "same",
    "need": False,
    "hidemenu": False,
}
"""What is the same for each table, if nobody sets anything."""

_RIGHTS: Final = ("add", "edit", "delete", "hide")

_EMPTY: Final = (
    *("argument", "argument_edit", "genlink", "artleiste", "filter", "filtertyp", "select_sort"),
    *("select_defaulttype", "groupable", "indize", "deflt", "wysiwyg", "encryption_mode"),
)
"""Field properties that none of our fields has."""

_PER_FIELD: Final[PhpArray] = {
    "verkntabletype": 1,
    "wysiwyg_config": 0,
    "copy": 1,
    "option": 1,
    "color": "",
    "nformat": None,
    "ext_type": None,
}
"""What is the same for each field."""

_MINUTES: Final = "4"
"""The display format of all our dates: day and minute, no seconds."""


def gtab(tables: Tables, *, may_write: bool) -> PhpArray:
    """The properties of the tables: property → table id → value; names in `argresult_id`."""
    found: PhpArray = {key: dict(value) for key, value in _system_tables()["gtab"].items()}
    for table in tables:
        values: PhpArray = {
            **_PER_TABLE,
            **dict.fromkeys(_RIGHTS, int(may_write)),
            "tab_id": table.id,
            "table": table.name,
            "desc": table.label,
            "desc_lid": table.label_id,
            "verkn": table.id,
            "rverkn": {table.id: table.id},
            "raverkn": {table.id: table.id},
            "fieldcount": len(table.fields),
            "orderby": {0: {0: f"{table.name}.ID", 1: "ASC"}},
        }
        for key, value in values.items():
            found[key][table.id] = value
        found["argresult_id"][table.name] = table.id
    return found


def gfield(tables: Tables, *, may_write: bool) -> PhpArray:
    """The properties of the fields: table id → property → field id → value; names in `argresult_name`."""
    return _system_tables()["gfield"] | {table.id: _fields(table, tables, may_write=may_write) for table in tables}


def _fields(table: Table, tables: Tables, *, may_write: bool) -> PhpArray:
    relations = list(table.relations())
    found: PhpArray = {key: {} for key in _EMPTY}
    found |= {key: {field.id: value for field in table.fields} for key, value in _PER_FIELD.items()}
    found |= {
        "datetime": _each(table, lambda field: _MINUTES if field.kind is Kind.DATETIME else 0),
        "rowsize": {0: 30, **_each(table, lambda _: "100")},
        "data_type": _each(table, lambda field: field.kind.data_type),
        "sys": {field.id: 1 for field in table.fields if field.kind is Kind.ID},
        "form_name": _each(table, lambda field: f"g_{table.id}_{field.id}"),
        **{key: _each(table, lambda field: field.id) for key in ("sort", "key", "id", "field_id")},
        "field_name": _each(table, lambda field: field.name),
        "field_type": _each(table, lambda field: field.kind.field_type),
        "funcid": _each(table, lambda field: field.kind.funcid),
        "parse_type": _each(table, lambda field: field.kind.parse_type),
        "argresult_name": {field.name: field.id for field in table.fields},
        "size": _each(table, lambda field: field.size),
        "regel": _each(table, lambda field: field.pattern),
        **{key: _each(table, lambda field: field.label) for key in ("spelling", "beschreibung")},
        **{
            key: _each(table, lambda field: {0: _main_field(field, tables)})
            for key in ("verknsearch", "verknview", "verknfind")
        },
        "perm_edit": _each(table, lambda _: int(may_write)),
        "select": _each(table, lambda field: f"{table.name}.{field.name} AS g_{table.id}_{field.id}"),
        "fieldkey": "ID",
        "fieldkey_id": 1,
        "indexed": {field.id: True for field in table.fields if field.indexed},
        "unique": {field.id: True for field in table.fields if field.unique},
        "verkntabid": {field.id: field.target for field in relations},
        "verknfieldid": {field.id: _main_field(field, tables) for field in relations},
        "dynsearch": {field.id: True for field in relations},
        "md5tab": {field.id: field.link_table for field in relations},
    }
    if table.main_field:
        found["mainfield"] = table.main_field
    if dates := [field.id for field in table.fields if field.kind is Kind.DATETIME]:
        found["hasfunction"] = dict.fromkeys(dates, -15)
    if relations:
        found["select_cut"] = {field.id: "<BR>" for field in relations}
        found["verknfields"] = {field.id: field.id for field in relations}
    if back := [(other.id, field.id) for other in tables for field in other.relations() if field.target == table.id]:
        found["r_verkntabid"] = {field_id: table_id for table_id, field_id in back}
        found["r_verknfieldid"] = {field_id: field_id for _, field_id in back}
    return found


def _each(table: Table, value: Callable[[Field], Any]) -> PhpArray:
    return {field.id: value(field) for field in table.fields}


def _main_field(field: Field, tables: Tables) -> int | None:
    target = tables.get(field.target)
    return target.main_field if target else None


@cache
def _system_tables() -> dict[str, dict[Any, Any]]:
    text = files("simulators.limbas").joinpath("system_tables.json").read_text(encoding="utf-8")
    found: dict[str, dict[Any, Any]] = json.loads(text, object_hook=_php_keys)
    return found


def _php_keys(value: dict[str, Any]) -> PhpArray:
    return {int(key) if key.isdigit() else key: inner for key, inner in value.items()}
