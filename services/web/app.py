"""The web service's addresses: the page, the event stream, health."""

from __future__ import annotations

from typing import Final

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from services.web.event_stream import EventStreams
from services.web.events import events_blueprint
from services.web.feed import Feed
from services.web.page import page
from services.web.sign_in import unauthorized
from services.web.tokens import TokenError

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types callmonitor-worker"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger()


def create_app(secret: str, feed: Feed, streams: EventStreams) -> Flask:
    """The WSGI application. `secret` is what tokens are signed with."""
    app = Flask(__name__)
    app.register_blueprint(page)
    app.register_blueprint(events_blueprint(secret, streams))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(alive=True)

    @app.get("/readyz")
    def readyz() -> Response:
        state = {"redis": feed.live, "calls": feed.loaded}
        answer = jsonify(state)
        answer.status_code = 200 if all(state.values()) else 503
        return answer

    @app.after_request
    def protect(answer: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    app.register_error_handler(TokenError, unauthorized)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)
    return app


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
