"""One page of the calls, and where the next one begins. No input or output.

A page begins behind the place of a call, not behind a number of calls: so calls that come in meanwhile move nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from services.web.projection import CallView
from services.web.stream_id import StreamId


def place(cursor: str) -> StreamId:
    """Where the page begins that a cursor names."""
    milliseconds, _, count = cursor.partition("-")
    return int(milliseconds), int(count)


def cursor_behind(view: CallView) -> str:
    """The cursor of the page that begins behind this call."""
    milliseconds, count = view.first
    return f"{milliseconds}-{count}"


def behind(calls: Sequence[CallView], cursor: str | None) -> Iterable[CallView]:
    """The calls, newest first, from where the cursor says; all of them without one."""
    if cursor is None:
        return calls
    until = place(cursor)
    return (view for view in calls if view.first < until)


def page(calls: Iterator[CallView], limit: int) -> tuple[list[CallView], str | None]:
    """The first `limit` calls, and the cursor of the next page; None when there is none."""
    found = list(islice(calls, limit))
    more = next(calls, None) is not None
    return found, cursor_behind(found[-1]) if more else None
