"""What the pages in `docs/` say about settings and sizes is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli.doctor.limbas_schema import FIELDS
from shared.limbas.schema import Kind
from shared.limbas.settings import CUSTOMERS, CallFields, CallSpellings, CallsTable, LimbasSettings
from simulators.limbas import tables as simulated

LIMBAS = (Path(__file__).parent.parent / "docs" / "limbas.md").read_text(encoding="utf-8")
TYPES = {
    "Text / Text": (Kind.TEXT, simulated.Kind.TEXT),
    "Datum/Zeit / Date_Time": (Kind.DATETIME, simulated.Kind.DATETIME),
    "Zahl / Number": (Kind.NUMBER, simulated.Kind.NUMBER),
}


def rows_of_fields() -> dict[str, list[str]]:
    """The table of fields: the cells after the setting's name, by that name."""
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in LIMBAS.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in cells if row[0] in FIELDS}


def blocks() -> list[dict[str, Any]]:
    """The TOML that the page shows."""
    shown = re.findall(r"(?:^    .*\n|^\n)+", LIMBAS, re.MULTILINE)
    return [tomllib.loads(block) for block in shown if re.search(r"^    \[", block, re.MULTILINE)]


def test_every_field_is_there_with_its_default_name() -> None:
    assert {setting: row[0] for setting, row in rows_of_fields().items()} == CallFields().model_dump()


def test_the_table_and_the_relation_have_their_default_names() -> None:
    assert f"**Tabellenname / tablename** `{CallsTable().table}`" in LIMBAS
    assert f"**Feldname / fieldname** `{CUSTOMERS.relation}`" in LIMBAS
    assert f"(`{CUSTOMERS.table}`)" in LIMBAS


@pytest.mark.parametrize("setting", FIELDS)
def test_a_field_has_the_type_and_the_size_that_the_doctor_wants(setting: str) -> None:
    _, _, kind, size, _ = rows_of_fields()[setting]

    assert TYPES[kind][0] in FIELDS[setting].kinds
    assert int(size or 0) >= FIELDS[setting].size


@pytest.mark.parametrize("setting", FIELDS)
def test_a_field_is_as_in_the_system_that_it_was_tried_on(setting: str) -> None:
    name, title, kind, size, _ = rows_of_fields()[setting]
    field = simulated.CALLS.named(name)

    assert field
    assert (title, TYPES[kind][1]) == (field.label, field.kind)
    assert size in (str(field.size), "")


def test_what_it_shows_of_the_toml_file_is_understood() -> None:
    shown = blocks()

    assert len(shown) == 4
    for block in shown:
        LimbasSettings(limbas_url="https://limbas.example", limbas_user="u", limbas_password="p", **block)


def test_what_it_calls_the_default_is_the_default() -> None:
    (default,) = next(block["contacts"] for block in blocks() if "contacts" in block)

    assert type(CUSTOMERS)(**default) == CUSTOMERS


def test_the_german_spellings_are_complete_and_fit() -> None:
    (spellings,) = (block["calls"]["values"] for block in blocks() if "values" in block.get("calls", {}))
    sizes = {setting: int(row[3]) for setting, row in rows_of_fields().items() if setting in ("direction", "status")}

    assert spellings.keys() == CallSpellings().model_dump().keys()
    for name, text in spellings.items():
        assert len(text.encode()) <= sizes["direction" if name in ("inbound", "outbound") else "status"], name
