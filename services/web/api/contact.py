"""A person says who it was: the call's number is pinned to one of the call's candidates.

As `callmonitor contacts pin` does it, but with what the call's own event says of the candidate: so nobody has to ask
Limbas, and the web service need not be able to.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from services.web.projection import CallView
from shared.contacts.answer import answer
from shared.contacts.late_links import link_late
from shared.contacts.pins import Pin, Pins
from shared.event_log import EventLog
from shared.events import Candidate, Source
from shared.unknown_calls import UnknownCall, UnknownCalls


class CannotBeChosen(Exception):
    """It cannot be said of this call that it was that contact. The text is one sentence."""


class Contacts:
    """Takes people's word, and tells everybody. One per process."""

    def __init__(self, event_log: EventLog, unknown: UnknownCalls) -> None:
        self._log = event_log
        self._pins = Pins(event_log)
        self._unknown = unknown

    def choose(self, view: CallView, table: str, record_id: int, by: str) -> CallView:
        """Say that the other side of a call is the contact in that record, as the person `by` wants it.

        From then on the number is that contact's, and so are the calls of it of which nobody was sure. Returns the call
        with what is known now. Raises `CannotBeChosen`, and `redis.exceptions.RedisError`; to say it twice costs
        nothing.
        """
        number = _number(view)
        chosen = _candidate(view, table, record_id)
        pin = Pin(
            table=table,
            record_id=record_id,
            name=chosen.name,
            company=chosen.company,
            at=datetime.now(UTC),
            by=by,
        )
        self._pins.set(number, pin)
        contact = answer(view.call.id if view.call else "", [pin.candidate], late=True)
        if view.contact is None or view.contact.candidates != contact.candidates:
            self._log.publish(contact)
        self._unknown.forget([UnknownCall(contact.call_id, number)])
        link_late(self._log, self._unknown, lambda numbers: [(pin.candidate,)] * len(numbers), only=number)
        return replace(view, contact=contact)


def _number(view: CallView) -> str:
    """The number that is to be pinned."""
    if view.call is None or view.call.remote.suppressed:
        raise CannotBeChosen("The number of this call was suppressed, so it says nothing of who it was.")
    if view.call.remote.e164 is None:
        raise CannotBeChosen("The number of this call is none of the outside world, so it is nobody's in Limbas.")
    return view.call.remote.e164


def _candidate(view: CallView, table: str, record_id: int) -> Candidate:
    for candidate in view.contact.candidates if view.contact else ():
        if candidate.source is Source.LIMBAS and (candidate.table, candidate.record_id) == (table, record_id):
            return candidate
    raise CannotBeChosen("That contact is none of the call's candidates: choose one of those that it has now.")
