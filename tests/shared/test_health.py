"""Health: what a service answers, and the check that containers ask with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from shared.health_check import main
from shared.service import Health
from shared.settings import CommonSettings
from tests.valkey import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def health(port: int) -> Iterator[Health]:
    health = Health("127.0.0.1", port)
    health.start()
    yield health
    health.stop()


@pytest.fixture
def check(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments that a container's health check gets."""
    monkeypatch.setattr("sys.argv", ["health_check", f"http://127.0.0.1:{port}/readyz"])


@pytest.mark.usefixtures("check")
def test_a_service_is_ready_when_it_has_all_that_it_depends_on(health: Health, port: int) -> None:
    health.readiness = lambda: {"redis": True, "contacts": True}

    answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"redis": True, "contacts": True})
    assert main() == 0


@pytest.mark.usefixtures("check")
def test_a_service_that_lacks_something_says_what_and_is_alive_all_the_same(health: Health, port: int) -> None:
    health.readiness = lambda: {"redis": True, "contacts": False}

    answer = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    assert (answer.status_code, answer.json()) == (503, {"redis": True, "contacts": False})
    assert main() == 1
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200


def test_unless_told_otherwise_only_this_machine_may_ask(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEALTH_HOST", raising=False)
    health = Health(CommonSettings(_env_file=None).health_host, port)
    health.start()
    try:
        assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):  # another address of this machine, as a network has them
            requests.get(f"http://127.0.0.2:{port}/healthz", timeout=5)
    finally:
        health.stop()


@pytest.mark.usefixtures("check", "health")
def test_a_service_that_has_just_started_is_not_ready() -> None:
    assert main() == 1


@pytest.mark.usefixtures("check")
def test_nobody_there_is_not_ready() -> None:
    assert main() == 1
