from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.boxes import Box, Tr064Settings
from shared.settings import SettingsError, load


@pytest.mark.parametrize("name", ["Berlin", "Europe", "../etc/passwd", "", "\0"])
def test_a_time_zone_that_does_not_exist_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValidationError, match="is no time zone; write it as Europe/Berlin"):
        Box(host="fritz.box", timezone=name)


def test_a_time_zone_that_exists_is_taken() -> None:
    assert Box(host="fritz.box", timezone="Europe/Zurich").timezone == "Europe/Zurich"


@pytest.mark.parametrize(
    "passwords", [{}, {"password": "secret", "password_file": "/run/secrets/fritzbox"}], ids=["none", "two"]
)
def test_a_user_needs_one_password(passwords: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a user needs password or password_file, and not both"):
        Box.model_validate({"host": "fritz.box", "user": "callmonitor", **passwords})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: empty but for what a test puts there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_box_is_set_by_flat_names_and_a_file_with_the_password(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "password").write_text("open sesame\n")
    (folder / ".env").write_text(
        "FRITZBOX_HOST=fritz.box\nFRITZBOX_USER=callmonitor\nFRITZBOX_PASSWORD_FILE=password\nFRITZBOX_TLS=true\n"
    )
    monkeypatch.setenv("FRITZBOX_AREA_CODE", "221")

    [box] = load(Tr064Settings).every_box()

    assert (box.host, box.area_code, box.user, box.tls) == ("fritz.box", "221", "callmonitor", True)
    assert box.password
    assert box.password.get_secret_value() == "open sesame"


def test_without_a_user_tr064_is_not_used(folder: Path) -> None:
    (folder / ".env").write_text("FRITZBOX_HOST=fritz.box\nFRITZBOX_PASSWORD=idle\n")

    assert [box.user for box in load(Tr064Settings).every_box()] == [""]


def test_a_user_without_a_password_is_explained(folder: Path) -> None:
    (folder / ".env").write_text("FRITZBOX_HOST=fritz.box\nFRITZBOX_USER=callmonitor\n")

    with pytest.raises(SettingsError, match=r"^FRITZBOX_PASSWORD is missing: set it, or FRITZBOX_PASSWORD_FILE"):
        load(Tr064Settings)


def test_two_boxes_of_one_name_are_refused(folder: Path) -> None:
    (folder / "callmonitor.toml").write_text('[[boxes]]\nhost = "a"\n[[boxes]]\nhost = "b"\n')

    with pytest.raises(SettingsError, match=r"^Two boxes are called 'fritzbox': give each of the \[\[boxes\]\]"):
        load(Tr064Settings)


@pytest.mark.parametrize(
    "line", ['passwort = "sesame"', "password = 4711815", 'user = "x"\nnickname = 1\npassword = "sesame"']
)
def test_a_boxs_password_is_not_shown_when_something_is_wrong(folder: Path, line: str) -> None:
    (folder / "callmonitor.toml").write_text(f'[[boxes]]\nhost = "fritz.box"\n{line}\n')

    with pytest.raises(SettingsError, match=r"^boxes\.0") as error:
        load(Tr064Settings)
    assert "sesame" not in str(error.value)
    assert "4711815" not in str(error.value)
