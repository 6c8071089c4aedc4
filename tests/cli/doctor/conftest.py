from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.doctor import check_boxes
from tests.cli.doctor.office import Office, healthy_office
from tests.valkey import Valkey


@pytest.fixture(autouse=True)
def nobodys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env and no callmonitor.toml of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that hangs up does so at once here; to wait half a second for it a hundred times would be a minute."""
    monkeypatch.setattr(check_boxes, "ALIVE_SECONDS", 0.05)


@pytest.fixture
def office(valkey: Valkey) -> Iterator[Office]:
    with healthy_office(valkey) as office:
        yield office
