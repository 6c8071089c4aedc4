from __future__ import annotations

from pathlib import Path

import pytest

from shared.events import Direction, Outcome, State
from shared.limbas.settings import CallSpellings, CallsTable, LimbasSettings
from shared.limbas.template import Template
from shared.settings import SettingsError, load
from tests.shared.making import a_call

ENVIRONMENT = {"LIMBAS_URL": "https://limbas.example", "LIMBAS_USER": "callmonitor", "LIMBAS_PASSWORD": "geheim"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without settings, and the three that everybody has to make."""
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def configured(toml: str) -> LimbasSettings:
    Path("callmonitor.toml").write_text(toml)
    return load(LimbasSettings)


def test_the_defaults_fit_the_documented_tables() -> None:
    settings = load(LimbasSettings)
    assert settings.calls == CallsTable()
    [customers] = settings.contacts
    assert (customers.table, customers.relation, customers.numbers) == ("KUNDEN", "KUNDE", ("TELEFON", "MOBIL"))
    assert customers.fields == ("TELEFON", "MOBIL", "VORNAME", "NAME", "FIRMA")
    assert (settings.limbas_timeout, settings.limbas_timezone, settings.limbas_soap_base64) == (
        30,
        "Europe/Berlin",
        False,
    )


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://limbas.example", "https://limbas.example/main_soap.php"),
        ("https://limbas.example/", "https://limbas.example/main_soap.php"),
        ("http://limbas.example:8080/limbas", "http://limbas.example:8080/limbas/main_soap.php"),
        ("http://[::1]/limbas/main_soap.php", "http://[::1]/limbas/main_soap.php"),
        ("HTTPS://limbas.example/main_soap.php", "https://limbas.example/main_soap.php"),
    ],
)
def test_the_address_may_be_written_in_several_ways(url: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMBAS_URL", url)
    assert load(LimbasSettings).soap_address == address


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("LIMBAS_URL", "limbas.example", "https://limbas.example/"),
        ("LIMBAS_URL", "ftp://limbas.example", "https://limbas.example/"),
        ("LIMBAS_URL", "https://", "https://limbas.example/"),
        ("LIMBAS_URL", "https://limbas.example:99999/", "https://limbas.example/"),
        ("LIMBAS_URL", "http://[::1", "https://limbas.example/"),
        ("LIMBAS_URL", "https://u:p@limbas.example", "LIMBAS_PASSWORD"),
        ("LIMBAS_URL", "https://limbas.example/?action=x", "before the ?"),
        ("LIMBAS_USER", "x" * 31, "30 characters"),
        ("LIMBAS_USER", "o'connor", "'"),
        ("LIMBAS_TIMEOUT", "0", "greater than 0"),
        ("LIMBAS_TIMEOUT", "soon", "number"),
        ("LIMBAS_TIMEZONE", "Berlin", "Europe/Berlin"),
        ("LIMBAS_CA_FILE", "not-there.pem", "no such file"),
        ("LIMBAS_SOAP_BASE64", "perhaps", "boolean"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    name: str, value: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load(LimbasSettings)
    sentence = str(raised.value)
    assert sentence.startswith(name)
    assert hint in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_setting_is_one_sentence_that_names_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"^{name} is missing"):
        load(LimbasSettings)


def test_the_password_may_stand_in_a_file_and_is_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LIMBAS_PASSWORD")
    (tmp_path / "secret").write_text("sehr geheim\n")
    monkeypatch.setenv("LIMBAS_PASSWORD_FILE", str(tmp_path / "secret"))
    settings = load(LimbasSettings)
    assert settings.limbas_password.get_secret_value() == "sehr geheim"
    assert "geheim" not in repr(settings)


def test_a_password_in_the_wrong_place_is_not_shown_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMBAS_URL", "https://callmonitor:geheim@limbas.example")
    with pytest.raises(SettingsError, match="LIMBAS_PASSWORD") as raised:
        load(LimbasSettings)
    assert "geheim" not in str(raised.value)


def test_a_site_has_names_and_spellings_of_its_own() -> None:
    settings = configured(
        """
        [calls]
        table = "TELEFONATE"
        [calls.fields]
        call_id = "KENNUNG"
        extension = ""
        [calls.values]
        inbound = "eingehend"
        not_reached = "nicht erreicht"

        [[contacts]]
        table = "PERSONEN"
        relation = "PERSON"
        numbers = ["TEL", "MOBIL", "TEL_PRIVAT"]
        name = "{TITEL} {NACHNAME}"

        [[contacts]]
        table = "LIEFERANTEN"
        numbers = ["ZENTRALE"]
        name = "{FIRMA}"
        company = "{FIRMA}, {ORT}"
        """
    )
    assert settings.calls.table == "TELEFONATE"
    assert (settings.calls.fields.call_id, settings.calls.fields.extension) == ("KENNUNG", "")
    assert settings.calls.values.direction(Direction.INBOUND) == "eingehend"
    people, suppliers = settings.contacts
    assert people.fields == ("TEL", "MOBIL", "TEL_PRIVAT", "TITEL", "NACHNAME")
    assert (suppliers.relation, suppliers.fields) == ("", ("ZENTRALE", "FIRMA", "ORT"))


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ('[calls]\ntabel = "X"', "calls.tabel"),
        ('[calls.fields]\ncall_id = ""', "calls.fields.call_id"),
        ('[calls.fields]\ncolour = "X"', "calls.fields.colour"),
        ("[calls.fields]\nduration = 5", "calls.fields.duration"),
        ("contacts = []", "CONTACTS"),
        ('[[contacts]]\ntable = "X"\nnumbers = ["A"]', "contacts.0.name"),
        ('[[contacts]]\ntable = "X"\nname = "{A}"\nnumbers = []', "contacts.0.numbers"),
        ('[[contacts]]\ntable = "X"\nname = "{A}"\nnumbers = [""]', "contacts.0.numbers.0"),
        ('[[contacts]]\ntable = "X"\nname = "A"\nnumbers = ["A"]', "{VORNAME} {NAME}"),
        ('[[contacts]]\ntable = "X"\nname = "{A"\nnumbers = ["A"]', "each {"),
        ('[[contacts]]\ntable = "X"\nname = 5\nnumbers = ["A"]', "contacts.0.name"),
        ('[[contacts]]\ntable = "X"\nname = "{A}"\nnumbers = ["A"]\nrelation = "R"\n' * 2, "relation field of its own"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_that_names_it(toml: str, hint: str) -> None:
    with pytest.raises(SettingsError) as raised:
        configured(toml)
    assert hint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_direction_state_and_outcome_has_a_spelling() -> None:
    spellings = CallSpellings()
    assert [spellings.direction(direction) for direction in Direction] == ["inbound", "outbound"]
    assert spellings.direction(None) == ""
    under_way = [a_call(state=state, outcome=None) for state in State]
    assert [spellings.status(call) for call in under_way] == ["ringing", "dialing", "connected", "lost"]
    ended = [a_call(state=State.ENDED, outcome=outcome) for outcome in Outcome]
    assert [spellings.status(call) for call in ended] == [
        "answered", "missed", "voicemail", "not reached", "lost",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{VORNAME} {NAME}", {"VORNAME": "Anna", "NAME": "Schmidt"}, "Anna Schmidt"),
        ("{VORNAME} {NAME}", {"VORNAME": "", "NAME": "Schmidt"}, "Schmidt"),
        ("{NAME}, {VORNAME}", {"VORNAME": "", "NAME": "Schmidt"}, "Schmidt"),
        ("{NAME}, {VORNAME}", {}, ""),
        ("{FIRMA} ({ORT})", {"FIRMA": "Keller AG", "ORT": "Zürich"}, "Keller AG (Zürich)"),
        ("{NAME}", {"NAME": "{VORNAME}  x"}, "{VORNAME} x"),
    ],
)
def test_a_template_leaves_no_trace_of_what_is_empty(template: str, values: dict[str, str], text: str) -> None:
    assert Template(template).fill(values) == text
