"""The calls of the process's history, as the holder of a token may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from services.web.api.models import CallEntry, CallsPage, CallsQuery, SearchQuery, Shown, Which
from services.web.api.paging import behind, page
from services.web.api.search import Search
from services.web.give_way import give_way
from services.web.history import History
from services.web.projection import CallView
from services.web.rights import CallFilter, Rights
from shared.boxes import Place
from shared.events import Call

WAIT_SECONDS: Final = 5.0
"""How long to wait for calls that are still being read. A second is usual, after a start."""

TURN: Final = 200
"""Calls that are looked at in one go: about two milliseconds."""


class StillReading(Exception):
    """The calls are not all there yet."""


class Calls:
    """Lists, finds and shows calls. One per process."""

    def __init__(
        self,
        history: History,
        home: Place,
        place_of: Callable[[str], Place],
        shown: Callable[[Call], Mapping[str, str]],
    ) -> None:
        """`home`: where the office is; `place_of`: where a box is, by its name; `shown`: a call as people read it."""
        self._history = history
        self._search = Search(home)
        self._place_of = place_of
        self._shown = shown

    def page(self, rights: Rights, query: CallsQuery) -> CallsPage:
        """Calls that the rights open, and that are asked for. Raises `StillReading`."""
        found, cursor = page(self._matching(rights, query), query.limit)
        if cursor is None and not self._history.wait_until_whole(0):
            self._wait()
            found, cursor = page(self._matching(rights, query), query.limit)
        return CallsPage(calls=[self.entry(view) for view in found], next=cursor)

    def one(self, rights: Rights, call_id: str) -> CallView | None:
        """One call; None when there is none that the rights open. Raises `StillReading`."""
        self._wait()
        view = self._history.call(call_id)
        return view if view and view.call and self._filter(rights, Which.ALL).passes(view.call, view.phones) else None

    def entry(self, view: CallView) -> CallEntry:
        """A call as the API answers it."""
        if view.call is None:
            raise ValueError("nothing is known of the call itself")
        shown = Shown.model_validate(self._shown(view.call))
        return CallEntry(call=view.call, contact=view.contact, record=view.record, shown=shown)

    def _matching(self, rights: Rights, query: CallsQuery) -> Iterator[CallView]:
        passes = self._filter(rights, query.calls).passes
        calls: Iterable[CallView] = (
            view
            for view in _in_turns(behind(self._history.calls(), query.before))
            if view.call
            and query.outcome in (None, view.call.outcome)
            and query.direction in (None, view.call.direction)
            and passes(view.call, view.phones)
        )
        if isinstance(query, SearchQuery):
            return self._search.find(calls, query.q)
        return iter(calls)

    def _filter(self, rights: Rights, which: Which) -> CallFilter:
        return CallFilter(rights, mine=which is Which.MINE, place_of=self._place_of)

    def _wait(self) -> None:
        if not self._history.wait_until_whole(WAIT_SECONDS):
            raise StillReading


def _in_turns(calls: Iterable[CallView]) -> Iterator[CallView]:
    """The same calls. Thousands take so long that others would notice: let them have a turn in between."""
    for number, view in enumerate(calls, start=1):
        if number % TURN == 0:
            give_way()
        yield view
