"""An office in which the simulators and a Valkey run, and none of the services yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.valkey.start()
    with office.limbas, office.box:
        yield office
    office.close()
