"""The web service's addresses: the page, the event stream, health."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from services.web.connection import Connection
from services.web.event_stream import EventStreams
from services.web.feed import Feed
from services.web.metrics import BROWSERS
from services.web.page import page
from services.web.tokens import Identity, TokenError, verify

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger()


def create_app(secret: str, feed: Feed, streams: EventStreams) -> Flask:
    """The WSGI application. `secret` is what tokens are signed with."""
    app = Flask(__name__)
    app.register_blueprint(page)

    @app.get("/events")
    def events() -> Response:
        identity = verify(secret, _token())
        connection = Connection(request.environ.get("gunicorn.socket"))
        came_from = request.headers.get("Last-Event-ID")
        chunks = streams.open(came_from, identity.expires_at, connection.gone, connection.cut_off)
        answer = Response(_logged(chunks, identity, came_from), mimetype="text/event-stream")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # nginx
        return answer

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(alive=True)

    @app.get("/readyz")
    def readyz() -> Response:
        state = feed.readiness()
        answer = jsonify(state)
        answer.status_code = 200 if all(state.values()) else 503
        return answer

    @app.after_request
    def protect(answer: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    app.register_error_handler(TokenError, _unauthorized)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    return app


def _token() -> str:
    """The token of the request. Raises `TokenError` when there is none."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else request.args.get("access_token", "")
    if not token:
        raise TokenError("A token is missing: send it in the Authorization header, after the word Bearer.")
    return token


def _logged(chunks: Iterator[bytes], identity: Identity, came_from: str | None) -> Iterator[bytes]:
    """The same chunks, with a line in the log when the stream begins and when it ends."""
    opened = time.monotonic()
    log.info("stream opened", user=identity.user, resumed=came_from is not None)
    try:
        with BROWSERS.track_inprogress():
            yield from chunks
    finally:
        log.info("stream closed", user=identity.user, seconds=round(time.monotonic() - opened))


def _unauthorized(error: TokenError) -> Response:
    log.info("stream refused", because=str(error))
    answer = jsonify(error=str(error))
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _http_error(error: HTTPException) -> Response:
    answer = jsonify(error=error.description)
    answer.status_code = error.code or 500
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer


def _failure(error: Exception) -> Response:
    log.error("a request failed", path=request.path, exc_info=error)
    answer = jsonify(error="Something went wrong here. The log of the web service says what.")
    answer.status_code = 500
    return answer
