"""Which of the fields and relations in the settings this Limbas has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from shared.consumer import Unavailable
from shared.limbas.errors import SchemaLacks
from shared.limbas.schema import Kind, Schema, Table
from shared.limbas.settings import CallsTable, ContactsTable
from shared.limbas.values import Value, can_hold

LONGEST_CALL_ID: Final = 64
"""Characters; see `services.ingest.call_life` for what they are."""
_EXAMPLES: Final[Mapping[str, Value]] = {
    **dict.fromkeys(("started", "connected", "ended"), datetime(2000, 1, 1, tzinfo=UTC)),
    "duration": 0,
}
"""What goes into the fields that take more than a text, by their role in the settings."""

log = structlog.get_logger()


class Layout:
    """What can be filled. Fields that the site lacks are left out, with one warning for each."""

    def __init__(self, calls: CallsTable, contacts: Sequence[ContactsTable]) -> None:
        self._calls = calls
        self._contacts = contacts
        self._schema: Schema | None = None
        self._told: set[str] = set()
        self.fields: frozenset[str] = frozenset()
        """The fields of the calls table that exist and may be written."""
        self.relations: Mapping[str, str] = {}
        """The relation field of the calls table, by the contact table that it leads to."""

    def for_schema(self, schema: Schema) -> Layout:
        """Bring this up to date with a schema.

        Raises `Unavailable` when there is no table, or no field, to find a call by.
        """
        if schema is not self._schema:
            table = self._calls_table(schema)
            self.fields = frozenset(
                name for role, name in self._calls.fields if name and self._usable(table, name, _EXAMPLES.get(role, ""))
            )
            self.relations = {
                contacts.table: contacts.relation
                for contacts in self._contacts
                if contacts.relation and self._leads_to(schema, table, contacts)
            }
            self._schema = schema
        return self

    def _calls_table(self, schema: Schema) -> Table:
        try:
            table = schema.table(self._calls.table)
            call_id = table.field(self._calls.fields.call_id)
        except SchemaLacks as error:
            raise Unavailable(str(error)) from error
        if not call_id.may_edit:
            raise Unavailable(f"Our Limbas user may not write the field {call_id.name} of the table {table.name}.")
        if call_id.kind is not Kind.TEXT or 0 < call_id.size < LONGEST_CALL_ID:
            raise Unavailable(
                f"The Limbas field {call_id.name} of the table {table.name} must be a text of {LONGEST_CALL_ID} "
                "characters: a call's record could not be found again by less."
            )
        return table

    def _usable(self, table: Table, name: str, example: Value) -> bool:
        usable = table.has(name) and table.field(name).may_edit and can_hold(table.field(name), example)
        if not usable:
            self._tell(
                f"The Limbas table {table.name} has no field {name} of a fitting kind that our user may write: "
                "it stays unfilled."
            )
        return usable

    def _leads_to(self, schema: Schema, table: Table, contacts: ContactsTable) -> bool:
        relation = table.fields.get(contacts.relation.upper())
        target = schema.tables.get(contacts.table.upper())
        leads = relation is not None and relation.kind is Kind.RELATION and target is not None
        if leads and relation is not None and target is not None and relation.target == target.id:
            return True
        self._tell(
            f"The Limbas field {contacts.relation} of the table {table.name} is no relation to {contacts.table}: "
            "calls are not linked to it."
        )
        return False

    def _tell(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            log.warning(what)
