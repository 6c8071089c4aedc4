"""What is too old goes from Redis, whether something new comes or not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from services.jobs.retention import TROUBLE_DAYS, sweep
from shared.contacts.phonebook import Phonebook
from shared.event_log import EventLog
from shared.unknown_calls import DAY, UnknownCalls

RETENTION_DAYS = 7
"""Of the fixture `event_log`."""


def stream_id(days_ago: float) -> str:
    return f"{round((time.time() - days_ago * DAY) * 1000)}-0"


@pytest.mark.parametrize(
    ("name", "days"), [("stream", RETENTION_DAYS), ("dead", TROUBLE_DAYS), ("quarantine", TROUBLE_DAYS)]
)
def test_entries_of_streams_go_at_their_age(event_log: EventLog, name: str, days: float) -> None:
    key = getattr(event_log.keys, name)
    kept = stream_id(days_ago=days - 0.1)
    for entry_id in (stream_id(days_ago=days + 30), stream_id(days_ago=days + 0.1), kept):
        event_log.redis.xadd(key, {"event": "{}"}, id=entry_id)

    sweep(event_log, UnknownCalls(event_log, days=30))

    entries: Any = event_log.redis.xrange(key)
    assert [entry_id.decode() for entry_id, _ in entries] == [kept]


def test_calls_of_unknown_callers_go_at_their_age(event_log: EventLog) -> None:
    unknown = UnknownCalls(event_log, days=3)
    ages = {"older": 3.1, "younger": 2.9}
    event_log.redis.zadd(unknown.key, {call: time.time() - days * DAY for call, days in ages.items()})

    sweep(event_log, unknown)

    assert event_log.redis.zrange(unknown.key, 0, -1) == [b"younger"]


def test_the_names_of_a_box_that_is_ours_no_more_go_by_themselves(event_log: EventLog) -> None:
    Phonebook(event_log).replace("office", {"+493023125201": ["Anna"]})

    assert 29 * DAY < event_log.redis.ttl(f"{Phonebook(event_log).key}:office") <= 30 * DAY
