"""Which other sites' pages may use the service: those whose origins are listed, and no others.

Limbas' pages are such: they come from another host or port. Source: the Fetch standard, "HTTP extensions" (3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Flask, Response, request

PREFLIGHT_SECONDS: Final = 7200
"""How long a browser need not ask again. Chromium remembers no longer, whatever it is told."""
SHARED: Final = ("/api/", "/static/")
"""What pages of other origins may use, besides the event stream: what is below these addresses."""
HEADERS: Final = "Authorization, Content-Type, Last-Event-ID"


def allow_origins(app: Flask, origins: Iterable[str]) -> None:
    """Let pages of these origins use the event stream, the API and the scripts."""
    allowed = frozenset(origins)
    if not allowed:
        return

    @app.after_request
    def share(answer: Response) -> Response:
        if request.path != "/events" and not request.path.startswith(SHARED):
            return answer
        answer.vary.add("Origin")
        asking = request.headers.get("Origin")
        if asking not in allowed:
            return answer
        answer.headers["Access-Control-Allow-Origin"] = asking
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET")
            answer.headers["Access-Control-Allow-Headers"] = HEADERS
            answer.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        else:
            answer.headers["Access-Control-Expose-Headers"] = "Retry-After"
        return answer
