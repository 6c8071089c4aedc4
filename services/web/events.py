"""`/events`: the event stream over HTTP. What goes over it is `event_stream`'s; docs/events.md is the protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator

import structlog
from flask import Blueprint, Response, request

from services.web.connection import Connection
from services.web.event_stream import EventStreams
from services.web.sign_in import signed_in
from services.web.tokens import Identity

log = structlog.get_logger()


def events_blueprint(secret: str, streams: EventStreams) -> Blueprint:
    """The address of the event stream."""
    blueprint = Blueprint("events", __name__)

    @blueprint.get("/events")
    def events() -> Response:
        identity = signed_in(secret, in_query=True)
        connection = Connection(request.environ.get("gunicorn.socket"))
        came_from = request.headers.get("Last-Event-ID")
        chunks = streams.open(came_from, identity.expires_at, connection.gone, connection.cut_off)
        answer = Response(_logged(chunks, identity, came_from), mimetype="text/event-stream")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # nginx
        return answer

    return blueprint


def _logged(chunks: Iterator[bytes], identity: Identity, came_from: str | None) -> Iterator[bytes]:
    """The same chunks, with a line in the log when the stream begins and when it ends."""
    opened = time.monotonic()
    log.info("stream opened", user=identity.user, resumed=came_from is not None)
    try:
        yield from chunks
    finally:
        log.info("stream closed", user=identity.user, seconds=round(time.monotonic() - opened))
