"""What jobs tells Prometheus of all groups, the contacts and its own queue, looked up in a real Valkey."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from rq.exceptions import StopRequested

from services.jobs.metrics import LogMetrics
from services.jobs.queue import SYNC, open_queue, put
from shared.contacts.sync_state import Progress, Stage, SyncState
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.jobs.conftest import Office
from tests.shared.making import an_event
from tests.valkey import free_port


@pytest.fixture
def measured(event_log: EventLog) -> LogMetrics:
    return LogMetrics(event_log, open_queue(event_log.redis, STREAM))


def values(measured: LogMetrics, name: str) -> dict[str, float]:
    """A family's samples by their only label; empty text where they have none."""
    found = {family.name: family for family in measured.collect()}
    return {next(iter(sample.labels.values()), ""): sample.value for sample in found[name].samples}


def publish(log: EventLog, count: int) -> None:
    log.publish_lines("office", [([an_event(f"call-{number}")], b"") for number in range(count)])


def take(log: EventLog, group: str, count: int) -> list[bytes]:
    taken: Any = log.redis.xreadgroup(group, "worker", {log.keys.stream: ">"}, count=count)
    return [entry_id for entry_id, _ in taken[0][1]]


def test_an_empty_redis_has_no_groups_and_nothing_to_do(measured: LogMetrics) -> None:
    assert values(measured, "callmonitor_group_lag_events") == {}
    assert values(measured, "callmonitor_dead_letters") == {"": 0}
    assert values(measured, "callmonitor_contacts_read_timestamp_seconds") == {"": 0}
    assert values(measured, "callmonitor_jobs") == {"queued": 0, "running": 0, "scheduled": 0, "failed": 0}


def test_each_group_is_so_many_events_and_so_many_seconds_behind(measured: LogMetrics, event_log: EventLog) -> None:
    for group in ("logger", "matcher"):
        event_log.ensure_group(group)
    publish(event_log, 5)
    for entry in take(event_log, "matcher", 5):
        event_log.redis.xack(event_log.keys.stream, "matcher", entry)
    take(event_log, "logger", 2)

    assert values(measured, "callmonitor_group_lag_events") == {"logger": 3, "matcher": 0}
    assert values(measured, "callmonitor_group_pending_events") == {"logger": 2, "matcher": 0}
    seconds = values(measured, "callmonitor_group_lag_seconds")
    assert seconds["matcher"] == 0
    assert 0 < seconds["logger"] < 60


def test_the_age_is_that_of_the_oldest_event_that_is_not_finished(measured: LogMetrics, event_log: EventLog) -> None:
    now, _ = event_log.redis.time()
    for ago in (5000, 3000, 1000):
        event_log.redis.xadd(event_log.keys.stream, {"event": "{}"}, id=f"{(int(now) - ago) * 1000}-0")
    event_log.ensure_group("logger")

    def age() -> float:
        return round(values(measured, "callmonitor_group_lag_seconds")["logger"], -3)

    assert age() == 5000
    first, second = take(event_log, "logger", 2)
    event_log.redis.xack(event_log.keys.stream, "logger", first)
    assert age() == 3000
    event_log.redis.xack(event_log.keys.stream, "logger", second)
    assert age() == 1000


def test_events_are_counted_where_redis_cannot_tell_how_many_they_are(
    measured: LogMetrics, event_log: EventLog
) -> None:
    publish(event_log, 5)
    event_log.ensure_group("logger")
    ids: Any = event_log.redis.xrange(event_log.keys.stream)
    event_log.redis.xdel(event_log.keys.stream, ids[2][0])
    take(event_log, "logger", 1)
    [group] = event_log.redis.xinfo_groups(event_log.keys.stream)
    assert group["lag"] is None

    assert values(measured, "callmonitor_group_lag_events") == {"logger": 3}


def test_nothing_is_said_while_redis_is_away() -> None:
    with connect(f"redis://127.0.0.1:{free_port()}/0", timeout=0.5) as redis:
        log = EventLog(redis, STREAM, 60)
        assert list(LogMetrics(log, open_queue(redis, STREAM)).collect()) == []


def test_jobs_and_dead_letters_and_the_quarantine_are_counted(
    measured: LogMetrics, event_log: EventLog, redis_client: Redis
) -> None:
    put(open_queue(redis_client, STREAM), SYNC)
    redis_client.xadd(event_log.keys.dead, {"group": "logger"})
    event_log.quarantine("office", "noise", "odd", "2026-11-22T18:00:00Z")

    assert values(measured, "callmonitor_jobs")["queued"] == 1
    assert values(measured, "callmonitor_dead_letters") == {"": 1}
    assert values(measured, "callmonitor_quarantine_lines") == {"": 1}


def test_the_contacts_are_as_old_as_the_last_sync_that_read_them(office: Office, measured: LogMetrics) -> None:
    """A later one that waits for Limbas changes nothing: the contacts in use are still the old ones."""
    office.sync().after_running()
    progress = SyncState(office.log).progress()
    assert progress
    assert progress.read_at
    read_at = values(measured, "callmonitor_contacts_read_timestamp_seconds")
    assert read_at == {"": progress.read_at.timestamp()}

    office.control("PUT", "faults/server-error", {})
    office.stop.set()
    with pytest.raises(StopRequested):
        office.sync().after_running()

    failed = SyncState(office.log).progress()
    assert failed
    assert (failed.stage, failed.sync != progress.sync) == (Stage.FAILED, True)
    assert values(measured, "callmonitor_contacts_read_timestamp_seconds") == read_at


def test_progress_of_an_older_version_is_understood(measured: LogMetrics, event_log: EventLog) -> None:
    old = '{"sync":"1","stage":"done","started_at":"2026-11-22T18:00:00Z","at":"2026-11-22T18:00:01Z"}'
    assert Progress.model_validate_json(old).read_at is None
    event_log.redis.set(event_log.keys.beside("contacts:sync"), old)

    assert values(measured, "callmonitor_contacts_read_timestamp_seconds") == {"": 0}
