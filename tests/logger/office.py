"""An office for the logger's tests: a simulated Limbas, an event log, and loggers that are started and stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from pydantic import SecretStr

from services.logger.handler import Handler
from services.logger.ledger import Ledger
from services.logger.reconcile import Reconciler
from services.logger.state import teller
from shared.consumer import Consumer
from shared.event_log import ORIGIN, EventLog
from shared.events import CallEvent, CallRecorded, Candidate, ContactResolved, Match, Source
from shared.limbas.client import Limbas
from shared.limbas.settings import LimbasSettings
from shared.login_gate import RedisGate
from shared.redis_client import connect
from shared.unknown_calls import UnknownCalls
from simulators.limbas.server import LimbasSimulator
from tests.waiting import eventually

DAY = 24 * 3600.0


class Office:
    """What the logger's tests have to do with."""

    def __init__(self, simulator: LimbasSimulator, event_log: EventLog, redis_url: str) -> None:
        self.limbas = simulator
        self.log = event_log
        self._redis_url = redis_url

    def settings(self, **changes: Any) -> LimbasSettings:
        return LimbasSettings(
            **{"limbas_timeout": 5} | changes,
            _env_file=None,
            limbas_url=self.limbas.url,
            limbas_user="callmonitor",
            limbas_password=SecretStr("callmonitor"),
        )

    def happens(self, *events: CallEvent | ContactResolved) -> None:
        for event in events:
            if isinstance(event, CallEvent):
                self.log.publish_lines(event.call.box, [([event], b"")])
            else:
                self.log.publish(event)

    @contextmanager
    def logger(self, name: str = "logger-1", **changes: Any) -> Iterator[Consumer]:
        """A logger that works until the block ends."""
        with connect(self._redis_url) as redis:
            consumer = self._consumer(name, self.settings(**changes), EventLog(redis, self.log.keys.stream, DAY))
            stop = threading.Event()
            thread = threading.Thread(target=consumer.run, args=(stop,))
            thread.start()
            try:
                yield consumer
            finally:
                stop.set()
                thread.join(10)
                assert not thread.is_alive()

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A word with the simulator; `simulators.limbas.control` has the words."""
        answer = requests.request(method, f"{self.limbas.url}/_simulator/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def records(self) -> dict[str, dict[str, Any]]:
        """What Limbas holds: the fields of each call's only record, and its links as `KUNDE`."""
        rows = self.control("GET", "records/ANRUFE")
        found = {row["fields"]["CALLID"]: row["fields"] | row["links"] | {"ID": row["id"]} for row in rows}
        odd = [row for row in rows if found[row["fields"]["CALLID"]]["ID"] != row["id"]]
        assert not odd, f"records too many: {odd}"
        return found

    def announced(self) -> list[CallRecorded]:
        events = [logged.event for logged in self.log.read(ORIGIN, count=10_000, block_seconds=0.01)]
        return [event for event in events if isinstance(event, CallRecorded)]

    def settled(self) -> bool:
        """Whether every event was acknowledged."""
        groups: Any = self.log.redis.xinfo_groups(self.log.keys.stream)
        return bool(groups) and all(group["pending"] == 0 and not group["lag"] for group in groups)

    def wait_until_settled(self, within: float = 10) -> None:
        eventually(self.settled, within)

    def _consumer(self, name: str, settings: LimbasSettings, log: EventLog) -> Consumer:
        ledger = Ledger(log, name, DAY, UnknownCalls(log, days=30), answer_seconds=1.5)
        reconciler = Reconciler(Limbas(settings, gate=RedisGate(log)), settings.calls, settings.contacts, ledger)
        handler = Handler(ledger, reconciler, settings.calls.table)
        return Consumer(
            log, "logger", name, handler, take_over_seconds=0.4, heartbeat=ledger.renew, on_wait=teller(log)
        )


def it_is(call_id: str, record_id: int, name: str = "Somebody") -> ContactResolved:
    """The matcher is sure."""
    candidate = Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table="KUNDEN", record_id=record_id)
    return ContactResolved(call_id=call_id, candidates=(candidate,), sure=True)
