"""What does not work is answered with one sentence, as JSON: `{"error": "…"}`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import structlog
from flask import Flask, Response, jsonify, request
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from services.web.sign_in import unauthorized
from services.web.tokens import TokenError

LARGEST_BODY: Final = 16 * 1024
"""Bytes. The largest that anybody has reason to send has a few hundred."""
AGAIN_SECONDS: Final = 2
"""When to try again what does not work just now."""

_SENTENCES: Final = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method: the header Allow says which ones it takes.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: f"The body is too large: at most {LARGEST_BODY} bytes are taken.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here: the log of the web service says what.",
}
"""Where the web framework says it in its own words."""

log = structlog.get_logger()


def register_errors(app: Flask) -> None:
    """Have every error answered so. Whatever raises werkzeug's exceptions with a description says its own sentence."""
    app.register_error_handler(TokenError, unauthorized)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RedisError, _redis_away)
    app.register_error_handler(Exception, _failure)


def problem(status: HTTPStatus, sentence: str) -> Response:
    """The answer that says why there is no other. What may work in a moment says when."""
    answer = jsonify(error=sentence)
    answer.status_code = status
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(AGAIN_SECONDS)
    return answer


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    frameworks_own = error.description == type(error).description
    answer = problem(
        status, _SENTENCES.get(status, f"{status.phrase}.") if frameworks_own else error.description or status.phrase
    )
    for name, value in error.get_headers(request.environ):
        if name.title() not in ("Content-Type", "Content-Length"):  # 405's Allow, say
            answer.headers[name] = value
    return answer


def _redis_away(error: RedisError) -> Response:
    log.warning("a request failed", path=request.path, because=str(error))
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The event log is away: try again in a moment.")


def _failure(error: Exception) -> Response:
    log.error("a request failed", path=request.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, _SENTENCES[HTTPStatus.INTERNAL_SERVER_ERROR])
