"""The page at `/`. Its parts are files under `static/`; its texts are in `static/texts/`, one file per language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request

TEXTS: Final = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "static" / "texts").glob("*.json"))
}
FALLBACK: Final = "en"

page = Blueprint("page", __name__)


@page.get("/")
def index() -> Response:
    """The page, in the language that the browser prefers among ours."""
    language = request.accept_languages.best_match(list(TEXTS), default=FALLBACK) or FALLBACK
    answer = make_response(render_template("page.html", language=language, texts=TEXTS[language]))
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
