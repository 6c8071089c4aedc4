"""What stands in the logs when somebody outside chooses the words: a caller, a box, a record in Limbas."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ATTACKS = (
    "Anna\x1b[2J",
    "Anna\x1b]0;a new title\x07",
    'Anna\n{"event": "forged", "level": "info"}',
    "Anna\r\nINFO forged",
    "Anna\u202egnp.exe",
    "Anna\x9b31m",
    "Anna\u2028forged",
)
PROGRAM = """
import logging, sys, structlog
from shared.logs import configure
configure("web", sys.argv[1])
log = structlog.get_logger()
text = sys.argv[2]
log.info(text, name=text, several=[text])
logging.getLogger("library").warning("%s", text)
try:
    raise ValueError(text)
except ValueError:
    log.exception("failed")
    logging.getLogger("library").exception("%s", text)
"""


def logged(log_format: str, text: str) -> str:
    command = [sys.executable, "-c", PROGRAM, log_format, text]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stderr.decode()


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_a_name_can_neither_steer_a_terminal_nor_forge_a_line(text: str) -> None:
    lines = re.sub(r"\x1b\[\d{1,2}m", "", logged("console", text)).splitlines()

    assert all(line.isprintable() for line in lines)
    assert {line.split()[0][:4] for line in lines if not line.startswith("  ")} == {
        f"{datetime.now(UTC):%Y}",
        "WARN",
        "ERRO",
    }


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_each_json_line_is_one_event_of_ours(text: str) -> None:
    lines = [line for line in logged("json", text).splitlines() if line.startswith("{")]

    events = [json.loads(line) for line in lines]
    assert [event["level"] for event in events[:2]] == ["info", "error"]
    assert events[0]["event"] == events[0]["name"] == text


def test_phone_numbers_are_masked_wherever_they_stand() -> None:
    for log_format in ("console", "json"):
        assert "3023125201" not in logged(log_format, "+493023125201")


def test_a_line_that_finds_the_disk_full_is_lost_and_nothing_else() -> None:
    program = """
from shared.logs import configure
import structlog
configure("ingest", "json")
for _ in range(3):
    structlog.get_logger().error("the disk is full")
print("went on")
"""
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, cwd=ROOT, check=False
        )
    assert run.stdout == b"went on\n"
