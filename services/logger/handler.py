"""Handles the events of a consumer group: each call's record in Limbas follows the newest that they say."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from services.logger.ledger import Known, Ledger, News, Settled, news_in
from services.logger.reconcile import Reconciler
from shared.consumer import Done, Entry, Rejected, Unavailable
from shared.limbas.errors import (
    LimbasUnavailable,
    LoginRefused,
    RecordRefused,
    Redirected,
    SchemaLacks,
    TimedOut,
    TlsProblem,
    Unreachable,
)

MOST_FAILURES: Final = 10
"""How often Limbas may break at one call, while it takes others, until that call is given up."""
SAMPLE: Final = 10
"""Calls that are tried each by itself when all together break Limbas; those left out come the next time."""
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
        # A write whose answer was lost may still happen. Until it has, or no longer can, another one would be undone by
        # it, or doubled.
        ready = {call_id: item for call_id, item in known.items() if item.held and not item.under_way}
        try:
            outcomes = self._bring_up(ready)
        except Unavailable:
            raise
        except Exception:
            for call_id in ready:
                self._ledger.let_go(call_id)
            raise
        # An entry of a call that another logger is at waits with us: that one may be dead, and its own entry gone.
        results: list[Done | Rejected] = []
        told: set[str] = set()
        for entry in entries:
            call_id = entry.event.call_id
            item = known.get(call_id)
            if item is None or item.call is None:
                results.append(Done(entry))  # our own announcement, or a contact whose call is yet to come
            elif item.settled:
                results.append(Done(entry))
            elif item.held:
                results += self._outcome(entry, outcomes, first=call_id not in told)
                told.add(call_id)
        return results

    def _outcome(self, entry: Entry, outcomes: Outcomes, *, first: bool) -> list[Done | Rejected]:
        match outcomes.get(entry.event.call_id):
            case Settled() as settled:
                if first:
                    log.info("call written", call=entry.event.call_id, record=settled.record_id)
                return [Done(entry)]
            case RecordRefused() as refusal:
                return [Rejected(entry, str(refusal))]
            case _:
                return []

    def _bring_up(self, todo: Mapping[str, Known]) -> Outcomes:
        """Reconcile, and again as long as there is news meanwhile."""
        outcomes: Outcomes = {}
        while todo:
            found = self._reconcile(todo)
            settled = [outcome for outcome in found.values() if isinstance(outcome, Settled)]
            more = self._ledger.settle(settled, self._table)
            outcomes |= {call_id: outcome for call_id, outcome in found.items() if call_id not in more}
            todo = {i: item for i, item in self._ledger.note(dict.fromkeys(more, News())).items() if item.held}
        for call_id, outcome in outcomes.items():
            if isinstance(outcome, RecordRefused):
                self._ledger.let_go(call_id)
        return outcomes

    def _reconcile(self, known: Mapping[str, Known]) -> Outcomes:
        """As the reconciler does, but one call that breaks Limbas does not hold up the others."""
        try:
            return self._reconciler.reconcile(known)
        except (*SERVER_AWAY, SchemaLacks) as error:
            raise Unavailable(str(error)) from error
        except LimbasUnavailable as error:
            return self._one_by_one(known, error)

    def _one_by_one(self, known: Mapping[str, Known], error: LimbasUnavailable) -> Outcomes:
        """Some calls each by itself, to find those that break Limbas.

        It is a call's own fault only when others can be written at the same time: else Limbas is at fault, and waited
        for.
        """
        outcomes: Outcomes = {}
        broken = []
        for call_id in random.sample(list(known), min(SAMPLE, len(known))):
            try:
                # What was tried may have been done: it is not new any more.
                outcomes |= self._reconciler.reconcile({call_id: replace(known[call_id], fresh=False)})
            except (*SERVER_AWAY, SchemaLacks) as away:
                raise Unavailable(str(away)) from away
            except LimbasUnavailable:
                broken.append(call_id)
        if not outcomes:
            raise Unavailable(str(error)) from error
        for call_id in broken:
            if self._ledger.count_failure(call_id) >= MOST_FAILURES:
                outcomes[call_id] = RecordRefused(f"Limbas breaks at this call each time: {error}")
        return outcomes
