"""What the page is made of keeps to its Content-Security-Policy: nothing runs or loads that is not a file of ours."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from services.web.page import TEXTS
from services.web.security_headers import SECURITY_HEADERS
from tests.web.web_process import WebProcess

DIRECTIVES = {
    name: sources.split()
    for part in SECURITY_HEADERS["Content-Security-Policy"].split(";")
    for name, _, sources in [part.strip().partition(" ")]
}
ADDRESSES = {"src", "href", "action", "formaction", "poster", "data", "srcset"}


class Elements(HTMLParser):
    """Every element of a document, with its attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_nothing_is_allowed_but_what_is_named_and_all_of_it_is_ours() -> None:
    assert DIRECTIVES["default-src"] == ["'none'"]
    loaded = [source for name, sources in DIRECTIVES.items() if name.endswith("-src") for source in sources]
    assert set(loaded) == {"'none'", "'self'"}
    assert DIRECTIVES["require-trusted-types-for"] == ["'script'"]
    for name in ("base-uri", "form-action", "frame-ancestors"):
        assert DIRECTIVES[name] == ["'none'"]


@pytest.mark.parametrize("language", TEXTS)
def test_the_page_has_no_script_and_no_style_of_its_own_and_asks_only_for_our_files(
    web: WebProcess, language: str
) -> None:
    answer = web.get("/", **{"Accept-Language": language})
    assert answer.headers["Content-Security-Policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    elements = Elements(answer.body.decode()).found
    assert len(elements) > 50
    for tag, attributes in elements:
        assert tag not in ("style", "base", "iframe", "object", "embed"), tag
        assert "style" not in attributes, attributes
        assert not [name for name in attributes if name.startswith("on")], attributes
        if tag == "script":
            assert "src" in attributes or attributes["type"] == "application/json", "data, which nobody runs"
        for name in ADDRESSES & attributes.keys():
            address = attributes[name]
            assert address.startswith(("static/", "#")), "relative, so that it works on any path"
