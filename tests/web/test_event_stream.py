"""What one browser is sent, when it comes first and when it comes back. On a real Valkey, without HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from redis import Redis

from services.web import sse
from services.web.connection import Connection
from services.web.event_stream import EventStreams, Opening
from services.web.feed import Feed
from services.web.payload import Payload
from services.web.projection import Projection
from services.web.reader import load
from services.web.replay import PAGE
from services.web.rights import EVERYTHING, Rights
from services.web.tokens import Identity
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.shared.making import an_event
from tests.valkey import Valkey
from tests.waiting import eventually
from tests.web.tcp_pair import tcp_pair

EVER = (0, 0)
PLACES = {"office": Place(area_code="069"), "kanzlei": Place(area_code="030")}
PAYLOAD = Payload(Place(), heartbeat_seconds=0.05, links={})


class Service:
    """What a process has, its reader being driven by hand."""

    def __init__(self, log: EventLog, *, loaded: bool = True) -> None:
        self.log = log
        trails = Trails(partial(log.newest, count=PAGE))
        self.feed = Feed(PAYLOAD, trails)
        if loaded:
            self.feed.load(load(log, kept=10))
        self._streams = EventStreams(self.feed, log, PAYLOAD, trails, PLACES.__getitem__)

    def read(self) -> None:
        while events := self.log.read(self.feed.position, count=100, block_seconds=0.001):
            self.feed.append(events, EVER)

    def open(
        self,
        last_event_id: str | None = None,
        until: float | None = None,
        rights: Rights = EVERYTHING,
        **how: Any,
    ) -> Iterator[bytes]:
        identity = Identity("anna", until or time.time() + 60, rights)
        stream = self._streams.open(Opening(identity, last_event_id=last_event_id, **how))
        assert next(stream) == b"retry: 3000\n\n"
        return stream


@pytest.fixture
def service(event_log: EventLog) -> Service:
    return Service(event_log)


def publish(log: EventLog, *names: str) -> list[str]:
    """Calls that begin. Returns the ids of their events."""
    before = log.newest_id() or "0-0"
    log.publish_lines("office", [([an_event(name)], b"") for name in names])
    return [logged.id for logged in log.between(before, "+", count=10_000)]


def received(stream: Iterator[bytes], until: str) -> list[tuple[str, str]]:
    """The events of a stream up to the one with a certain id, as pairs of name and id."""
    found: list[tuple[str, str]] = []
    for piece in stream:
        for block in piece.decode().split("\n\n"):
            fields = dict(line.partition(": ")[::2] for line in block.split("\n") if line and line[0] != ":")
            if "id" in fields:
                found.append((fields["event"], fields["id"]))
                if fields["id"] == until:
                    return found
    return found


def ids(stream: Iterator[bytes], until: str) -> list[str]:
    return [event_id for _, event_id in received(stream, until)]


def test_who_comes_first_gets_a_snapshot_and_then_every_event(service: Service) -> None:
    (before,) = publish(service.log, "one")
    service.read()
    stream = service.open()
    assert received(stream, before) == [("snapshot", before)]
    (after,) = publish(service.log, "two")
    service.read()
    assert received(stream, after) == [("call.ringing", after)]


def test_who_comes_back_gets_what_it_missed_and_then_what_comes_without_a_gap_or_a_repetition(
    service: Service,
) -> None:
    seen, *missed = publish(service.log, *(f"call-{n}" for n in range(2 * PAGE + 5)))
    service.read()
    stream = service.open(seen)
    first = ids(stream, missed[PAGE - 1])
    # These come while it is still being told what it missed.
    live = publish(service.log, "one more", "and another")
    service.read()
    assert first + ids(stream, live[-1]) == [*missed, *live]


def test_what_somebody_missed_is_sent_from_memory_as_long_as_it_is_there_even_if_the_log_is_cut(
    service: Service, redis_client: Redis
) -> None:
    seen, *missed = publish(service.log, *(f"call-{n}" for n in range(2 * PAGE)))
    service.read()
    redis_client.xtrim(STREAM, maxlen=1, approximate=False)
    assert ids(service.open(seen), missed[-1]) == missed


def test_who_comes_back_while_redis_is_away_is_told_and_gets_what_it_missed_when_redis_is_back(
    own_valkey: Valkey,
) -> None:
    own_valkey.start()
    with connect(own_valkey.url) as redis:
        seen, *missed = publish(log := EventLog(redis, STREAM, 3600), *(f"call-{n}" for n in range(2 * PAGE)))
        stream = Service(log).open(seen)
        first = ids(stream, missed[PAGE - 1])
        own_valkey.stop()
        assert b'"live":false' in next(stream)
        assert next(stream) == sse.HEARTBEAT
        own_valkey.start()
        assert first + ids(stream, missed[-1]) == missed


def test_a_stop_does_not_wait_for_who_waits_for_redis(own_valkey: Valkey) -> None:
    own_valkey.start()
    with connect(own_valkey.url) as redis:
        seen, _ = publish(log := EventLog(redis, STREAM, 3600), "one", "two")
        stream = (service := Service(log)).open(seen)
        own_valkey.stop()
        assert b'"live":false' in next(stream)
        service.feed.close()
        assert list(stream) == [sse.HEARTBEAT]


def test_however_often_the_log_is_lost_each_event_comes_once_and_in_order(event_log: EventLog) -> None:
    seen, *missed = publish(event_log, *(f"call-{n}" for n in range(3 * PAGE + 5)))
    service = Service(event_log)
    service.feed.set_live(live=False)
    stream = service.open(seen)
    found: list[str] = []
    while len(found) < len(missed):
        assert b'"live":false' in next(stream)
        assert [next(stream) for _ in range(3)] == [sse.HEARTBEAT] * 3
        service.feed.set_live(live=True)
        found += ids(stream, missed[min(len(found) + PAGE, len(missed)) - 1])
        service.feed.set_live(live=False)
        publish(event_log, f"while it waits, {len(found)}")
        service.read()
    service.feed.set_live(live=True)
    newest = event_log.newest_id()
    assert newest
    assert found + ids(stream, newest) == [logged.id for logged in event_log.between(seen, "+", count=10_000)]


def test_a_log_that_is_emptied_while_somebody_waits_for_it_gives_one_snapshot(
    event_log: EventLog, redis_client: Redis
) -> None:
    seen, _ = publish(event_log, "one", "two")
    service = Service(event_log)
    service.feed.set_live(live=False)
    stream = service.open(seen)
    assert b'"live":false' in next(stream)
    redis_client.flushdb()
    (first,) = publish(event_log, "of the new log")
    service.feed.load(load(event_log, kept=10))
    (second,) = publish(event_log, "and another")
    service.read()
    (third,) = publish(event_log, "and one more")
    assert received(stream, second) == [("snapshot", second)]
    service.read()
    assert received(stream, third) == [("call.ringing", third)]
    assert first < second


def test_a_token_that_ends_while_somebody_waits_for_the_log_ends_the_stream(event_log: EventLog) -> None:
    seen, _ = publish(event_log, "one", "two")
    service = Service(event_log)
    service.feed.set_live(live=False)
    told, *silence = service.open(seen, until=time.time() + 0.3)
    assert b'"live":false' in told
    assert set(silence) == {sse.HEARTBEAT}
    assert len(service.feed) == 0


def test_who_has_seen_an_empty_log_and_nothing_else_gets_its_first_events(service: Service) -> None:
    missed = publish(service.log, "one", "two")
    service.read()
    assert ids(service.open("0-0"), missed[-1]) == missed


def test_a_place_of_a_log_that_is_no_more_gives_a_snapshot(service: Service) -> None:
    (newest,) = publish(service.log, "one")
    service.read()
    assert received(service.open("1-0"), newest) == [("snapshot", newest)]


def test_who_missed_nothing_gets_no_event(service: Service) -> None:
    (seen,) = publish(service.log, "one")
    service.read()
    stream = service.open(seen)
    (after,) = publish(service.log, "two")
    service.read()
    assert ids(stream, after) == [after]


def test_a_place_that_this_process_has_yet_to_reach_is_no_gap(service: Service) -> None:
    seen, after = publish(service.log, "one", "two")
    stream = service.open(seen)  # another process has sent it `one` already
    service.read()
    assert ids(stream, after) == [after]


@pytest.mark.parametrize("nonsense", ["", "0", "yesterday", "1-", "1-0; DROP", "٣-٤", "99999999999999999999-0"])
def test_a_place_that_is_none_gives_a_snapshot(service: Service, nonsense: str) -> None:
    (newest,) = publish(service.log, "one")
    service.read()
    assert received(service.open(nonsense), newest) == [("snapshot", newest)]


def test_a_place_that_the_log_has_forgotten_gives_a_snapshot(service: Service, redis_client: Redis) -> None:
    forgotten, _, newest = publish(service.log, "one", "two", "three")
    redis_client.xtrim(STREAM, maxlen=2, approximate=False)
    assert received(Service(service.log).open(forgotten), newest) == [("snapshot", newest)]


def test_a_place_in_the_future_gives_a_snapshot(service: Service) -> None:
    (newest,) = publish(service.log, "one")
    service.read()
    milliseconds = int(newest.partition("-")[0])
    assert received(service.open(f"{milliseconds + 1000}-0"), newest) == [("snapshot", newest)]


def test_a_log_that_is_cut_while_somebody_catches_up_gives_a_snapshot(service: Service, redis_client: Redis) -> None:
    seen, *missed = publish(service.log, *(f"call-{n}" for n in range(2 * PAGE)))
    stream = Service(service.log).open(seen)
    assert len(ids(stream, missed[PAGE - 1])) == PAGE
    redis_client.xtrim(STREAM, maxlen=5, approximate=False)
    assert received(stream, missed[-1]) == [("snapshot", missed[-1])]


def test_a_new_picture_reaches_those_who_are_there(service: Service) -> None:
    stream = service.open()
    assert received(stream, "0-0") == [("snapshot", "0-0")]
    service.feed.load(Projection(kept=10))
    assert received(stream, "0-0") == [("snapshot", "0-0")]


def test_a_snapshot_says_what_it_is_for(event_log: EventLog, redis_client: Redis) -> None:
    forgotten, *_ = publish(event_log, "one", "two", "three")
    redis_client.xtrim(STREAM, maxlen=1, approximate=False)
    service = Service(event_log)
    stream = service.open()
    assert b'"reason":"start"' in next(stream)
    assert b'"reason":"gap"' in next(service.open(forgotten))
    service.feed.load(Projection(kept=10))
    assert b'"reason":"restart"' in next(stream)


def test_a_snapshot_says_for_whom_it_is(service: Service) -> None:
    rights = Rights.parse({"calls": "own", "own_numbers": ["069 90009-0"]})
    for holder, mine in ((EVERYTHING, False), (rights, True)):
        (data,) = [line for line in next(service.open(rights=holder)).splitlines() if line.startswith(b"data: ")]
        you = json.loads(data.removeprefix(b"data: "))["you"]
        assert you == {"user": "anna", "calls": holder.calls.value, "mine": mine}


def test_who_comes_before_there_is_a_picture_is_kept_waiting_and_then_gets_what_it_missed(event_log: EventLog) -> None:
    service = Service(event_log, loaded=False)
    seen, missed = publish(event_log, "one", "two")
    stream = service.open(seen)
    assert [next(stream) for _ in range(2)] == [b":\n\n"] * 2
    service.feed.load(load(event_log, kept=10))
    assert received(stream, missed) == [("call.ringing", missed)]


def test_silence_is_filled_with_heartbeats(service: Service) -> None:
    stream = service.open()
    assert received(stream, "0-0")
    assert [next(stream) for _ in range(3)] == [b":\n\n"] * 3


def test_the_stream_ends_with_its_token(service: Service) -> None:
    until = time.time() + 0.3
    pieces = list(service.open(until=until))
    assert until <= time.time() < until + 0.2
    assert pieces[-1] == b":\n\n"
    assert len(service.feed) == 0


def test_a_token_that_ends_while_it_catches_up_ends_the_stream(service: Service) -> None:
    seen, *_ = publish(service.log, *(f"call-{n}" for n in range(3 * PAGE)))
    service.read()
    stream = service.open(seen, until=time.time() + 0.2)
    next(stream)
    time.sleep(0.2)  # a browser that reads slowly
    assert list(stream) == []


def test_nothing_is_sent_to_who_has_hung_up_before_the_answer_whatever_they_asked_for(service: Service) -> None:
    with tcp_pair() as (server, browser):
        connection = Connection(server)
        browser.close()
        eventually(connection.gone)
        assert list(service.open("nonsense", connection=connection)) == []


def test_the_stream_ends_when_the_browser_has_hung_up(service: Service) -> None:
    with tcp_pair() as (server, browser):
        connection = Connection(server)
        stream = service.open(connection=connection)
        next(stream)
        assert len(service.feed) == 1
        browser.close()
        eventually(connection.gone)
        assert list(stream) == []
    assert len(service.feed) == 0


def test_the_stream_says_when_the_log_is_lost_and_when_it_is_back(service: Service) -> None:
    stream = service.open()
    received(stream, "0-0")
    service.feed.set_live(live=False)
    assert b'"live":false' in next(stream)
    service.feed.set_live(live=True)
    assert b'"live":true' in next(stream)
