from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limbas import schema
from shared.limbas.errors import Malformed, SchemaLacks
from shared.limbas.schema import Kind, Schema
from tests.limbas.recorded import recorded_data, recorded_schema


def with_changes(**columns: Any) -> Schema:
    """The recorded schema, where Limbas says something else of the calls table's fields."""
    data = copy.deepcopy(recorded_data("01"))
    for column, values in columns.items():
        data["gfield"][5].setdefault(column, {}).update(values)
    return schema.parse(data)


def test_the_recorded_tables_and_fields_are_found_by_name() -> None:
    calls, customers = (recorded_schema().table(name) for name in ("ANRUFE", "Kunden"))
    assert (calls.id, customers.id) == (5, 4)
    assert calls.key.name == customers.key.name == "ID"
    assert {name: field.id for name, field in calls.fields.items()} == {
        "ID": 1, "CALLID": 2, "RICHTUNG": 3, "RUFNUMMER": 4, "EIGENE_NUMMER": 5, "NEBENSTELLE": 6, "BEGINN": 7,
        "VERBUNDEN": 8, "ENDE": 9, "DAUER": 10, "STATUS": 11, "KONTAKT_NAME": 12, "KUNDE": 13,
    }  # fmt: skip
    assert (calls.may_add, calls.may_edit, calls.may_delete) == (True, True, True)
    assert calls.has("callid")
    assert not calls.has("call")


def test_fields_know_what_they_hold() -> None:
    calls = recorded_schema().table("ANRUFE")
    assert {name: calls.field(name).kind for name in ("CALLID", "BEGINN", "DAUER", "KUNDE")} == {
        "CALLID": Kind.TEXT, "BEGINN": Kind.DATETIME, "DAUER": Kind.NUMBER, "KUNDE": Kind.RELATION,
    }  # fmt: skip
    assert calls.field("CALLID").size == 64
    assert not calls.field("CALLID").unique
    relation = calls.field("KUNDE")
    assert recorded_schema().target_of(relation).name == "KUNDEN"
    assert not relation.exclusive


def test_what_a_person_may_have_set_up_is_seen() -> None:
    changed = with_changes(unique={2: True}, perm_edit={3: None}, data_type={13: 27, 7: 40}, field_type={6: 4})
    calls = changed.table("ANRUFE")
    assert calls.field("CALLID").unique
    assert not calls.field("RICHTUNG").may_edit
    assert calls.field("KUNDE").exclusive, "1:n: one call per customer only"
    assert calls.field("BEGINN").kind is Kind.DATE
    assert calls.field("NEBENSTELLE").kind is Kind.SELECT


def test_missing_rights_are_seen() -> None:
    data = copy.deepcopy(recorded_data("01"))
    for right in ("add", "edit", "delete"):
        del data["gtab"][right]
    calls = schema.parse(data).table("ANRUFE")
    assert (calls.may_add, calls.may_edit, calls.may_delete) == (False, False, False)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SchemaLacks, match="no table KEINE"):
        recorded_schema().table("KEINE")
    with pytest.raises(SchemaLacks, match="ANRUFE has no field KEINES"):
        recorded_schema().table("ANRUFE").field("KEINES")


def test_a_relation_to_a_hidden_table_leads_nowhere() -> None:
    hidden = with_changes(verkntabid={13: 99})
    with pytest.raises(SchemaLacks, match="KUNDE"):
        hidden.target_of(hidden.table("ANRUFE").field("KUNDE"))


@pytest.mark.parametrize("answer", [{}, {"gtab": {}, "gfield": {}}, {"gtab": {"argresult_id": {}}}, {"gtab": "x"}])
def test_an_answer_without_tables_is_malformed(answer: Any) -> None:
    with pytest.raises(Malformed):
        schema.parse(answer)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.dictionaries(
        st.integers(0, 6)
        | st.sampled_from(
            ["gtab", "gfield", "argresult_id", "argresult_name", "field_type", "size", "add", "keyfield"]
        ),
        inner,
    ),
)


@given(st.dictionaries(st.sampled_from(["gtab", "gfield"]), values))
def test_whatever_limbas_says_is_a_schema_or_malformed(answer: Any) -> None:
    try:
        tables = schema.parse(answer).tables
    except Malformed:
        return
    assert all(table.fields and table.key in table.fields.values() for table in tables.values())
