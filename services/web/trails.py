"""The trails of calls, as far back in the event log as anybody has asked.

Most readers need the newest calls only. What is asked of an older one (a contact may be found days later) is read from
the log backwards, once, and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from services.web.give_way import give_way
from services.web.projection import Projection
from services.web.stream_id import StreamId, parse_stream_id, successor
from services.web.trail import Trail
from shared.event_log import ORIGIN, LoggedEvent

Earlier = Callable[[str], Sequence[LoggedEvent]]
"""The events of the log before an id, newest first, a page of them; none at its beginning. May raise `RedisError`."""

UNKNOWN: Final = Trail()


class Trails:
    """Safe to use from several threads, while one of them starts over."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self._index = _Index(ORIGIN)

    def start(self, projection: Projection) -> None:
        """Start over from a picture of the calls, with the trail of each. Raises `RedisError`."""
        index = _Index(projection.position)
        calls = [view.call for view in projection.calls() if view.call]
        for call in calls:
            # Its events may be gone from the log, if it is older than the log reaches back. Where they are there, they
            # are older than this, and count.
            trail = UNKNOWN.with_call(call, parse_stream_id(projection.position))
            index.trails[call.id] = replace(trail, opened=False)
        index.find([call.id for call in calls], self._earlier)
        self._index = index

    def take(self, events: Iterable[LoggedEvent]) -> Mapping[str, Trail]:
        """Take in events, and say what is known of their calls. Raises `RedisError`."""
        index, events = self._index, tuple(events)
        index.add(events)
        return index.find({logged.event.call_id for logged in events}, self._earlier)

    def get(self, call_id: str) -> Trail:
        """What is known of a call, without looking for more."""
        return self._index.trails.get(call_id, UNKNOWN)

    def forget(self, oldest: StreamId) -> None:
        """Forget calls that ended before `oldest`, now and then. Who asks for one has it read again."""
        self._index.forget(oldest)


class _Index:
    """The trails of one log. After the log was replaced, those who still read the old one change nothing in the new."""

    def __init__(self, position: str) -> None:
        self.trails: dict[str, Trail] = {}
        self._before = successor(position)
        """Every event from here on was taken in."""
        self._whole = False
        """Whether there is none before."""
        self._forget_at = 1000
        self._changing = Lock()
        self._reading = Lock()

    def add(self, events: Iterable[LoggedEvent]) -> None:
        with self._changing:
            for logged in events:
                call_id = logged.event.call_id
                self.trails[call_id] = self.trails.get(call_id, UNKNOWN).with_event(logged)

    def find(self, call_ids: Iterable[str], earlier: Earlier) -> dict[str, Trail]:
        """The trails of some calls, read from the log backwards until each is found, or to its beginning."""
        call_ids = tuple(call_ids)
        while True:
            whole = self._whole
            found = {call_id: self.trails.get(call_id, UNKNOWN) for call_id in call_ids}
            if whole or all(trail.opened for trail in found.values()):
                return found
            with self._reading:  # a page at a time: who has found what they need does not wait for who has not
                page = earlier(self._before)
                self.add(page)
                if page:
                    self._before = page[-1].id
                self._whole = not page
            give_way()

    def forget(self, oldest: StreamId) -> None:
        if len(self.trails) < self._forget_at:
            return
        with self._reading, self._changing:
            self.trails = {
                call_id: trail
                for call_id, trail in self.trails.items()
                if trail.last >= oldest or not (trail.ended or trail.since is None)
            }
            if oldest > parse_stream_id(self._before):
                self._before, self._whole = f"{oldest[0]}-{oldest[1]}", False
        self._forget_at = 2 * max(500, len(self.trails))
