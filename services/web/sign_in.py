"""Who asks: the token of a request, and the answer to one without a token that opens anything."""

from __future__ import annotations

from typing import Final

import structlog
from flask import Response, jsonify, request

from services.web.tokens import Identity, TokenError, verify

MISSING: Final = "A token is missing: send it in the Authorization header, after the word Bearer."

log = structlog.get_logger()


def signed_in(secret: str, *, in_query: bool) -> Identity:
    """Whom the request's token speaks for.

    `in_query`: the token may stand in the address as `access_token`, too, because a browser's EventSource cannot send
    a header. Raises `TokenError` when there is no token, or it opens nothing.
    """
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    token = credentials.strip() if scheme.lower() == "bearer" else ""
    if not token and in_query:
        token = request.args.get("access_token", "")
    if not token:
        raise TokenError(MISSING)
    return verify(secret, token)


def unauthorized(error: TokenError) -> Response:
    """One sentence, and nothing else about the system."""
    log.info("request refused", path=request.path, because=str(error))
    answer = jsonify(error=str(error))
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
