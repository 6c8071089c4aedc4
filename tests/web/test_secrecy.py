"""A token opens every call: it gets into no log, whatever goes wrong."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config
from structlog.testing import capture_logs

from services.web.errors import register_errors
from services.web.event_stream import EventStreams, Opening
from services.web.events import events_blueprint
from services.web.rights import EVERYTHING
from services.web.server import StructuredLogger
from services.web.stream_limit import STREAMS_PER_USER
from services.web.tokens import LONGEST_SECONDS, mint

SECRET = "a secret that only tests know, and 32 or longer"
TOKEN = mint(SECRET, "anna", LONGEST_SECONDS, EVERYTHING)


class Broken(EventStreams):
    """Fails at once, or in the middle of the stream."""

    def __init__(self, at_once: bool) -> None:
        self._at_once = at_once

    def open(self, opening: Opening) -> Iterator[bytes]:
        if self._at_once:
            raise RuntimeError("broken")
        return self._half(opening)

    def _half(self, opening: Opening) -> Iterator[bytes]:
        yield b":\n\n"
        raise RuntimeError(f"broken for {opening.identity.user}")


def text_of(entries: Sequence[Mapping[str, Any]]) -> str:
    """All that stands in some log entries, with the tracebacks."""
    errors = [entry["exc_info"] for entry in entries if isinstance(entry.get("exc_info"), BaseException)]
    return "".join([str(entries), *("".join(traceback.format_exception(error)) for error in errors)])


def an_app(*, at_once: bool) -> Flask:
    app = Flask("broken")
    app.register_blueprint(events_blueprint(SECRET, Broken(at_once)))
    register_errors(app)
    return app


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {TOKEN}"}], ids=["in the query", "in the header"])
def test_a_request_that_fails_is_logged_without_its_token(headers: dict[str, str]) -> None:
    path = "/events" if headers else f"/events?access_token={TOKEN}"

    with capture_logs() as entries:
        answer = an_app(at_once=True).test_client().get(path, headers=headers)

    assert answer.status_code == 500
    assert list(json.loads(answer.data)) == ["error"]
    assert "RuntimeError" in text_of(entries)
    assert TOKEN not in text_of(entries)
    assert "access_token=" not in text_of(entries)


def test_a_stream_that_fails_gives_its_place_back() -> None:
    client = an_app(at_once=False).test_client()

    with capture_logs() as entries:
        for _ in range(2 * STREAMS_PER_USER):
            answer = client.get(f"/events?access_token={TOKEN}")
            assert answer.status_code == 200
            with pytest.raises(RuntimeError, match="broken for anna"):
                list(answer.iter_encoded())
            answer.close()

    assert TOKEN not in text_of(entries)


@pytest.mark.parametrize("level", ["critical", "error", "exception", "warning"])
def test_what_the_server_says_of_a_request_has_no_token(level: str) -> None:
    say = getattr(StructuredLogger(Config()), level)

    with capture_logs() as entries:
        say("Error handling request %s", f"/events?access_token={TOKEN}")

    assert "/events" in text_of(entries)
    assert TOKEN not in text_of(entries)
