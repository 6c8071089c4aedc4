"""`callmonitor token`, as a person runs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.main import main
from services.web.rights import EVERYTHING
from services.web.tokens import verify

SECRET = "not-a-secret-but-long-enough-for-hs256"


class Result(NamedTuple):
    exit_code: int | str | None
    output: str
    errors: str


Run = Callable[..., Result]


@pytest.fixture
def callmonitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in an empty folder, with some environment."""

    def run(*arguments: str, **environment: str) -> Result:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["callmonitor", *arguments])
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        return Result(ended.value.code, *capsys.readouterr())

    return run


def test_the_token_names_its_user_and_ends_when_asked(callmonitor: Run) -> None:
    result = callmonitor("token", "--user", "anna", "--hours", "2", WEB_SECRET=SECRET)

    assert (result.exit_code, result.errors) == (0, "")
    identity = verify(SECRET, result.output.strip())
    assert identity.user == "anna"
    assert identity.expires_at == pytest.approx(time.time() + 2 * 3600, abs=30)


def test_the_token_opens_every_call_unless_it_is_for_certain_ones(callmonitor: Run) -> None:
    everything = callmonitor("token", WEB_SECRET=SECRET)
    own = ("--calls", "own", "--own-number", "069 90009-0", "--own-number", "90009-1", "--extension", "kanzlei/10")
    certain = callmonitor("token", *own, WEB_SECRET=SECRET)

    assert verify(SECRET, everything.output.strip()).rights == EVERYTHING
    assert verify(SECRET, certain.output.strip()).rights.claims() == {
        "calls": "own",
        "own_numbers": ["069 90009-0", "90009-1"],
        "extensions": ["kanzlei/10"],
    }


@pytest.mark.parametrize(
    ("environment", "page"),
    [
        ({}, "http://127.0.0.1:8080/#token="),
        ({"WEB_HOST": "0.0.0.0", "WEB_PORT": "9000"}, "http://127.0.0.1:9000/#token="),  # noqa: S104 - a container's
        ({"WEB_HOST": "::1"}, "http://[::1]:8080/#token="),
    ],
)
def test_the_url_is_the_signed_in_page(callmonitor: Run, environment: dict[str, str], page: str) -> None:
    result = callmonitor("token", "--url", WEB_SECRET=SECRET, **environment)

    assert result.output.startswith(page)
    assert verify(SECRET, result.output.strip().removeprefix(page)).user == "callmonitor"


def test_the_secret_can_stand_in_a_file(callmonitor: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")

    result = callmonitor("token", WEB_SECRET_FILE=str(tmp_path / "secret"))

    assert verify(SECRET, result.output.strip()).user == "callmonitor"


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        ((), {}, "WEB_SECRET is missing"),
        ((), {"WEB_SECRET": "a short one"}, "WEB_SECRET is wrong"),
        ((), {"WEB_SECRET_FILE": "/nowhere/secret"}, "Cannot read /nowhere/secret: No such file or directory."),
        (("--hours", "13"), {"WEB_SECRET": SECRET}, "13.0 is not in the range"),
        (("--user", ""), {"WEB_SECRET": SECRET}, "a token has to name a user"),
        (("--calls", "some"), {"WEB_SECRET": SECRET}, "'some' is not one of 'all', 'own'"),
        (("--own-number", " "), {"WEB_SECRET": SECRET}, "`own_numbers` has to be a list of phone numbers"),
        (("--extension", "**610"), {"WEB_SECRET": SECRET}, "`extensions` has to be a list of codes as `10`"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_exit_code_2(
    callmonitor: Run, arguments: tuple[str, ...], environment: dict[str, str], sentence: str
) -> None:
    result = callmonitor("token", *arguments, **environment)

    assert (result.exit_code, result.output) == (2, "")
    assert sentence in result.errors
    assert "a short one" not in result.errors
