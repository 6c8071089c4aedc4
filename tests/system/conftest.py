"""Offices in which the simulators and a Valkey run, and none of the services yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guarded_valkey import GuardedValkey
from tests.system.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One whose Redis lets everybody in."""
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box:
        yield office
    office.close()


@pytest.fixture
def guarded_valkey(tmp_path: Path) -> Iterator[GuardedValkey]:
    """A server with the access rules that Docker Compose's Redis has."""
    server = GuardedValkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def guarded_office(tmp_path: Path, guarded_valkey: GuardedValkey) -> Iterator[Office]:
    """One in which every service, and the command line, has its own login."""
    office = Office(tmp_path, guarded_valkey)
    for name, password in guarded_valkey.passwords.items():
        office.logins[name] = {"REDIS_USERNAME": name, "REDIS_PASSWORD": password}
    with office.limbas, office.box:
        yield office
    office.close()
