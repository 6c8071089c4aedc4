"""Where settings come from, which one wins, and what a person reads when one is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, SecretStr

from shared.settings import CommonSettings, SettingsError, load, load_or_exit


class Settings(CommonSettings):
    limbas_url: str
    limbas_password: SecretStr = SecretStr("")
    limbas_links: dict[str, str] = Field(default_factory=dict)
    web_port: Annotated[int, Field(ge=1, le=65535)] = 8080


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: empty, and LIMBAS_URL is set, as it has no default."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIMBAS_URL", "https://limbas.example")
    return tmp_path


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_configuration_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "callmonitor.toml").write_text('web_port = 1\nevent_stream = "toml"\nretention_days = 1\n')
    (folder / ".env").write_text("WEB_PORT=2\nEVENT_STREAM=dotenv\n")
    monkeypatch.setenv("WEB_PORT", "3")

    settings = load(Settings)

    assert (settings.web_port, settings.event_stream, settings.retention_days) == (3, "dotenv", 1)


def test_an_empty_value_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("EVENT_STREAM=\n")
    monkeypatch.setenv("WEB_PORT", "")

    assert (load(Settings).web_port, load(Settings).event_stream) == (8080, "callmonitor:events")


@pytest.mark.parametrize("where", ["environment", "dotenv"])
def test_a_secret_can_stand_in_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    (folder / "password").write_text("open sesame\n")
    (folder / ".env").write_text("LIMBAS_PASSWORD_FILE=password\n" if where == "dotenv" else "")
    if where == "environment":
        monkeypatch.setenv("LIMBAS_PASSWORD_FILE", str(folder / "password"))

    assert load(Settings).limbas_password.get_secret_value() == "open sesame"


def test_the_configuration_file_can_have_another_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "office.toml").write_text("web_port = 81\n")
    monkeypatch.setenv("CALLMONITOR_CONFIG", "office.toml")

    assert load(Settings).web_port == 81


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WEB_PORT", "http", "WEB_PORT is 'http', which is wrong: input should be a valid integer"),
        ("WEB_PORT", "70000", "WEB_PORT is '70000', which is wrong: input should be less than or equal to 65535."),
        ("REDIS_URL", "localhost", "REDIS_URL is 'localhost', which is wrong: "),
        ("LIMBAS_URL", "", "LIMBAS_URL is missing: set it in the environment, in .env or in the configuration file"),
        ("LIMBAS_PASSWORD_FILE", "nowhere", "Cannot read nowhere: No such file or directory."),
        ("CALLMONITOR_CONFIG", "nowhere.toml", "Cannot read nowhere.toml: No such file or directory."),
        ("CALLMONITOR_CONFIG", "broken.toml", "The configuration file is not valid TOML: "),
        ("CALLMONITOR_CONFIG", "latin1.toml", "The configuration file, .env or a secret's file is not UTF-8"),
        ("LIMBAS_PASSWORD_FILE", "latin1.toml", "The configuration file, .env or a secret's file is not UTF-8"),
        ("LIMBAS_LINKS", "{KUNDEN: none}", "LIMBAS_LINKS is no valid JSON: "),
    ],
)
def test_a_wrong_setting_ends_the_service_with_one_sentence_and_exit_code_2(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    sentence: str,
) -> None:
    (folder / "latin1.toml").write_bytes("ort = 'Köln'".encode("latin-1"))
    (folder / "broken.toml").write_text("web_port = = 1\n")
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        load_or_exit(Settings)

    output, errors = capsys.readouterr()
    assert (ended.value.code, output) == (2, "")
    assert errors.startswith(sentence)
    assert errors.count("\n") == 1


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class LongSecret(Settings):
        web_secret: Annotated[SecretStr, Field(min_length=32)]

    monkeypatch.setenv("WEB_SECRET", "open sesame")

    with pytest.raises(SettingsError, match=r"^WEB_SECRET is wrong: .*\.$") as error:
        load(LongSecret)
    assert "sesame" not in str(error.value)
