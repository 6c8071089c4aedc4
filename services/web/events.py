"""`/events`: the event stream over HTTP. What goes over it is `event_stream`'s; docs/events.md is the protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, MethodNotAllowed

from services.web.connection import Connection
from services.web.event_stream import EventStreams, Opening
from services.web.metrics import BROWSERS
from services.web.sign_in import signed_in
from services.web.stream_limit import RETRY_AFTER_SECONDS, StreamLimit, TooManyStreams

log = structlog.get_logger()


def events_blueprint(secret: str, streams: EventStreams) -> Blueprint:
    """The address of the event stream. `secret` is what tokens are signed with."""
    blueprint = Blueprint("events", __name__)
    limit = StreamLimit()

    @blueprint.get("/events")
    def events() -> Response:
        if request.method != "GET":  # Flask would answer HEAD by opening a stream that nobody ever closes
            raise MethodNotAllowed(["GET"])
        identity = signed_in(secret, in_query=True)
        mine = _mine()
        in_chunks = request.environ["SERVER_PROTOCOL"] != "HTTP/1.0"  # which does not know them
        connection = Connection(request.environ.get("gunicorn.socket"), chunked=in_chunks)
        opening = Opening(identity, mine, request.headers.get("Last-Event-ID"), connection)
        leave = limit.enter(identity.user)
        chunks = _counted(streams.open(opening), opening, leave)
        next(chunks)  # begun, so that it ends and gives the place back, whatever becomes of the answer
        # Passed through, for every iterator around it would take memory as long as the stream lasts.
        answer = Response(chunks, mimetype="text/event-stream", direct_passthrough=True)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # nginx
        return answer

    blueprint.register_error_handler(TooManyStreams, _too_many)
    return blueprint


def _mine() -> bool:
    """Whether only the own calls are asked for."""
    calls = request.args.get("calls", "all")
    if calls not in ("all", "mine"):
        raise BadRequest("`calls` has to be `all` or `mine`.")
    return calls == "mine"


def _counted(chunks: Iterator[bytes], opening: Opening, leave: Callable[[], None]) -> Iterator[bytes]:
    """The same chunks, and an empty one before and after each; counted, and with a line in the log at both ends.

    The server keeps a chunk until it gets the next one. That can take long, and a snapshot can be large.
    """
    opened, user = time.monotonic(), opening.identity.user
    log.info("stream opened", user=user, resumed=opening.last_event_id is not None)
    try:
        with BROWSERS.track_inprogress():
            yield b""
            for chunk in chunks:
                yield chunk
                del chunk
                yield b""
    finally:
        leave()
        log.info("stream closed", user=user, seconds=round(time.monotonic() - opened))


def _too_many(error: TooManyStreams) -> Response:
    answer = jsonify(error=str(error))
    answer.status_code = 429
    answer.headers["Retry-After"] = f"{RETRY_AFTER_SECONDS}"
    return answer
