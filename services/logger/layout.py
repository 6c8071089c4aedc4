"""Which of the fields and relations in the settings this Limbas has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from shared.consumer import Unavailable
from shared.limbas.errors import SchemaLacks
from shared.limbas.schema import Kind, Schema, Table
from shared.limbas.settings import CallsTable, ContactsTable

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
            try:
                table = schema.table(self._calls.table)
                table.field(self._calls.fields.call_id)
            except SchemaLacks as error:
                raise Unavailable(str(error)) from error
            names = [name for name in self._calls.fields.model_dump().values() if name]
            self.fields = frozenset(name for name in names if self._usable(table, name))
            self.relations = {
                contacts.table: contacts.relation
                for contacts in self._contacts
                if contacts.relation and self._leads_to(schema, table, contacts)
            }
            self._schema = schema
        return self

    def _usable(self, table: Table, name: str) -> bool:
        usable = table.has(name) and table.field(name).may_edit
        if not usable:
            self._tell(f"The Limbas table {table.name} has no field {name} that our user may write: it stays unfilled.")
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
