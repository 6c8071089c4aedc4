"""What Limbas gets from the extension: an entry in the sidebar, a script, a preview."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cli.limbas.layout import Limbas
from simulators.limbas.tables import CONTACTS, RECORDED, Field, Table, Tables
from tests.limbas_extension.in_limbas import ADMINISTRATOR, ANNA, BEFORE, InLimbas, Scripts, settings
from tests.limbas_extension.limbas_folder import SECRET, configure
from tests.limbas_extension.test_tokens import HOSTILE

SUPPLIERS = Table(9, "LIEFERANTEN", "Lieferanten", 1, (Field(1, "ID", "ID"), Field(3, "TEL", "Tel")))
OURS = ("callmonitor", "dyns_callmonitor", "lmbext_callmonitor", "lmbdialnumber_callmonitor")


@pytest.fixture(params=[True, False], ids=["Limbas 7", "Limbas 5"])
def either(request: pytest.FixtureRequest, php: str, limbas_folder: Limbas) -> InLimbas:
    """The extension in either version."""
    return InLimbas(php, limbas_folder, in_method=request.param)


def test_the_entry_comes_last_under_the_next_free_number_and_leads_to_the_calls(either: InLimbas) -> None:
    ours = {
        "id": 3,
        "name": "Anrufmonitor",
        "desc": "Anrufmonitor",
        "link": "main.php?action=gtab_erg&source=root&gtabid=5",
        "target": "main",
        "preview": "callmonitorPreview",
        "params": "",
        "gicon": "lmb-phone",
        "autorefresh": "",
    }
    ran = either.sidebar()
    assert ran.complaints == []
    assert ran.globals == {"menu": [[BEFORE, ours]], "elid": 4, "melements": ours}


def test_the_entry_is_called_in_the_users_language(in_limbas: InLimbas) -> None:
    ran = in_limbas.sidebar({**ANNA, "language": 2})
    assert ran.globals["melements"]["name"] == "Call monitor"
    assert settings(ran)["language"] == "en"


def test_the_entry_leads_nowhere_for_who_may_not_see_the_calls(in_limbas: InLimbas) -> None:
    """Limbas gives an entry without any link that of the entry before it."""
    entry = replace(in_limbas, tables=Tables((CONTACTS,))).sidebar().globals["melements"]
    assert (entry["link"], entry["target"]) == ("javascript:void(0)", "")


def test_the_script_is_told_what_it_needs_and_nothing_else(either: InLimbas) -> None:
    assert settings(either.sidebar()) == {
        "service": "/callmonitor/",
        "token": "main_dyns.php?actid=callmonitorToken",
        "user": "anna",
        "language": "de",
        "tables": {"KUNDEN": 4, "ANRUFE": 5},
        "contact_tables": [
            {"table": "KUNDEN", "label": "Kunden", "gtabid": 4, "phone_fields": [5, 6], "may_add": True}
        ],
        "sidebar": 3,
    }


def test_the_script_is_a_module_that_limbas_serves(in_limbas: InLimbas) -> None:
    _, (attributes, text) = Scripts(in_limbas.sidebar().output).scripts
    assert (attributes, text) == ({"type": "module", "src": "localassets/callmonitor/popup.js"}, "")
    assert (in_limbas.limbas.assets / "popup.js").is_file()


def test_no_name_gets_out_of_the_settings(in_limbas: InLimbas) -> None:
    for name in HOSTILE:
        ran = in_limbas.sidebar({**ANNA, "username": name})
        assert settings(ran)["user"] == name
        assert Scripts(ran.output).tags == ["script", "script"]


def test_several_tables_of_contacts_have_their_own_fields(in_limbas: InLimbas) -> None:
    tables = {"KUNDEN": ["MOBIL"], "LIEFERANTEN": ["TEL", "FAX"], "UNSEEN": ["TEL"]}
    configure(in_limbas.limbas, secret=SECRET, contact_tables=tables)
    found = settings(replace(in_limbas, tables=Tables((*RECORDED, SUPPLIERS))).sidebar())
    assert found["tables"] == {"ANRUFE": 5, "KUNDEN": 4, "LIEFERANTEN": 9}
    assert [(table["table"], table["phone_fields"]) for table in found["contact_tables"]] == [
        ("KUNDEN", [6]),
        ("LIEFERANTEN", [3]),
    ]


def test_a_label_is_told_as_people_read_it(in_limbas: InLimbas) -> None:
    kunden = replace(CONTACTS, label="Kunden &amp; <b>Partner</b>")
    (table,) = settings(replace(in_limbas, tables=RECORDED.with_table(kunden)).sidebar())["contact_tables"]
    assert table["label"] == "Kunden & <b>Partner</b>"


@pytest.mark.parametrize("variable", ["gtab", "gfield"])
@pytest.mark.parametrize("value", [None, "x", {}, {"argresult_id": "x"}, {"argresult_id": {"KUNDEN": ["x"]}}])
def test_a_limbas_that_shows_no_tables_gets_the_entry_all_the_same(
    in_limbas: InLimbas, variable: str, value: Any
) -> None:
    ran = replace(in_limbas, variables={variable: value}).sidebar()
    assert ran.complaints == []
    assert settings(ran)["contact_tables"] == []


@pytest.mark.parametrize("session", [ANNA, ADMINISTRATOR, {}], ids=["anna", "admin", "nobody"])
def test_nothing_is_left_in_limbas_but_names_that_are_ours(either: InLimbas, session: dict[str, Any]) -> None:
    for ran in (either.sidebar(session), either.preview(session), either.dial(session)):
        assert ran.complaints == []
        assert [name for name in ran.left if not name.startswith(OURS)] == []


def test_the_secret_is_in_no_answer(either: InLimbas) -> None:
    for session in (ANNA, ADMINISTRATOR):
        answers = (either.sidebar(session).output, either.preview(session).output, either.dial(session).output)
        assert SECRET not in "".join(answers) + str(either.token(session))


def test_the_preview_is_a_place_for_the_script_with_a_word_until_it_comes(in_limbas: InLimbas) -> None:
    ran = in_limbas.preview()
    assert (ran.called, ran.complaints) == (True, [])
    assert ran.output == '<div class="callmonitor-preview">Die Anrufe werden geladen …</div>'


def test_who_would_see_own_calls_but_has_no_numbers_reads_what_to_do(in_limbas: InLimbas) -> None:
    configure(in_limbas.limbas, secret=SECRET, who_sees={"everyone": "own"})
    assert "Für Sie sind keine eigenen Rufnummern hinterlegt." in Scripts(in_limbas.preview().output).text
    assert "keine eigenen" not in in_limbas.preview({**ANNA, "phone": "**610"}).output


@pytest.mark.parametrize(("language", "word"), [(1, "kann noch nicht selbst wählen"), (2, "cannot dial by itself yet")])
def test_limbas_own_dialling_is_told_plainly_what_is_missing(in_limbas: InLimbas, language: int, word: str) -> None:
    ran = in_limbas.dial({**ANNA, "language": language})
    ((_, script),) = Scripts(ran.output).scripts
    assert (ran.called, ran.complaints) == (True, [])
    assert script.startswith('alert("')
    assert word in script.encode().decode("unicode_escape")
