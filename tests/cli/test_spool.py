"""`callmonitor spool`, as a person runs it: without Redis, since it is of use when that is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import callmonitor
from services.ingest.spool import Spool
from services.ingest.spool_folder import SpoolFolder
from services.ingest.spool_record import Kind
from tests.ingest.running import NOW, RETENTION, answer, ring

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `callmonitor spool`, in English, with a Redis that is not there."""
    monkeypatch.chdir(tmp_path)
    environment = {"REDIS_URL": "redis://127.0.0.1:1/0", "LANG": "en_GB.UTF-8", "LANGUAGE": "", "LC_ALL": ""}
    environment |= {"LC_MESSAGES": "", "SPOOL_DIR": str(tmp_path / "spool")}

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(callmonitor, ["spool", *arguments], env=environment)

    return run


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """That of an ingest that runs."""
    with SpoolFolder(tmp_path / "spool") as folder:
        spool = Spool(folder.file_of("office"), RETENTION)
        for received in (ring(0, caller="03023125100"), answer(0)):
            assert isinstance(received.line, bytes)
            spool.append(Kind.LINE, received.line, received.at)
        yield spool


def test_what_waits_is_listed_and_whether_an_ingest_has_it(run: Run, spool: Spool) -> None:
    spool.settle(spool.take(1, 0)[0].number)
    spool.tend()
    titles, row = run("list").output.splitlines()
    assert titles.split() == ["Spool", "State", "Waiting", "Oldest", "Bytes", "Damaged"]
    assert row.split()[:4] == ["1/office", "in", "use", "1"]


def test_what_an_ingest_left_behind_is_told_apart(run: Run, tmp_path: Path) -> None:
    with SpoolFolder(tmp_path / "spool") as folder:
        Spool(folder.file_of("office"), RETENTION).close()
    assert "left behind" in run("list").output


def test_lines_are_shown_with_masked_numbers_unless_they_are_to_be_revealed(run: Run, spool: Spool) -> None:
    spool.append(Kind.IGNORED, b"3", NOW)
    spool.append(Kind.MALFORMED, b"03023125100 \x1b[2J", NOW, "control characters")
    shown = run("show", "1/office").output
    assert "22.11.26 18:00:01;RING;0;030…00;690…90;SIP0;" in shown
    assert "22.11.26 18:00:09;CONNECT;0;10;030…01;" in shown
    assert "(an ignored call on connection 3)" in shown
    assert "(a malformed line of 16 bytes; --reveal shows it)" in shown
    assert "23125100" not in shown
    revealed = run("show", "1/office", "--reveal").output
    assert "22.11.26 18:00:01;RING;0;03023125100;6900090;SIP0;" in revealed
    assert "\x1b" not in revealed, "it must not steer the terminal"


def test_a_short_number_is_not_shown_at_all(run: Run, spool: Spool) -> None:
    spool.append(Kind.LINE, b"22.11.26 18:00:01;RING;1;4711;99;SIP0;", NOW)
    assert "22.11.26 18:00:01;RING;1;…;99;SIP0;" in run("show", "1/office").output


def test_where_there_is_none_that_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    assert run("list").output == "There are no spools: ingest has not run with this folder.\n"
    missing = run("show", "1/office")
    assert (missing.exit_code, missing.output) == (1, "Error: There is no spool 1/office.\n")
