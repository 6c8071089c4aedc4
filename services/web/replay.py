"""What a browser missed, read from the event log."""

from __future__ import annotations

from typing import Final

from services.web.stream_id import parse_stream_id
from shared import forgotten
from shared.event_log import ORIGIN, EventLog, LoggedEvent

PAGE: Final = 200


class Gap(Exception):
    """The log does not have everything that came after the given place, or never had that place."""


def missed(event_log: EventLog, after: str, up_to: str) -> list[LoggedEvent]:
    """The next events after one place in the log up to another one, in order. Empty: those were all.

    Raises `Gap` when some of them are gone, or calls from before that were forgotten.
    """
    if not reaches_back(event_log, after) or _holds_what_was_forgotten(event_log, after):
        raise Gap
    page = event_log.between(after, up_to, count=PAGE)
    # Asked again: the log may have been cut while the page was read.
    if not reaches_back(event_log, after):
        raise Gap
    return page


def reaches_back(event_log: EventLog, position: str) -> bool:
    """Whether the log has everything that came after `position`, and whether it has come as far as that at all."""
    try:
        place = parse_stream_id(position)
    except ValueError:
        return False
    oldest, newest = event_log.oldest_id(), event_log.newest_id()
    if oldest is None or newest is None:
        return position == ORIGIN
    return parse_stream_id(oldest) <= place <= parse_stream_id(newest)


def _holds_what_was_forgotten(event_log: EventLog, position: str) -> bool:
    """Whether a picture as of `position` may show somebody who was forgotten since."""
    last = forgotten.told(event_log)
    return last is not None and parse_stream_id(position) <= parse_stream_id(last.position)
