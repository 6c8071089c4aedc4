"""The jobs of an office: a simulated Limbas over HTTP and an event log on a real Valkey."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from services.jobs.settings import JobsSettings
from services.jobs.sync import Sync
from shared.event_log import EventLog
from shared.limbas.client import Limbas
from shared.login_gate import RedisGate
from simulators.limbas.server import LimbasSimulator
from tests.conftest import OpenLog
from tests.valkey import Valkey


class Office:
    """What the jobs' tests have to do with."""

    def __init__(self, simulator: LimbasSimulator, valkey: Valkey, event_log: EventLog, open_log: OpenLog) -> None:
        self.limbas = simulator
        self.valkey = valkey
        self.log = event_log
        self._open_log = open_log
        self.stop = threading.Event()

    def settings(self, **changes: Any) -> JobsSettings:
        given: dict[str, Any] = {"fritzbox_area_code": "0221", "redis_url": self.valkey.url, **changes}
        return JobsSettings(
            _env_file=None,
            limbas_url=self.limbas.url,
            limbas_user="callmonitor",
            limbas_password=SecretStr("callmonitor"),
            limbas_timeout=5,
            **given,
        )

    def sync(self, **changes: Any) -> Sync:
        """One worker's, with a connection of its own."""
        settings = self.settings(**changes)
        log = self._open_log(self.valkey.url)
        return Sync(settings, log, Limbas(settings, gate=RedisGate(log)), self.stop)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A word with the simulator; `simulators.limbas.control` has the words."""
        answer = requests.request(method, f"{self.limbas.url}/_simulator/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def office(event_log: EventLog, open_log: OpenLog, valkey: Valkey) -> Iterator[Office]:
    with LimbasSimulator() as simulator:
        office = Office(simulator, valkey, event_log, open_log)
        yield office
        office.stop.set()


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Starts something on a thread; that has to end before the test does."""
    threads = []

    def start(work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        return thread

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
