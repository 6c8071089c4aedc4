"""The web service's addresses: the page, the event stream, the API, health."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, jsonify

from services.web.api.calls import Calls
from services.web.api.contact import Contacts
from services.web.api.routes import api_blueprint
from services.web.cors import allow_origins
from services.web.errors import LARGEST_BODY, register_errors
from services.web.event_stream import EventStreams
from services.web.events import events_blueprint
from services.web.feed import Feed
from services.web.page import page
from services.web.security_headers import SECURITY_HEADERS


def create_app(
    secret: str, feed: Feed, streams: EventStreams, calls: Calls, contacts: Contacts, origins: Iterable[str]
) -> Flask:
    """The WSGI application. `secret` is what tokens are signed with; pages of `origins` may use it, too."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.merge_slashes = False  # an address that is not ours is answered by an error, and not by another address
    app.register_blueprint(page)
    app.register_blueprint(events_blueprint(secret, streams))
    app.register_blueprint(api_blueprint(secret, calls, contacts))

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

    allow_origins(app, origins)
    register_errors(app)
    return app
