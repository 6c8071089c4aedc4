"""The present picture of the calls, made of their events. No input or output in here.

Events may come late, twice and in any order. What wins does not depend on that: of two versions of a call the one with
the higher `seq`, of two contacts or records of a call the one that is later in the stream.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from services.web.stream_id import StreamId, parse_stream_id
from shared.event_log import ORIGIN
from shared.events import Call, CallEvent, CallRecorded, ContactResolved, Event, State

NEVER: Final[StreamId] = (-1, 0)


@dataclass(frozen=True, slots=True)
class CallView:
    """A call, and what is known of it. A contact or a record may arrive before the call itself."""

    first: StreamId
    """The oldest event seen of it: the calls' order."""
    last: StreamId
    """The newest event seen of it: its age."""
    call: Call | None = None
    contact: ContactResolved | None = None
    record: CallRecorded | None = None
    phones: frozenset[int] = frozenset()
    """The extension codes that took part: a call may be handed over."""
    contact_from: StreamId = NEVER
    record_from: StreamId = NEVER

    @property
    def in_progress(self) -> bool:
        """Whether the call has begun and not ended."""
        return self.call is not None and self.call.state is not State.ENDED


class Projection:
    """The calls in progress and the newest others, as of `position`."""

    def __init__(self, kept: int) -> None:
        """`kept`: how many calls that are not in progress to keep."""
        self.position = ORIGIN
        """The newest event that went in."""
        self._kept = kept
        self._views: dict[str, CallView] = {}

    def __len__(self) -> int:
        return len(self._views)

    def apply(self, event_id: str, event: Event) -> None:
        """Take in an event of the stream. Once, twice or never again makes no difference."""
        at = parse_stream_id(event_id)
        if at > parse_stream_id(self.position):
            self.position = event_id
        view = self._views.get(event.call_id) or CallView(first=at, last=at)
        first, last = min(view.first, at), max(view.last, at)
        self._views[event.call_id] = replace(view, first=first, last=last, **_news(view, at, event))

    def trim(self, oldest: StreamId = NEVER) -> None:
        """Forget all but the newest calls, and those whose last event is older than `oldest`."""
        others = sorted(
            ((view.first, call_id) for call_id, view in self._views.items() if not view.in_progress),
            reverse=True,
        )
        beyond = {call_id for _, call_id in others[self._kept :]}
        self._views = {
            call_id: view
            for call_id, view in self._views.items()
            if call_id not in beyond and (view.in_progress or view.last >= oldest)
        }

    def forget_what_has_no_call(self) -> None:
        """Forget what is known of calls that are not known themselves."""
        self._views = {call_id: view for call_id, view in self._views.items() if view.call}

    def call(self, call_id: str) -> CallView | None:
        """One call, and what is known of it; None when the call is not known."""
        view = self._views.get(call_id)
        return view if view and view.call else None

    def calls(self) -> tuple[CallView, ...]:
        """Every call that is known, the newest first."""
        known = [view for view in self._views.values() if view.call]
        return tuple(sorted(known, key=lambda view: view.first, reverse=True))


def _news(view: CallView, at: StreamId, event: Event) -> dict[str, Any]:
    """What an event changes in a view."""
    if isinstance(event, CallEvent):
        newer = view.call is None or event.call.seq > view.call.seq
        phones = view.phones if event.call.extension is None else view.phones | {event.call.extension.code}
        return {"call": event.call if newer else view.call, "phones": phones}
    if isinstance(event, ContactResolved):
        return {"contact": event, "contact_from": at} if at > view.contact_from else {}
    return {"record": event, "record_from": at} if at > view.record_from else {}
