"""Following the event log on a real Valkey: the picture at the start, and through every loss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event as StopSignal
from threading import Thread

import structlog
from redis import Redis

from services.web.connection import Connection
from services.web.feed import Feed
from services.web.history import History
from services.web.payload import Payload, Reason
from services.web.reader import PAGE, Reader, load
from services.web.rights import EVERYTHING, CallFilter
from services.web.subscription import Snapshot
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import EventLog
from shared.events import CallEvent, CallRecorded, ContactResolved, Outcome, State
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.shared.making import an_event
from tests.valkey import Valkey
from tests.waiting import eventually

WEEK = 7 * 24 * 3600
EVERYBODY = CallFilter(EVERYTHING, mine=False, place_of=lambda _: Place())


def an_ended(call_id: str) -> CallEvent:
    return an_event(call_id, seq=2, state=State.ENDED, outcome=Outcome.MISSED)


def publish(log: EventLog, *events: CallEvent) -> None:
    log.publish_lines("office", [([event], b"") for event in events])


def call_ids(log: EventLog, kept: int = 200) -> list[str]:
    return [view.call.id for view in load(log, kept).calls() if view.call]


def shown(feed: Feed) -> list[str]:
    """The ids of the calls that somebody sees who comes now."""
    subscription = feed.subscribe(EVERYBODY, Connection())
    feed.send_snapshot(subscription, Reason.START)
    snapshot = subscription.next(timeout=0)
    feed.unsubscribe(subscription)
    assert isinstance(snapshot, Snapshot)
    return [view["call"]["id"] for view in json.loads(snapshot.calls)]


@contextmanager
def following(log: EventLog) -> Iterator[Feed]:
    feed = Feed(Payload(Place(), heartbeat_seconds=15, links={}), Trails(partial(log.newest, count=PAGE)))
    stop = StopSignal()
    thread = Thread(target=Reader(log, feed, History(), WEEK).run, args=(stop,))
    thread.start()
    try:
        yield feed
    finally:
        stop.set()
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_the_picture_of_an_empty_log_is_empty(event_log: EventLog) -> None:
    picture = load(event_log, kept=10)
    assert picture.calls() == ()
    assert picture.position == "0-0"


def test_the_picture_has_every_call_in_progress_and_the_newest_of_the_others(event_log: EventLog) -> None:
    publish(event_log, an_event("long ago, still talking"))
    for n in range(PAGE):
        publish(event_log, an_event(f"call-{n}"), an_ended(f"call-{n}"))
    picture = load(event_log, kept=3)
    newest = [f"call-{PAGE - 1 - n}" for n in range(3)]
    assert {view.call.id for view in picture.calls() if view.call} == {*newest, "long ago, still talking"}
    assert picture.position == event_log.newest_id()


def test_what_is_known_of_a_call_is_found_however_long_the_call_lasted(event_log: EventLog) -> None:
    publish(event_log, an_event("one"))
    event_log.publish(ContactResolved(call_id="one"))
    publish(event_log, *(an_event(f"call-{n}") for n in range(2 * PAGE)))
    publish(event_log, an_ended("one"))
    views = {view.call.id: view for view in load(event_log, kept=500).calls() if view.call}
    assert views["one"].contact == ContactResolved(call_id="one")


def test_entries_that_no_version_of_ours_wrote_are_passed_over(event_log: EventLog, redis_client: Redis) -> None:
    publish(event_log, an_event("before"))
    for _ in range(PAGE + 1):
        redis_client.xadd(STREAM, {"event": '{"type":"call.transferred","v":9}'})
    publish(event_log, an_event("after"))
    redis_client.xadd(STREAM, {"something": "else"})
    assert call_ids(event_log) == ["after", "before"]


def test_events_get_into_the_picture_as_they_come(event_log: EventLog) -> None:
    publish(event_log, an_event("one"))
    with following(event_log) as feed:
        eventually(lambda: feed.position == event_log.newest_id())
        event_log.publish(CallRecorded(call_id="one", table="ANRUFE", record_id=7))
        eventually(lambda: feed.position == event_log.newest_id())
        assert feed.live


def test_redis_may_come_later_go_away_and_come_back_and_each_is_logged_once(own_valkey: Valkey) -> None:
    with (
        connect(own_valkey.url) as redis,
        structlog.testing.capture_logs() as logs,
        following(log := EventLog(redis, STREAM, WEEK)) as feed,
    ):
        eventually(lambda: logs)
        own_valkey.start()
        eventually(lambda: feed.live)
        publish(log, an_event("one"))
        eventually(lambda: feed.position == log.newest_id())
        own_valkey.stop()
        eventually(lambda: not feed.live)
        own_valkey.start()
        publish(log, an_event("two"))
        eventually(lambda: feed.live and feed.position == log.newest_id())
    said = [entry["event"] for entry in logs if "call" not in entry]
    assert said == ["Redis is away", "Redis is back"] * 2


def test_a_redis_that_comes_back_empty_gives_a_new_picture(own_valkey: Valkey) -> None:
    own_valkey.start()
    with connect(own_valkey.url) as redis, following(log := EventLog(redis, STREAM, WEEK)) as feed:
        publish(log, an_event("one"))
        eventually(lambda: feed.position != "0-0")
        redis.flushdb()
        own_valkey.stop()
        eventually(lambda: not feed.live)
        own_valkey.start()
        eventually(lambda: feed.live)
        assert feed.position == "0-0"


def test_a_log_that_is_emptied_under_way_gives_a_new_picture(event_log: EventLog, redis_client: Redis) -> None:
    publish(event_log, an_event("one"))
    with following(event_log) as feed:
        eventually(lambda: feed.position == event_log.newest_id())
        redis_client.flushdb()
        eventually(lambda: feed.position == "0-0")


def test_a_log_that_is_emptied_and_goes_on_at_once_gives_a_new_picture(
    event_log: EventLog, redis_client: Redis
) -> None:
    publish(event_log, an_event("one"))
    with following(event_log) as feed:
        eventually(lambda: feed.position == event_log.newest_id())
        redis_client.flushdb()
        publish(event_log, an_event("two"))
        eventually(lambda: shown(feed) == ["two"])
