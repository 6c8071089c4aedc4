"""Makes Limbas agree with what is known of some calls: reads their records, writes what differs, and reads them again.

Level-triggered: what was done before does not matter, only what Limbas holds and what it should hold. So a crash, a
lost answer or another logger at the same call cost nothing but a further round. Limbas says little about what became
of a write, so a call is done when a round finds nothing left to write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from services.logger.layout import Layout
from services.logger.ledger import Known, Ledger, Settled
from services.logger.record import LinkChange, Target, link_after, link_change, own_before, target_of, values_of
from shared.consumer import Unavailable
from shared.limbas.actions import MOST_ACTIONS, Action, Delete, Insert, Inserted, Link, Refused, Result, Unlink, Update
from shared.limbas.client import Limbas
from shared.limbas.errors import LimbasUnavailable, NotAllowed, NotKept, RecordRefused, TimedOut, Unreachable
from shared.limbas.query import Row
from shared.limbas.settings import CallsTable, ContactsTable
from shared.limbas.values import Value

UNANSWERED: Final = (Unreachable, TimedOut)
"""After these, what was asked for may still be going on in Limbas; once it has begun to answer, its work is over."""
MOST_ROUNDS: Final = 4
"""One writes, one finds nothing left to do; the others are for what was lost on the way."""

UNCHANGED: Final = LinkChange()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do for one call."""

    actions: Sequence[Action]
    settled: Settled | None
    """How the ledger is to remember the call when nothing, or nothing but its link, is left to do."""
    change: LinkChange = UNCHANGED
    """What the actions do about the call's link."""


