"""Two hundred readers with different rights and bad connections, two thousand calls, two processes.

Another seed by the environment: CROWD_SEED=7.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from shared.event_log import ORIGIN, EventLog, LoggedEvent
from shared.events import CallEvent, Event
from tests.web.conftest import Start
from tests.web.crowd import Member
from tests.web.readers import LARGE, PLACES, a_day, some_rights

READERS, CALLS = 200, 2000
SEED = int(os.environ.get("CROWD_SEED", "20261122"))
BOXES = [{"name": name, "host": "fritz.box", "area_code": place.area_code} for name, place in PLACES.items()]
AT_ONCE = 50
"""Events that are published in one go."""


@pytest.mark.system
@pytest.mark.timeout(300)
def test_two_hundred_readers_each_see_what_they_may_once_and_in_order_over_two_thousand_calls(
    start: Start, event_log: EventLog
) -> None:
    print(f"CROWD_SEED={SEED}")  # noqa: T201 - pytest shows it when the test fails
    chance = random.Random(SEED)
    members = [Member(f"user-{n}", some_rights(chance, LARGE), random.Random(chance.random())) for n in range(READERS)]
    web = start(WEB_WORKERS="2", WEB_HEARTBEAT_SECONDS="0.3", BOXES=json.dumps(BOXES))
    web.start()
    # A thread, because Playwright keeps a loop of its own running in this one once a browser test was here.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, live_through(members, event_log, web.port, chance)).result()
    log = event_log.between(ORIGIN, "+", count=100_000)
    for member in members:
        assert_seen(member, log)
    assert sum(member.connections for member in members) > 5 * READERS
    assert web.stop() == 0
    assert "Traceback" not in web.log()


async def live_through(members: list[Member], event_log: EventLog, port: int, chance: random.Random) -> None:
    """Have the calls happen, and wait until everybody has seen the last of them."""
    end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        for member in members:
            group.create_task(member.take_part(port, end))
        day = a_day(CALLS, chance, LARGE, at_once=20)
        while events := list(islice(day, AT_ONCE)):
            await asyncio.to_thread(publish, event_log, events)
        end.set_result(event_log.newest_id() or "")


def publish(event_log: EventLog, events: list[Event]) -> None:
    for event in events:
        if isinstance(event, CallEvent):
            event_log.publish_lines(event.call.box, [([event], b"")])
        else:
            event_log.publish(event)


def assert_seen(member: Member, log: list[LoggedEvent]) -> None:
    seen = member.seen
    assert seen.reasons == ["start"], member.user
    first = next((place for place, logged in enumerate(log) if logged.id == seen.position), -1)
    visible = list(member.reader.visible(log))
    after = {logged.id for logged in log[first + 1 :]}
    assert seen.events == [logged.id for logged in visible if logged.id in after], member.user
    assert seen.calls.keys() <= {logged.event.call_id for logged in visible}, member.user
