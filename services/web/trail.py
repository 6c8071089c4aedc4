"""Whose a call is, from which event on, and what is known of it by then. No input or output in here.

A call belongs to its own number from its first event on, and to a phone from the first event that names the phone: on
an inbound call, from the answer on. It never stops to: whoever saw a call begin has to see it end. So who may see an
event is a function of the event log up to that event, and the same in every process and in every replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.web.projection import NEVER
from services.web.rights import CallFilter
from services.web.stream_id import StreamId, parse_stream_id
from shared.event_log import LoggedEvent
from shared.events import Call, CallEvent, ContactResolved, State


@dataclass(frozen=True, slots=True)
class Finding:
    """A contact or a record of a call, as it stands in the event log."""

    at: StreamId
    name: str
    """Of the event."""
    document: bytes


@dataclass(frozen=True, slots=True)
class Trail:
    """What the events of one call say of whose it is. They may come in any order, and twice."""

    since: StreamId | None = None
    """The oldest event that has the call itself; None when there is none."""
    last: StreamId = NEVER
    opened: bool = False
    """Whether the call's first event was among them. With it, all is known that there is."""
    ended: bool = False
    box: str = ""
    own_number: str = ""
    phones: Mapping[int, StreamId] = field(default_factory=dict)
    """The extension codes that took part, each with the oldest event that says so."""
    contact: Finding | None = None
    """The newest."""
    record: Finding | None = None
    """The newest."""

    def with_event(self, logged: LoggedEvent) -> Trail:
        """The trail with one event more."""
        at, event = parse_stream_id(logged.id), logged.event
        if isinstance(event, CallEvent):
            return self.with_call(event.call, at)
        finding, last = Finding(at, event.type, logged.document), max(self.last, at)
        if isinstance(event, ContactResolved):
            return replace(self, last=last, contact=_newer(self.contact, finding))
        return replace(self, last=last, record=_newer(self.record, finding))

    def with_call(self, call: Call, at: StreamId) -> Trail:
        """The trail with one version of the call more."""
        phones = self.phones
        if call.extension is not None and at < phones.get(call.extension.code, (at[0], at[1] + 1)):
            phones = {**phones, call.extension.code: at}
        return replace(
            self,
            since=at if self.since is None else min(self.since, at),
            last=max(self.last, at),
            opened=self.opened or call.seq == 1,
            ended=self.ended or call.state is State.ENDED,
            box=call.box,
            own_number=call.own_number or self.own_number,
            phones=phones,
        )

    def visible_from(self, to: CallFilter) -> StreamId | None:
        """The first event of the call that goes through a filter; None when there is none yet."""
        if self.since is None:
            return None
        if to.passes_number(self.box, self.own_number):
            return self.since
        if not self.phones:
            return None
        return min((at for code, at in self.phones.items() if to.passes_phone(self.box, code)), default=None)

    def is_visible(self, to: CallFilter, at: StreamId) -> bool:
        """Whether a filter lets the call through as of an event."""
        visible_from = self.visible_from(to)
        return visible_from is not None and visible_from <= at

    def findings_before(self, at: StreamId) -> tuple[Finding, ...]:
        """What was known of the call before an event: the newest contact and record, unless newer ones follow it."""
        return tuple(finding for finding in (self.contact, self.record) if finding and finding.at < at)


def _newer(known: Finding | None, other: Finding) -> Finding:
    return other if known is None or other.at > known.at else known
