"""`python -m services.logger`."""

from __future__ import annotations

from threading import Event as StopSignal

from services.logger.handler import Handler
from services.logger.ledger import Ledger
from services.logger.reconcile import Reconciler
from services.logger.settings import LoggerSettings
from services.logger.state import teller
from shared.consumer import Consumer, worker_name
from shared.event_log import open_event_log
from shared.limbas.client import Limbas
from shared.login_gate import RedisGate
from shared.service import Health, run
from shared.unknown_calls import DAY, UnknownCalls

BATCH = 200
"""Events. When calls pile up, one request to Limbas carries the newest of up to as many of them."""


def work(settings: LoggerSettings, stop: StopSignal, health: Health) -> None:
    """Record calls until told to stop."""
    event_log, worker = open_event_log(settings), worker_name()
    unknown = UnknownCalls(event_log, settings.late_link_days)
    ledger = Ledger(
        event_log, worker, settings.retention_days * DAY, unknown, answer_seconds=2 * settings.limbas_timeout
    )
    limbas = Limbas(settings, gate=RedisGate(event_log))
    reconciler = Reconciler(limbas, settings.calls, settings.contacts, ledger)
    handler = Handler(ledger, reconciler, settings.calls.table)
    consumer = Consumer(
        event_log, "logger", worker, handler, batch=BATCH, heartbeat=ledger.renew, on_wait=teller(event_log)
    )
    health.readiness = lambda: {
        "redis": event_log.answers(),
        "group": consumer.ready,
        "limbas": not consumer.waiting,
    }
    consumer.run(stop)


if __name__ == "__main__":
    run("logger", LoggerSettings, work)
