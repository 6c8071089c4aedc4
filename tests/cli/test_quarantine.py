"""`callmonitor quarantine`, as a person runs it, on a real Valkey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import callmonitor
from shared.event_log import QUARANTINE_KEPT, EventLog
from tests.valkey import Valkey

Run = Callable[..., Result]
AT = "2026-11-22T18:00:01.000+00:00"
ODD = "22.11.26 19:00:01;RING;0;03023125201;odd"
FINE = "22.11.26 19:00:01;RING;0;03023125201;4710100;SIP0;"


@pytest.fixture
def run(valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `callmonitor quarantine`, in English."""
    monkeypatch.chdir(tmp_path)
    environment = {"REDIS_URL": valkey.url, "LANG": "en_GB.UTF-8", "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(callmonitor, ["quarantine", *arguments], env=environment, input=answer)

    return run


def ids(log: EventLog) -> list[str]:
    entries: Any = log.redis.xrange(log.keys.quarantine)
    return [entry_id.decode() for entry_id, _ in entries]


def test_without_any_they_say_so(run: Run) -> None:
    assert run("list").output == "There are no malformed lines.\n"
    assert run("drop", "--all", "--language", "de").output == "Es gibt keine unlesbaren Zeilen.\n"


def test_the_list_shows_each_line_whose_it_was_and_what_is_wrong_with_its_number_masked(
    run: Run, event_log: EventLog
) -> None:
    event_log.quarantine("office", ODD, "not a kind of line that is known", AT)
    event_log.quarantine("cologne", "\\xff\\x1b[2J", "not ASCII", AT)

    header, *rows = run("list").output.splitlines()

    assert header.split() == ["ID", "Age", "Box", "Reason", "Line"]
    assert [row.split()[0] for row in rows] == ids(event_log)
    assert "office" in rows[0]
    assert "not a kind of line that is known" in rows[0]
    assert rows[0].endswith(";RING;0;030…01;odd")
    assert rows[1].endswith("\\xff\\x1b[2J")
    assert ODD in run("list", "--reveal").output


def test_a_line_that_this_version_understands_is_said_to_be_one(run: Run, event_log: EventLog) -> None:
    event_log.quarantine("office", FINE, "an older version had its reasons", AT)
    event_log.quarantine("office", "\\x32" + FINE[1:], "not ASCII", AT)

    _, fine, escaped = run("list").output.splitlines()

    assert "this version understands it" in fine
    assert "not ASCII" in escaped


def test_one_is_dropped_or_all_are_after_a_yes(run: Run, event_log: EventLog) -> None:
    for _ in range(3):
        event_log.quarantine("office", ODD, "odd", AT)
    first, *others = ids(event_log)

    assert run("drop", first, "--yes").output == "Removed: 1.\n"
    assert run("drop", "--all", answer="\n").exit_code == 1
    assert ids(event_log) == others
    assert run("drop", "--all", answer="y\n").output.endswith("Removed: 2.\n")
    assert ids(event_log) == []


@pytest.mark.parametrize("arguments", [["drop"], ["drop", "--all", "1-0"], ["drop", "one"]])
def test_what_is_not_clear_is_not_done(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_no_more_are_kept_than_can_be_looked_at(event_log: EventLog) -> None:
    for number in range(QUARANTINE_KEPT + 7):
        event_log.quarantine("office", f"line {number}", "odd", AT)

    entries: Any = event_log.redis.xrange(event_log.keys.quarantine)
    assert len(entries) == QUARANTINE_KEPT
    assert entries[0][1][b"line"] == b"line 7"
