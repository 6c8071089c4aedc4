"""The page speaks German and English, both completely."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.ingest.extensions import extension
from services.web.page import TEXTS
from shared.events import Direction, Outcome
from tests.web.web_process import WebProcess

WEB = Path(__file__).parents[2] / "services" / "web"
PARTS = "\n".join(path.read_text() for path in [*(WEB / "static").rglob("*.js"), *(WEB / "templates").glob("*.html")])
GERMAN, ENGLISH = TEXTS["de"], TEXTS["en"]


def test_both_languages_have_the_same_texts() -> None:
    assert list(TEXTS) == ["de", "en"]
    assert list(GERMAN) == list(ENGLISH)
    assert all(text.strip() for text in [*GERMAN.values(), *ENGLISH.values()])


@pytest.mark.parametrize("key", GERMAN)
def test_a_text_has_the_same_gaps_in_both_languages(key: str) -> None:
    gap = re.compile(r"\{\w+\}")
    assert sorted(gap.findall(GERMAN[key])) == sorted(gap.findall(ENGLISH[key]))


@pytest.mark.parametrize("key", [key for key in GERMAN if not key.startswith(("kind.", "phone."))])
def test_every_text_is_used(key: str) -> None:
    assert f'"{key}"' in PARTS or key in set(Direction)


def test_there_is_a_text_for_every_name_that_ingest_gives_to_a_phone() -> None:
    given = {extension(code, {}).name for code in range(100)}
    words = {re.sub(r" \d+$", "", name) for name in given} - {"FON", "DECT", "ISDN", "Fax"}  # the same in German
    assert {key.removeprefix("phone.") for key in GERMAN if key.startswith("phone.")} == words
    assert all(f"{word}|" in PARTS or f"{word})" in PARTS for word in words)


@pytest.mark.parametrize("outcome", Outcome)
def test_there_is_a_text_for_every_way_that_a_call_ends(outcome: Outcome) -> None:
    assert f"kind.{outcome.replace(' ', '-')}" in GERMAN


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = set(re.findall(r"\btext\(\s*\"([\w.-]+)\"", PARTS)) | set(re.findall(r"texts\[\"([\w.-]+)\"\]", PARTS))
    assert len(asked) > 20
    assert asked <= set(GERMAN)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB", "en"),
        ("fr,de;q=0.5", "de"),
        ("fr", "en"),
        ("", "en"),
        ("*;q=x", "en"),
    ],
)
def test_the_page_comes_in_the_language_that_the_browser_prefers(web: WebProcess, accepted: str, language: str) -> None:
    answer = web.get("/", **{"Accept-Language": accepted})
    assert f'<html lang="{language}">' in answer.body.decode()
    assert TEXTS[language]["sign-in"] in answer.body.decode()
    assert answer.headers["Vary"] == "Accept-Language"
