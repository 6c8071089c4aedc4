"""What a person, or a program, gets to read of the doctor."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.demo.processes import Process, stop_all
from cli.demo.programs import Plan
from cli.demo.settings import DemoSettings
from cli.doctor.finding import ok, problem, skipped, warning
from cli.doctor.render import as_json, as_text
from cli.language import texts
from tests.cli.doctor.office import Office, ask
from tests.valkey import free_port
from tests.waiting import eventually

ENGLISH = texts("doctor", "en")
FINDINGS = [
    ok("redis.reach", where="redis.example:6379"),
    warning("limbas.call-id", "not-unique", table="ANRUFE", field="CALLID"),
    problem("box.port", "refused", box="office", where="fritz.box:1012"),
    skipped("box.alive", "box.port", box="office", where="fritz.box:1012"),
]
SECRETS = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$&+=_~", min_size=12, max_size=31)
ROOT = Path(__file__).parents[3]
PAUSED = [HealthCheck.function_scoped_fixture]


def test_a_person_sees_marks_in_line_and_what_to_do() -> None:
    assert (
        click.unstyle(as_text(FINDINGS, ENGLISH, 100))
        == """\
Redis
  ✓ Connection    redis.example:6379 answers.

Limbas
  ! Call id       CALLID is not marked as unique, so Limbas would take a call twice.
                  → Switch its index off and “unique” on in the field list of ANRUFE.

FRITZ!Box office
  ✗ Call monitor  fritz.box:1012 refuses the connection.
                  → Switch the call monitor on by dialling #96*5* on a phone at the box (not in the
                    FRITZ!App Fon).
  · On the line   Not looked at, because of “FRITZ!Box: Call monitor”.

Problems: 1, warnings: 1."""
    )


def test_where_all_is_well_the_last_line_says_so() -> None:
    assert click.unstyle(as_text(FINDINGS[:1], ENGLISH, 100)).endswith("\n\nAll is well.")


@given(st.integers(min_value=1, max_value=200))
def test_nothing_is_wider_than_the_terminal_unless_that_is_tiny(width: int) -> None:
    lines = click.unstyle(as_text(FINDINGS, ENGLISH, width)).splitlines()

    assert all(len(line) <= max(width, 60) for line in lines)


def test_a_machine_gets_the_same_as_one_document() -> None:
    document = json.loads(as_json(FINDINGS, ENGLISH, 1))

    assert document["exit_code"] == 1
    assert document["counts"] == {"ok": 1, "warning": 1, "problem": 1, "skipped": 1}
    assert document["findings"][2] == {
        "check": "box.port",
        "outcome": "refused",
        "status": "problem",
        "about": "office",
        "title": "Call monitor",
        "finding": "fritz.box:1012 refuses the connection.",
        "advice": ("Switch the call monitor on by dialling #96*5* on a phone at the box (not in the FRITZ!App Fon)."),
    }


@pytest.mark.parametrize(
    ("arguments", "locale", "end"),
    [
        ((), {"LANG": "de_AT.UTF-8"}, "Alles in Ordnung.\n"),
        ((), {"LANG": "fr_FR.UTF-8"}, "All is well.\n"),
        (("--language", "en"), {"LANG": "de_DE.UTF-8"}, "All is well.\n"),
        (("--language", "de"), {"LANG": ""}, "Alles in Ordnung.\n"),
    ],
)
def test_it_speaks_the_language_of_the_locale_or_the_one_that_is_asked_for(
    office: Office, arguments: tuple[str, ...], locale: dict[str, str], end: str
) -> None:
    unset = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}

    assert ask(office.environment | unset | locale, *arguments).output.endswith(end)


@given(redis=SECRETS, limbas=SECRETS, web=SECRETS)
@settings(max_examples=15, deadline=None, suppress_health_check=PAUSED)
@pytest.mark.parametrize("arguments", [(), ("--json",), ("--language", "de")])
def test_no_secret_is_ever_printed_where_servers_refuse_it(
    office: Office, arguments: tuple[str, ...], redis: str, limbas: str, web: str
) -> None:
    """The secrets reach servers that say no to them, or stand where they are too short or malformed."""
    office.redis.config_set("requirepass", "another one")
    wrong = {"REDIS_PASSWORD": redis, "LIMBAS_PASSWORD": limbas, "WEB_SECRET": web}

    output = ask(office.environment | wrong, *arguments).output

    assert "redis" in output.lower()
    assert not [secret for secret in (redis, limbas, web) if secret in output]


@given(secret=SECRETS)
@settings(max_examples=15, deadline=None, suppress_health_check=PAUSED)
@pytest.mark.parametrize(
    "setting",
    [
        {"REDIS_URL": "redis://someone:{secret}@127.0.0.1:{port}/0"},
        {"REDIS_URL": "redis://:{secret}@127.0.0.1:http/0"},
        {"REDIS_URL": "redis://127.0.0.1:{port}/0?password={secret}"},
        {"REDIS_URL": "http://someone:{secret}@127.0.0.1/"},
        {"LIMBAS_URL": "https://someone:{secret}@127.0.0.1/"},
        {"LIMBAS_URL": "limbas://someone:{secret}@127.0.0.1/"},
        {"WEB_SECRET": "{secret}"},
    ],
    ids=lambda setting: "-".join(setting.values()),
)
def test_no_secret_is_ever_printed_where_it_stands_in_the_wrong_place(
    office: Office, setting: dict[str, str], secret: str
) -> None:
    wrong = {name: text.format(secret=secret, port=free_port()) for name, text in setting.items()}

    result = ask(office.environment | wrong)

    assert "✗" in result.output
    assert secret not in result.output
    assert "This examination" not in result.output


def test_a_number_in_a_setting_is_masked(office: Office) -> None:
    output = ask(office.environment | {"FRITZBOX_AREA_CODE": "+493023125123"}).output

    assert "FRITZBOX_AREA_CODE is '+493…23'" in output


def test_a_file_gets_a_line_for_a_sentence_and_no_colours(office: Office) -> None:
    del office.environment["LIMBAS_USER"]
    command = [sys.executable, "-m", "cli", "doctor", "--language", "en"]
    environment = os.environ | office.environment | {"PYTHONPATH": str(ROOT)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)

    assert (finished.returncode, finished.stderr) == (1, "")
    assert re.search(
        r"^  ✗ Services .* matcher, jobs, logger: LIMBAS_USER is missing: .*\)\.$", finished.stdout, re.MULTILINE
    )
    assert "\x1b" not in finished.stdout


@contextmanager
def the_demo(folder: Path) -> Iterator[dict[str, str]]:
    """What the services of scripts/demo stand on, and their environment."""
    plan = Plan(DemoSettings(), folder, free_port())
    processes = [Process(program, folder / f"{program.name}.log") for program in plan.foundation()]
    try:
        for process in processes:
            process.start()
        eventually(lambda: not any(process.program.waits_for() for process in processes), within=20)
        environment: dict[str, str] = {}
        for program in plan.services():
            environment |= program.environment
        yield environment | plan.login("operator")
    finally:
        stop_all(processes)


@pytest.mark.system
def test_the_demo_is_all_green(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with the_demo(tmp_path) as environment:
        result = ask(environment, "--language", "en")

    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "All is well.")
