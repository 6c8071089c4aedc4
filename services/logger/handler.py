"""Handles the events of a consumer group: each call's record in Limbas follows the newest that they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from services.logger.ledger import Known, Ledger, News, Settled, news_in
from services.logger.reconcile import Reconciler
from services.logger.record import Target
from shared.consumer import Done, Entry, Rejected, Unavailable
from shared.events import CallEvent, CallRecorded, ContactResolved, Event
from shared.limbas.errors import (
    LimbasUnavailable,
    LoginRefused,
    RecordRefused,
    Redirected,
    TimedOut,
    TlsProblem,
    Unreachable,
)

MOST_FAILURES: Final = 10
"""How often Limbas may break at one call, while it answers other questions, until that call is given up."""
SERVER_AWAY: Final = (Unreachable, TimedOut, TlsProblem, LoginRefused, Redirected)
"""What no single record can be the cause of."""

log = structlog.get_logger()

Outcomes = dict[str, Settled | RecordRefused]
"""By call. A call that is missing is to be tried again."""


class Handler:
    """The handler of one logger."""

    def __init__(self, ledger: Ledger, reconciler: Reconciler, table: str) -> None:
        """`table` is the calls table's name, for the announcements."""
        self._ledger = ledger
        self._reconciler = reconciler
        self._table = table

    def __call__(self, entries: Sequence[Entry]) -> list[Done | Rejected]:
        """Write the news down, make Limbas agree where nobody else is at it, and say which entries are done.

        Raises `Unavailable` while Limbas is away.
        """
        known = self._ledger.note(news_in(entries))
        # An insert whose answer was lost may still happen. Until it has, or no longer can, another would double it.
        ready = {call_id: item for call_id, item in known.items() if item.held and not item.under_way}
        outcomes, renewed = self._bring_up(ready)
        results: list[Done | Rejected] = []
        for entry in entries:
            call_id = entry.event.call_id
            if call_id not in known or known[call_id].call is None:
                results.append(Done(entry))  # our own announcement, or a contact whose call is yet to come
            elif known[call_id].settled:
                item = known[call_id]
                results.append(self._recorded(entry, item.record_id, item.own.made, announce=_announced(entry.event)))
            elif known[call_id].held:
                results += self._outcome(entry, outcomes, renewed)
            elif entry.deliveries == 1:
                # Another logger is at this call. It finds the news in the ledger before it lets go, and until then has
                # an entry of its own. A redelivered entry may be just that one, so it waits until the hold has ended.
                results.append(Done(entry))
        return results

    def _outcome(self, entry: Entry, outcomes: Outcomes, renewed: set[str]) -> list[Done | Rejected]:
        match outcomes.get(entry.event.call_id):
            case Settled() as settled:
                announce = _announced(entry.event) or entry.event.call_id in renewed
                return [self._recorded(entry, settled.record_id, settled.made, announce=announce)]
            case RecordRefused() as refusal:
                return [Rejected(entry, str(refusal))]
            case _:
                return []

    def _recorded(self, entry: Entry, record_id: int | None, link: Target | None, *, announce: bool) -> Done:
        if record_id is None or not announce:
            return Done(entry)
        recorded = CallRecorded(
            call_id=entry.event.call_id,
            table=self._table,
            record_id=record_id,
            linked_table=link.table if link else "",
            linked_id=link.id if link else None,
        )
        return Done(entry, [recorded])

    def _bring_up(self, todo: Mapping[str, Known]) -> tuple[Outcomes, set[str]]:
        """Reconcile, and again as long as there is news meanwhile. Returns also the calls of which there was."""
        outcomes: Outcomes = {}
        renewed: set[str] = set()
        while todo:
            found = self._reconcile(todo)
            more = self._ledger.settle([outcome for outcome in found.values() if isinstance(outcome, Settled)])
            outcomes |= {call_id: outcome for call_id, outcome in found.items() if call_id not in more}
            renewed |= more
            todo = {i: item for i, item in self._ledger.note(dict.fromkeys(more, News())).items() if item.held}
        for call_id, outcome in outcomes.items():
            if isinstance(outcome, RecordRefused):
                self._ledger.let_go(call_id)
        return outcomes, renewed

    def _reconcile(self, known: Mapping[str, Known]) -> Outcomes:
        """As the reconciler does, but one call that breaks Limbas does not hold up the others."""
        try:
            return self._reconciler.reconcile(known)
        except SERVER_AWAY as error:
            raise Unavailable(str(error)) from error
        except LimbasUnavailable as error:
            self._probe()
            if len(known) == 1:
                return self._broken(next(iter(known)), error)
            # What was tried may have been done: from now on none of these is new.
            calls = [(call_id, replace(item, fresh=False)) for call_id, item in known.items()]
            middle = len(calls) // 2
            return self._reconcile(dict(calls[:middle])) | self._reconcile(dict(calls[middle:]))

    def _probe(self) -> None:
        try:
            self._reconciler.probe()
        except LimbasUnavailable as error:
            raise Unavailable(str(error)) from error

    def _broken(self, call_id: str, error: LimbasUnavailable) -> Outcomes:
        if self._ledger.count_failure(call_id) < MOST_FAILURES:
            return {}
        return {call_id: RecordRefused(f"Limbas breaks at this call each time: {error}")}


def _announced(event: Event) -> bool:
    """Whether the record is announced after this event: with the first word of a call, and of who it surely is."""
    return event.sure if isinstance(event, ContactResolved) else isinstance(event, CallEvent) and event.call.seq == 1
