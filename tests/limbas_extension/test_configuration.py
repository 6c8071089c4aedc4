"""callmonitor.config.php: nothing but a sentence for administrators when it cannot be used."""

from __future__ import annotations

from typing import Any

import pytest

from cli.limbas.layout import CONFIGURATION
from tests.limbas_extension.in_limbas import ADMINISTRATOR, ANNA, BEFORE, InLimbas, Scripts
from tests.limbas_extension.limbas_folder import SECRET, configure, write_configuration

BROKEN = {
    "empty": "",
    "no PHP": "SECRET = 1",
    "a parse error": "<?php\nreturn [",
    "an exception": "<?php\n\nthrow new Exception('gone');",
    "warnings": "<?php\necho 'x'; trigger_error('y', E_USER_WARNING); $a = $b . $c; return 1;",
    "a fatal error": "<?php\nnone_such();",
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no secret": ({}, "secret"),
    "a short secret": ({"secret": "short"}, "32"),
    "a secret that is no text": ({"secret": 12345678901234567890123456789012}, "secret"),
    "a secret in a file that is not there": ({"secret_file": "/none/such"}, "secret_file"),
    "a file that is no text": ({"secret_file": ["x"]}, "secret_file"),
    "an entry that is none": ({"secrets": SECRET}, "secrets"),
    "a service that is no address": ({"secret": SECRET, "service_url": "javascript:alert(1)"}, "service_url"),
    "a service on any server": ({"secret": SECRET, "service_url": "//elsewhere.example/"}, "service_url"),
    "a service with a password": ({"secret": SECRET, "service_url": "https://a:b@c.example/"}, "service_url"),
    "a service with a query": ({"secret": SECRET, "service_url": "/x?y=1"}, "service_url"),
    "a service that is a list": ({"secret": SECRET, "service_url": ["/x"]}, "service_url"),
    "no name of a table": ({"secret": SECRET, "calls_table": ""}, "calls_table"),
    "tables that are a text": ({"secret": SECRET, "contact_tables": "KUNDEN"}, "contact_tables"),
    "a table without fields": ({"secret": SECRET, "contact_tables": {"KUNDEN": []}}, "contact_tables"),
    "tables without names": ({"secret": SECRET, "contact_tables": [["TELEFON"]]}, "contact_tables"),
    "fields that are no names": ({"secret": SECRET, "contact_tables": {"KUNDEN": [1]}}, "contact_tables"),
    "rights that are a text": ({"secret": SECRET, "who_sees": "all"}, "who_sees"),
    "rights for nobody": ({"secret": SECRET, "who_sees": {"anna": "all"}}, "anna"),
    "a scope that is none": ({"secret": SECRET, "who_sees": {"everyone": "some"}}, "everyone"),
    "a scope of a group": ({"secret": SECRET, "who_sees": {"groups": {"Büro": "some"}}}, "Büro"),
    "groups that are a text": ({"secret": SECRET, "who_sees": {"groups": "x"}}, "groups"),
    "users that are a text": ({"secret": SECRET, "who_sees": {"users": "x"}}, "users"),
    "a scope of a user": ({"secret": SECRET, "who_sees": {"users": {"anna": {"calls": 1}}}}, "anna"),
    "a key of a user": ({"secret": SECRET, "who_sees": {"users": {"anna": {"numbers": []}}}}, "anna"),
    "an extension": ({"secret": SECRET, "who_sees": {"users": {"anna": {"extensions": ["610"]}}}}, "anna"),
    "an own number": ({"secret": SECRET, "who_sees": {"users": {"anna": {"own_numbers": ["x"]}}}}, "anna"),
    "own numbers in a text": ({"secret": SECRET, "who_sees": {"users": {"anna": {"own_numbers": "030"}}}}, "anna"),
}


def is_as_if_we_were_not_there(in_limbas: InLimbas) -> None:
    """For everybody but administrators."""
    ran = in_limbas.sidebar()
    assert (ran.output, ran.complaints) == ("", [])
    assert ran.globals == {"menu": [[BEFORE]], "elid": 3, "melements": BEFORE}
    assert in_limbas.preview().output == ""
    assert set(in_limbas.token()) == {"error"}


