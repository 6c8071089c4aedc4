"""What an event costs, in what does not depend on the machine: round trips to Redis, and calls of functions.

The bounds are a quarter above what it was when they were set. Who has to raise one has made every event dearer.
"""

from __future__ import annotations

import cProfile
import pstats
from typing import Any

import pytest
from redis import Redis
from structlog.testing import capture_logs

from tests.guards import backlog
from tests.guards.round_trips import counting
from tests.valkey import Valkey

WAYS = {"matcher": backlog.matcher, "logger": backlog.logger, "tail": backlog.tail}


@pytest.mark.parametrize(("way", "most"), [("matcher", 0.05), ("logger", 0.05), ("tail", 0.05)])
def test_a_batch_of_events_takes_few_round_trips(valkey: Valkey, way: str, most: float) -> None:
    with counting(valkey.url) as (redis, sent):
        drain = WAYS[way](redis)
        sent.clear()
        events = drain()
    assert len(sent) / events <= most


@pytest.mark.parametrize(("way", "most"), [("matcher", 130), ("logger", 215), ("tail", 170)])
def test_an_event_takes_few_calls(redis_client: Redis, way: str, most: float) -> None:
    with capture_logs():
        WAYS[way](redis_client)()  # what is made once is made
        drain = WAYS[way](redis_client)
        with cProfile.Profile() as profile:
            events = drain()
    calls: Any = pstats.Stats(profile)
    assert calls.total_calls / events <= most
