"""The present picture of the calls as each reader may see it. Every call is serialised once for everybody."""

from __future__ import annotations

from services.web.payload import Payload
from services.web.projection import CallView, Projection
from services.web.rights import CallFilter
from services.web.stream_id import StreamId, parse_stream_id
from services.web.trails import Trails
from shared.event_log import LoggedEvent


class Picture:
    """A projection, and its calls as JSON. Not safe to use from several threads: `Feed` takes care of that."""

    def __init__(self, projection: Projection, trails: Trails, payload: Payload) -> None:
        self._projection = projection
        self._trails = trails
        self._payload = payload
        self._calls: dict[CallFilter, bytes] = {}
        """What each set of rights lets through, until the next event."""
        self._serialised: dict[str, tuple[CallView, bytes]] = {}
        """Each call, until it changes."""

    @property
    def position(self) -> str:
        """The newest event in the picture."""
        return self._projection.position

    def apply(self, logged: LoggedEvent) -> None:
        """Take in an event that follows."""
        self._projection.apply(logged.id, logged.event)
        self._calls.clear()

    def trim(self, oldest: StreamId) -> None:
        """Forget all but the newest calls, and those that ended before `oldest`."""
        self._projection.trim(oldest)
        self._calls.clear()

    def calls(self, reader: CallFilter) -> bytes:
        """The calls that a reader may see, newest first, as a JSON array."""
        if not self._calls:
            self._serialise()
        if reader not in self._calls:
            visible = (call for call_id, (_, call) in self._serialised.items() if self._is_visible(call_id, reader))
            self._calls[reader] = b"[" + b",".join(visible) + b"]"
        return self._calls[reader]

    def _is_visible(self, call_id: str, reader: CallFilter) -> bool:
        return reader.everything or self._trails.get(call_id).is_visible(reader, parse_stream_id(self.position))

    def _serialise(self) -> None:
        known, self._serialised = self._serialised, {}
        for view in self._projection.calls():
            if view.call:
                before = known.get(view.call.id)
                made = before[1] if before and before[0] is view else self._payload.call(view)
                self._serialised[view.call.id] = view, made