def sentence(in_limbas: InLimbas, language: int = 2) -> str:
    """What an administrator reads instead of an entry."""
    ran = in_limbas.sidebar({**ADMINISTRATOR, "language": language})
    assert ran.complaints == []
    assert ran.globals == {"menu": [[BEFORE]], "elid": 3, "melements": BEFORE}
    shown = Scripts(ran.output)
    assert shown.tags == ["div", "p"]
    assert SECRET not in ran.output
    return shown.text


def test_without_a_configuration_administrators_read_that_it_is_missing(in_limbas: InLimbas) -> None:
    (in_limbas.limbas.extension / CONFIGURATION).unlink()
    is_as_if_we_were_not_there(in_limbas)
    assert sentence(in_limbas, language=1).startswith("Anrufmonitor: Die Datei callmonitor.config.php fehlt ")
    assert sentence(in_limbas, language=2).startswith("Call monitor: The file callmonitor.config.php is missing ")


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_gives_no_array_disturbs_nobody(in_limbas: InLimbas, text: str) -> None:
    write_configuration(in_limbas.limbas, text)
    is_as_if_we_were_not_there(in_limbas)
    assert "callmonitor.config.php" in sentence(in_limbas)


def test_a_parse_error_is_told_with_its_line(in_limbas: InLimbas) -> None:
    write_configuration(in_limbas.limbas, "<?php\nreturn [\n'a' => => 1];")
    assert sentence(in_limbas) == "Call monitor: Line 3 of callmonitor.config.php is not valid PHP."


@pytest.mark.parametrize(("entries", "named"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_entry_is_named_and_disturbs_nobody(in_limbas: InLimbas, entries: dict[str, Any], named: str) -> None:
    configure(in_limbas.limbas, **entries)
    is_as_if_we_were_not_there(in_limbas)
    assert named in sentence(in_limbas)


def test_a_name_from_the_configuration_stays_text(in_limbas: InLimbas) -> None:
    configure(in_limbas.limbas, **{"<img src=x onerror=alert(1)>": 1})
    assert "<img src=x onerror=alert(1)>" in sentence(in_limbas)


def test_the_example_wants_nothing_but_a_secret(in_limbas: InLimbas) -> None:
    example = (in_limbas.limbas.extension / "callmonitor.config.example.php").read_text(encoding="utf-8")
    write_configuration(in_limbas.limbas, example)
    assert "secret" in sentence(in_limbas)
    write_configuration(in_limbas.limbas, example.replace("'secret' => ''", f"'secret' => '{SECRET}'"))
    assert in_limbas.sidebar(ADMINISTRATOR).globals["elid"] == 4


def test_the_secret_may_stand_in_a_file_of_its_own(in_limbas: InLimbas) -> None:
    file = in_limbas.limbas.folder / "web-secret"
    file.write_text(f"{SECRET}\n")
    configure(in_limbas.limbas, secret_file=str(file))
    assert "token" in in_limbas.token()


@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ({"calls_table": "TELEFONATE"}, "TELEFONATE"),
        ({"contact_tables": {"LIEFERANTEN": ["TEL"]}}, "LIEFERANTEN"),
        ({"contact_tables": {"KUNDEN": ["TELEFON", "FAX"]}}, "KUNDEN.FAX"),
    ],
)
def test_administrators_read_which_table_is_not_there_and_the_rest_works(
    in_limbas: InLimbas, entries: dict[str, Any], missing: str
) -> None:
    configure(in_limbas.limbas, secret=SECRET, **entries)
    told = in_limbas.sidebar({**ADMINISTRATOR, "language": 2})
    assert f"callmonitor.config.php names {missing}, which is not there" in Scripts(told.output).text
    assert told.globals["elid"] == 4
    untold = in_limbas.sidebar(ANNA)
    assert (missing in Scripts(untold.output).text, untold.globals["elid"]) == (False, 4)
