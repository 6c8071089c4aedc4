"""`python -m services.jobs`."""

from __future__ import annotations

from threading import Event as StopSignal
from threading import Thread

from services.jobs.metrics import LogMetrics
from services.jobs.queue import SYNC, SYNC_NOW, connect_queue, open_queue
from services.jobs.retention import keep_retention
from services.jobs.schedule import keep_schedule
from services.jobs.settings import JobsSettings
from services.jobs.sync import Sync
from services.jobs.worker import Worker
from shared.event_log import open_event_log
from shared.limbas.client import Limbas
from shared.login_gate import RedisGate
from shared.service import Health, run
from shared.unknown_calls import UnknownCalls


def work(settings: JobsSettings, stop: StopSignal, health: Health) -> None:
    """A thread keeps the schedule; this one does the jobs."""
    event_log = open_event_log(settings)
    sync = Sync(settings, event_log, Limbas(settings, gate=RedisGate(event_log)), stop)
    jobs = {SYNC: sync.unless_running, SYNC_NOW: sync.after_running}
    worker = Worker(connect_queue(settings), settings.event_stream, jobs)
    queue = open_queue(connect_queue(settings), settings.event_stream)
    health.collectors.append(LogMetrics(event_log, queue))
    health.readiness = lambda: {"redis": event_log.answers(), "worker": worker.ready}
    schedule = Thread(
        target=keep_schedule,
        args=(event_log, queue, settings.contacts_sync_minutes * 60, stop),
        daemon=True,
        name="schedule",
    )
    schedule.start()
    unknown = UnknownCalls(event_log, settings.late_link_days)
    Thread(target=keep_retention, args=(event_log, unknown, stop), daemon=True, name="retention").start()
    worker.run(stop)
    schedule.join(timeout=2)


if __name__ == "__main__":
    run("jobs", JobsSettings, work)
