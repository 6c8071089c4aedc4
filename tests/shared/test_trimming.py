"""How long events stay, on a real Valkey: for the retention, longer for a group that is behind, but not for ever."""

from __future__ import annotations

import time
from typing import Any

from redis import Redis
from structlog.testing import capture_logs

from shared.event_log import EventLog
from shared.events import ContactResolved
from shared.trimming import DROPPED, HARD_LIMIT
from tests.shared.making import an_event

RETENTION = 7 * 24 * 3600.0
"""Of the fixture `event_log`."""
TOO_OLD, LONG_TOO_OLD, NEW = 1.5, HARD_LIMIT + 0.5, 0.5
"""Ages, in retentions."""


def fill(log: EventLog, *ages: float) -> list[str]:
    """Append an event of each age, the oldest first. Returns their ids."""
    now = time.time()
    ids = [f"{round((now - age * RETENTION) * 1000)}-{number}" for number, age in enumerate(ages)]
    for entry_id in ids:
        log.redis.xadd(log.keys.stream, {"event": an_event(entry_id).model_dump_json()}, id=entry_id)
    return ids


def kept(log: EventLog) -> list[str]:
    entries: Any = log.redis.xrange(log.keys.stream)
    return [entry_id.decode() for entry_id, _ in entries]


def take(log: EventLog, group: str, count: int, *, finish: int = 0) -> None:
    """Have a worker of the group take some, and finish the first of them."""
    taken: Any = log.redis.xreadgroup(group, "worker", {log.keys.stream: ">"}, count=count)
    for entry_id, _ in taken[0][1][:finish]:
        log.redis.xack(log.keys.stream, group, entry_id)


def test_what_is_older_than_the_retention_goes(event_log: EventLog) -> None:
    *_, new = fill(event_log, TOO_OLD, TOO_OLD, NEW)

    assert event_log.trim() == {}

    assert kept(event_log) == [new]


def test_a_log_without_a_single_event_has_nothing_to_trim(event_log: EventLog) -> None:
    assert event_log.trim() == {}
    assert not event_log.redis.exists(event_log.keys.stream)


def test_what_all_groups_have_finished_goes(event_log: EventLog) -> None:
    *_, new = fill(event_log, TOO_OLD, TOO_OLD, NEW)
    for group in ("matcher", "logger"):
        event_log.ensure_group(group)
        take(event_log, group, 3, finish=3)

    event_log.trim()

    assert kept(event_log) == [new]


def test_what_was_not_delivered_to_a_group_stays(event_log: EventLog) -> None:
    ids = fill(event_log, TOO_OLD, TOO_OLD, TOO_OLD, NEW)
    event_log.ensure_group("logger")
    take(event_log, "logger", 1, finish=1)

    assert event_log.trim() == {}

    assert kept(event_log) == ids[1:]


def test_what_a_worker_holds_stays_although_others_have_gone_on(event_log: EventLog) -> None:
    ids = fill(event_log, TOO_OLD, TOO_OLD, TOO_OLD, NEW)
    for group in ("logger", "matcher"):
        event_log.ensure_group(group)
    take(event_log, "matcher", 4, finish=4)
    take(event_log, "logger", 1, finish=1)
    take(event_log, "logger", 2, finish=0)
    take(event_log, "logger", 1, finish=1)

    assert event_log.trim() == {}

    assert kept(event_log) == ids[1:]


def test_of_several_groups_the_one_that_is_furthest_behind_counts(event_log: EventLog) -> None:
    ids = fill(event_log, TOO_OLD, TOO_OLD, TOO_OLD, TOO_OLD, NEW)
    for group, finished in (("a", 4), ("b", 2), ("c", 3)):
        event_log.ensure_group(group)
        take(event_log, group, finished, finish=finished)

    event_log.trim()

    assert kept(event_log) == ids[2:]


def test_once_the_group_has_caught_up_its_events_go(event_log: EventLog) -> None:
    *_, new = fill(event_log, TOO_OLD, TOO_OLD, NEW)
    event_log.ensure_group("logger")
    event_log.trim()
    take(event_log, "logger", 3, finish=3)

    event_log.trim()

    assert kept(event_log) == [new]


def test_beyond_the_hard_limit_events_go_all_the_same_and_it_is_said_once(event_log: EventLog) -> None:
    ids = fill(event_log, *[LONG_TOO_OLD] * 5, TOO_OLD, NEW)
    for group in ("idle", "logger", "matcher"):
        event_log.ensure_group(group)
    take(event_log, "logger", 3, finish=1)
    take(event_log, "matcher", 7, finish=7)
    before = DROPPED._value.get()

    with capture_logs() as said:
        dropped = event_log.trim()
        again = event_log.trim()

    assert dropped == {"idle": 5, "logger": 4}
    assert again == {}
    assert kept(event_log) == ids[5:]
    assert [(line["log_level"], line["group"], line["count"]) for line in said] == [
        ("error", "idle", 5),
        ("error", "logger", 4),
    ]
    assert DROPPED._value.get() == before + 9


def test_what_was_dropped_is_nobodys_any_more(event_log: EventLog) -> None:
    fill(event_log, LONG_TOO_OLD, LONG_TOO_OLD, NEW)
    event_log.ensure_group("logger")
    take(event_log, "logger", 2)

    event_log.trim()

    pending: Any = event_log.redis.xpending(event_log.keys.stream, "logger")
    assert pending["pending"] == 0
    take(event_log, "logger", 3, finish=3)
    assert event_log.trim() == {}


def test_more_than_a_page_of_dropped_events_is_counted(event_log: EventLog) -> None:
    oldest = round((time.time() - LONG_TOO_OLD * RETENTION) * 1000)
    with event_log.redis.pipeline(transaction=False) as pipe:
        for number in range(2_500):
            pipe.xadd(event_log.keys.stream, {"event": "{}"}, id=f"{oldest}-{number}")
        pipe.execute()
    for group in ("idle", "logger"):
        event_log.ensure_group(group)
    take(event_log, "logger", 1_200)

    assert event_log.trim() == {"idle": 2_500, "logger": 2_500}


def test_a_consumer_trims_as_it_works(redis_client: Redis, event_log: EventLog) -> None:
    old, new = fill(event_log, TOO_OLD, NEW)
    consumer = EventLog(redis_client, event_log.keys.stream, RETENTION)

    consumer.ack_and_publish("logger", [])

    assert old not in kept(event_log)
    assert new in kept(event_log)


def test_a_click_in_a_browser_removes_nothing(redis_client: Redis, event_log: EventLog) -> None:
    old, new = fill(event_log, TOO_OLD, NEW)
    web = EventLog(redis_client, event_log.keys.stream, RETENTION)

    web.publish(ContactResolved(call_id="one"))

    assert kept(event_log)[:2] == [old, new]


def test_it_trims_now_and_then_only(redis_client: Redis, event_log: EventLog) -> None:
    consumer = EventLog(redis_client, event_log.keys.stream, RETENTION)
    consumer.ack_and_publish("logger", [])
    ids = fill(event_log, TOO_OLD, NEW)

    consumer.ack_and_publish("logger", [])

    assert kept(event_log) == ids


def test_it_trims_also_where_redis_has_no_memory_left(own_valkey: Any) -> None:
    own_valkey.start()
    with Redis.from_url(own_valkey.url) as redis:
        log = EventLog(redis, "callmonitor:events", RETENTION)
        *_, new = fill(log, TOO_OLD, TOO_OLD, NEW)
        redis.config_set("maxmemory", 1)

        log.trim()

        assert kept(log) == [new]
