"""One event on its way to everybody who may see it."""

from __future__ import annotations

from functools import cached_property

from services.web import sse
from services.web.metrics import rang_at
from services.web.payload import Payload
from services.web.rights import CallFilter
from services.web.stream_id import parse_stream_id
from services.web.trail import Trail
from shared.event_log import LoggedEvent


class Delivery:
    """An event, and the messages that carry it: each is made once, however many readers it goes to."""

    def __init__(self, logged: LoggedEvent, trail: Trail, payload: Payload) -> None:
        """`trail` is that of the event's call, with this event in it."""
        self.id = logged.id
        self.at = parse_stream_id(logged.id)
        self.message = payload.update(logged)
        """For who sees the call already."""
        self.rang = rang_at(logged.event)
        """When the line that opens the call was received, if this event says that it does."""
        self._trail = trail

    def to(self, reader: CallFilter) -> bytes | None:
        """The message for whoever has this filter; None when they may not see the event."""
        if reader.everything:
            return self.message
        visible_from = self._trail.visible_from(reader)
        if visible_from is None or self.at < visible_from:
            return None
        return self._introduced if self.at == visible_from else self.message

    @cached_property
    def _introduced(self) -> bytes:
        """For who sees the call from this event on: with what was known of it before. That has no id of its own."""
        known = self._trail.findings_before(self.at)
        return b"".join((*(sse.message(finding.name, finding.document) for finding in known), self.message))
