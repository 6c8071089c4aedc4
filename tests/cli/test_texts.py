"""The catalogues: everything is there in both languages, nothing is missing, and nothing is left over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import cli
from cli.dead_letters.letters import Retried
from cli.doctor.check_limbas import OUTCOMES
from cli.language import LANGUAGES, preferred, texts

SOURCES = Path(cli.__file__).parent
CATALOGUES = sorted({path.name.partition(".")[0] for path in (SOURCES / "texts").iterdir()})
FINDINGS = ("ok", "warning", "problem")
"""What makes a finding, in `cli.doctor.finding`."""


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_both_languages_say_the_same(catalogue: str) -> None:
    german, english = (texts(catalogue, language) for language in LANGUAGES)

    assert german.keys() == english.keys()
    assert {key: placeholders(text) for key, text in german.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("catalogue", CATALOGUES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(catalogue: str, language: str) -> None:
    assert all(text.strip() == text and text for text in texts(catalogue, language).values())


def constants(node: ast.expr | None) -> list[str]:
    """The texts that an expression may come to, as far as they can be read off."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return constants(body) + constants(orelse)
    return []


def made_by_the_doctor() -> Iterator[tuple[str, str, set[str]]]:
    """Check, outcome and the names of the values of each finding that is made with literals."""
    for path in (SOURCES / "doctor").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FINDINGS:
                outcomes = constants(node.args[1]) if len(node.args) > 1 else ["ok"]
                for check in constants(node.args[0] if node.args else None):
                    for outcome in outcomes:
                        yield check, outcome, {word.arg for word in node.keywords if word.arg}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doctor_has_words_for_each_finding(language: str) -> None:
    catalogue = texts("doctor", language)
    found = list(made_by_the_doctor())

    assert len(found) > 50
    for check, outcome, _ in found:
        assert f"{check}.title" in catalogue
        assert f"{check}.{outcome}.finding" in catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doctor_says_what_to_do_unless_all_is_well(language: str) -> None:
    catalogue = texts("doctor", language)
    well = {"ok", "unlimited", "needless", "off", "untold"}

    without = {
        key for key in catalogue if key.endswith(".finding") and key.replace(".finding", ".advice") not in catalogue
    }
    assert {key.split(".")[-2] for key in without} <= well


def test_the_doctor_has_no_words_that_it_never_says() -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in (SOURCES / "doctor").glob("*.py"))
    keys = [key.removesuffix(".finding") for key in texts("doctor", "en") if key.endswith(".finding")]

    for check, _, outcome in (key.rpartition(".") for key in keys):
        assert f'"{check}"' in said, check
        assert outcome == "ok" or f'"{outcome}"' in said, outcome


def test_each_outcome_of_a_login_and_of_a_retry_has_words() -> None:
    assert {finding.check for finding in OUTCOMES.values()} == {"limbas.login"}
    assert {f"retry.{outcome.value}" for outcome in Retried} <= texts("dead_letters", "en").keys()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_CH"}, "de"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:en"}, "de"),
        ({"LANG": "", "LC_ALL": ""}, "en"),
        ({"LANG": "pt_BR"}, "en"),
    ],
)
def test_the_locale_decides_on_the_language(environment: dict[str, str], language: str) -> None:
    assert preferred(environment) == language
