"""Every key that the running system leaves in Redis is on the page about personal data, and ends as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from redis import Redis

from shared import forgotten, limbas_state
from shared.contacts.phonebook import Phonebook
from shared.event_log import EventLog
from shared.limbas_state import LimbasState
from shared.login_gate import RedisGate
from shared.redis_client import connect
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

DOCS = Path(__file__).parents[2] / "docs"
STREAM = "callmonitor:events"


@dataclass(frozen=True)
class Row:
    """A line of the table of keys."""

    patterns: tuple[str, ...]
    days: str
    """What it says of the time, as far as that is the same in all languages: settings and numbers."""
    ends_by_itself: bool

    def is_about(self, key: str) -> bool:
        name = key.removeprefix(f"{{{STREAM}}}:")
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)


def rows(page: str) -> list[Row]:
    found = []
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and "`" in cells[0]:
            patterns = tuple(re.findall(r"`([^`]+)`", cells[0]))
            days = " ".join(re.findall(r"`[^`]+`|\d+", cells[2]))
            found.append(Row(patterns, days, cells[3] in ("yes", "ja")))
    return found


def test_both_languages_say_the_same() -> None:
    assert rows("privacy.md") == rows("datenschutz.md")
    assert len(rows("privacy.md")) > 10


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """After a day in the office on which also went wrong what can."""
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box, connect(office.valkey.url) as redis:
        for service in SERVICES:
            office.start(service)
        office.box.wait_for_client(timeout=20)
        assert office.callmonitor("contacts", "sync").returncode == 0
        for number in ("03023125201", "03023125777", ""):
            office.says(f"RING;0;{number};4710100;SIP0;")
            office.says(f"CONNECT;0;10;{number};")
            office.says("DISCONNECT;0;7;")
        office.says("RING;0;03023125100;4710100;SIP0;")
        office.says("no line of a call monitor")
        eventually(lambda: len(office.rows("ANRUFE")) == 4, within=20)
        eventually(lambda: redis.exists(f"{{{STREAM}}}:unknown", f"{{{STREAM}}}:quarantine") == 2, within=20)
        assert office.callmonitor("contacts", "pin", "03023125201", "KUNDEN:1").returncode == 0
        log = EventLog(redis, STREAM, retention_seconds=7 * 24 * 3600)
        log.redis.xadd(log.keys.dead, {"event": "{}"})
        Phonebook(log).replace("office", {"+493023125201": ["Anna"]})
        Phonebook(log).merge(["office"])
        limbas_state.tell(log, LimbasState.AWAY)
        RedisGate(log).close(60)
        forgotten.tell(log)
        yield redis
    office.close()


def test_every_key_is_on_the_page_and_ends_as_it_says(redis: Redis) -> None:
    table = rows("privacy.md")

    keys = [key.decode() for key in redis.scan_iter(count=10_000)]

    known = {key: [row for row in table if row.is_about(key)] for key in keys}
    assert [key for key, found in known.items() if not found] == []
    seen = {row for found in known.values() for row in found}
    assert [row.patterns for row in table if row not in seen] == []
    ends = {key: any(row.ends_by_itself for row in found) for key, found in known.items() if not key.startswith("rq:")}
    assert {key for key, itself in ends.items() if itself and redis.ttl(key) == -1} == set()