class Reconciler:
    """Writes calls into the calls table of one Limbas."""

    def __init__(
        self,
        limbas: Limbas,
        calls: CallsTable,
        contacts: Sequence[ContactsTable],
        ledger: Ledger,
    ) -> None:
        """`ledger` is told what is about to be written."""
        self._limbas = limbas
        self._calls = calls
        self._layout = Layout(calls, contacts)
        self._ledger = ledger

    def reconcile(self, known: Mapping[str, Known]) -> dict[str, Settled | RecordRefused]:
        """Bring the records of some calls, by their ids, to what is known of them.

        Raises `LimbasUnavailable` when Limbas gives no proper answer, `Unavailable` when nothing at all can be written.
        """
        layout = self._layout.for_schema(self._limbas.schema())
        todo = {call_id: item for call_id, item in known.items() if item.call}
        rows = self._read(layout, [call_id for call_id, item in todo.items() if not item.fresh])
        outcomes: dict[str, Settled | RecordRefused] = {}
        plans: dict[str, Plan] = {}
        refused: dict[str, RecordRefused] = {}
        for _ in range(MOST_ROUNDS):
            plans = {}
            for call_id, item in todo.items():
                try:
                    plans[call_id] = self._plan(layout, item, rows[call_id])
                except RecordRefused as error:
                    outcomes[call_id] = error
            outcomes |= {i: plan.settled for i, plan in plans.items() if plan.settled and not plan.actions}
            todo = {call_id: item for call_id, item in todo.items() if call_id not in outcomes}
            if not todo:
                return outcomes
            todo |= self._meaning(todo, plans)
            inserted, refused = self._write({call_id: plans[call_id].actions for call_id in todo})
            rows = self._read(layout, list(todo))
            self._delete_strays(inserted, rows)
        return outcomes | {call_id: _given_up(plans[call_id], refused.get(call_id)) for call_id in todo}

    def _meaning(self, todo: Mapping[str, Known], plans: Mapping[str, Plan]) -> dict[str, Known]:
        """Say which links are about to be made or removed. Returns those calls, knowing it too."""
        links = {
            call_id: own
            for call_id, item in todo.items()
            if (own := own_before(plans[call_id].change, item.own)) != item.own
        }
        if links:
            self._ledger.mean(links)
        return {call_id: replace(todo[call_id], own=own) for call_id, own in links.items()}

    def _read(self, layout: Layout, call_ids: Sequence[str]) -> dict[str, list[Row]]:
        """The records of the calls, the oldest first."""
        rows: dict[str, list[Row]] = defaultdict(list)
        if call_ids:
            name = self._calls.fields.call_id
            for row in self._limbas.find(
                self._calls.table, [*layout.fields, *layout.relations.values()], name, call_ids
            ):
                rows[row.values[name]].append(row)
        return rows

    def _plan(self, layout: Layout, known: Known, rows: Sequence[Row]) -> Plan:
        call = known.call
        assert call is not None  # noqa: S101 - `reconcile` leaves the others out
        values = {
            name: value for name, value in values_of(call, known.contact, self._calls).items() if name in layout.fields
        }
        wanted, table = target_of(known.contact, layout.relations), self._calls.table
        if not rows:
            if known.record_id:  # it was there: a person has deleted it
                return Plan([], Settled(known, known.record_id, known.own.made))
            links = {layout.relations[wanted.table]: wanted.id} if wanted else {}
            filled = {name: value for name, value in values.items() if value not in (None, "")}
            return Plan([Insert(table, filled, links, call=call.id)], None, LinkChange(add=wanted))
        record, *doubles = rows
        if known.written and known.contact and known.contact.late:
            values = self._name_only(known, values, record)
        actions: list[Action] = [Delete(table, double.id) for double in doubles]
        if different := self._limbas.differences(table, values, record):
            actions.append(Update(table, record.id, {name: values[name] for name in different}, call=call.id))
        present = frozenset(
            Target(name, linked) for name, relation in layout.relations.items() for linked in record.links[relation]
        )
        change = link_change(wanted, known.own, present)
        links_only = not different
        actions += _link_actions(change, table, record.id, layout.relations)
        made = link_after(wanted, known.own, present)
        named = str(values.get(self._calls.fields.contact_name, known.named))
        settled = Settled(known, record.id, made, named) if links_only else None
        return Plan(actions, settled, change)

    def _name_only(self, known: Known, values: Mapping[str, Value], record: Row) -> dict[str, Value]:
        """What may still be written into a record that has been in people's hands: a contact's name over our own."""
        name = self._calls.fields.contact_name
        if name not in values:
            return {}
        ours = any(self._holds(record, name, text) for text in (known.named, values[name]))
        return {name: values[name]} if ours else {}

    def _holds(self, record: Row, field: str, value: Value) -> bool:
        return not self._limbas.differences(self._calls.table, {field: value}, record)

    def _write(self, wanted: Mapping[str, Sequence[Action]]) -> tuple[dict[str, int], dict[str, RecordRefused]]:
        """Send the actions, many in one request. Returns the new records' ids and what Limbas refused, by call."""
        flat = [(call_id, action) for call_id, actions in wanted.items() for action in actions]
        inserted: dict[str, int] = {}
        refused: dict[str, RecordRefused] = {}
        for start in range(0, len(flat), MOST_ACTIONS):
            some = flat[start : start + MOST_ACTIONS]
            for (call_id, action), result in zip(some, self._send(some), strict=True):
                if isinstance(result, Inserted):
                    inserted[call_id] = result.id
                elif isinstance(result, Refused):
                    if isinstance(result.error, NotAllowed) and not isinstance(action, Delete):
                        raise Unavailable(str(result.error))
                    refused[call_id] = result.error
        return inserted, refused

    def _send(self, some: Sequence[tuple[str, Action]]) -> list[Result]:
        """One request. Until it is answered, the ledger says that it is under way."""
        calls = {call_id for call_id, _ in some}
        self._ledger.send(calls)
        try:
            results = self._limbas.write([action for _, action in some])
        except UNANSWERED:
            raise
        except LimbasUnavailable:
            self._ledger.answered(calls)
            raise
        self._ledger.answered(calls)
        return results

    def _delete_strays(self, inserted: Mapping[str, int], rows: Mapping[str, Sequence[Row]]) -> None:
        """Delete new records that do not have their call's id.

        Where the call-id field is unique, Limbas answers a second insert of a call with an empty record, and no error.
        """
        strays = [
            Delete(self._calls.table, record_id)
            for call_id, record_id in inserted.items()
            if all(row.id != record_id for row in rows[call_id])
        ]
        for start in range(0, len(strays), MOST_ACTIONS):
            self._limbas.write(strays[start : start + MOST_ACTIONS])


def _link_actions(change: LinkChange, table: str, record_id: int, relations: Mapping[str, str]) -> Iterable[Action]:
    """Links go before they come: a relation may hold one only."""
    for target in sorted(change.remove):
        yield Unlink(table, record_id, relations[target.table], target.id)
    if change.add:
        yield Link(table, record_id, relations[change.add.table], change.add.id)


def _given_up(plan: Plan, refusal: RecordRefused | None) -> Settled | RecordRefused:
    """What to make of a call that is not as it should be after all rounds."""
    if plan.settled:  # the record is right but for a link or a double, which must not cost the call
        log.warning("a call's link cannot be made", call=plan.settled.call_id, because=str(refusal or "it is not kept"))
        return plan.settled
    return refusal or NotKept("Limbas took the call's record, and did not keep all of it.")
