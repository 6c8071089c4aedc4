"""The web service's application without a server and a reader: for what does not happen to a running one."""

from __future__ import annotations

from flask import Flask

from services.web.api.calls import Calls
from services.web.api.contact import Contacts
from services.web.app import create_app
from services.web.event_stream import EventStreams
from services.web.feed import Feed
from services.web.history import History
from services.web.payload import Payload
from services.web.projection import Projection
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import EventLog
from shared.unknown_calls import UnknownCalls
from tests.web.web_process import SECRET


def an_app(event_log: EventLog, picture: Projection | None = None, heartbeat_seconds: float = 15) -> Flask:
    """An application with this `picture` of the calls. Without one nobody has begun to read them."""
    home = Place()
    payload = Payload(home, heartbeat_seconds, {})
    trails = Trails(lambda _: [])
    feed = Feed(payload, trails)
    if picture:
        feed.load(picture)
    return create_app(
        SECRET,
        feed,
        EventStreams(feed, event_log, payload, trails, lambda _: home),
        Calls(History(), home, lambda _: home, payload.shown),
        Contacts(event_log, UnknownCalls(event_log, 30)),
        origins=[],
    )
