"""No reader ever gets what it may not see, and each gets all of what it may, in order, wherever it was in between."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from services.web import sse
from services.web.event_stream import EventStreams, Opening
from services.web.feed import Feed
from services.web.payload import Payload
from services.web.reader import load
from services.web.rights import Rights
from services.web.tokens import Identity
from services.web.trails import Trails
from shared.event_log import ORIGIN, EventLog, LoggedEvent
from shared.events import CallEvent, CallRecorded, ContactResolved, Event, Extension, ExtensionKind, Outcome, State
from tests.shared.making import an_event
from tests.web.readers import PLACES, ReaderRights, Seen, a_day, known_by, some_rights

EVER = (0, 0)
PAGE = 7
"""Small, so that looking something up takes several."""
PAYLOAD = Payload(PLACES["office"], heartbeat_seconds=0.002, links={})


class Service:
    """A process of the web service, its reader being driven by hand."""

    def __init__(self, log: EventLog, kept: int = 100) -> None:
        self.log = log
        trails = Trails(partial(log.newest, count=PAGE))
        self.feed = Feed(PAYLOAD, trails)
        self.feed.load(load(log, kept))
        self.streams = EventStreams(self.feed, log, PAYLOAD, trails, PLACES.__getitem__)

    def read(self) -> None:
        while events := self.log.between(self.feed.position, "+", count=PAGE):
            self.feed.append(events, EVER)


class Browser:
    """A reader that comes and goes."""

    def __init__(self, reader: ReaderRights) -> None:
        self.reader = reader
        self.seen = Seen()
        self._stream: Any = None

    def connect(self, service: Service) -> None:
        identity = Identity("anna", time.time() + 60, self.reader.rights)
        self._stream = service.streams.open(Opening(identity, self.reader.mine, self.seen.last_event_id))
        self.read()

    def read(self) -> None:
        """All there is, up to the next heartbeat."""
        for piece in self._stream or ():
            for block in piece.decode().removesuffix("\n\n").split("\n\n"):
                self.seen.take(block)
            if piece == sse.HEARTBEAT:
                return

    def read_a_little(self, chance: random.Random) -> None:
        """Some pieces, and then the connection breaks."""
        for piece in self._stream or ():
            for block in piece.decode().removesuffix("\n\n").split("\n\n"):
                self.seen.take(block)
            if piece == sse.HEARTBEAT or chance.random() < 0.5:
                break
        self.disconnect()

    def disconnect(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = None

    def act(self, services: list[Service], chance: random.Random) -> None:
        """Come, stay, read, or go."""
        what = chance.random()
        if not self.connected and what < 0.3:
            self.connect(chance.choice(services))
        elif self.connected and what < 0.1:
            self.read_a_little(chance)
        elif self.connected and what < 0.3:
            self.read()

    @property
    def connected(self) -> bool:
        return self._stream is not None


def publish(log: EventLog, event: Event) -> None:
    if isinstance(event, CallEvent):
        log.publish_lines(event.call.box, [([event], b"")])
    else:
        log.publish(event)


def everything_in(log: EventLog) -> list[LoggedEvent]:
    return log.between(ORIGIN, "+", count=10_000)


def after(position: str, log: list[LoggedEvent]) -> list[LoggedEvent]:
    return [logged for logged in log if as_pair(logged.id) > as_pair(position)]


def as_pair(written: str) -> tuple[int, ...]:
    return tuple(map(int, written.split("-")))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_each_reader_gets_all_of_what_it_may_see_once_and_in_order_and_nothing_else(
    event_log: EventLog, seed: int
) -> None:
    event_log.redis.flushdb()
    chance = random.Random(seed)
    browsers = [Browser(some_rights(chance)) for _ in range(6)]
    services: list[Service] = []
    for event in a_day(8, chance):
        publish(event_log, event)
        if chance.random() < 0.1 or not services:  # one more process, or one that starts over
            services.append(Service(event_log))
        for service in services:
            if chance.random() < 0.6:
                service.read()
        for browser in browsers:
            browser.act(services, chance)
    for service in services:
        service.read()
    log = everything_in(event_log)
    for browser in browsers:
        if not browser.connected:
            browser.connect(services[-1])
        browser.read()
        browser.disconnect()
        assert_seen(browser, log)


def assert_seen(browser: Browser, log: list[LoggedEvent]) -> None:
    """That a browser has seen what there was to see for it, and knows what it may know."""
    seen, reader = browser.seen, browser.reader
    assert seen.reasons == ["start"]
    assert seen.position is not None
    visible = {logged.id for logged in reader.visible(log)}
    assert seen.events == [logged.id for logged in after(seen.position, log) if logged.id in visible]
    assert {call_id: without_shown(known) for call_id, known in seen.calls.items()} == known_by(reader, log)


def without_shown(known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name != "shown"}


def version(call_id: str, seq: int, phone: int | None = None) -> CallEvent:
    """A call as it rings, is answered by a phone, and ends."""
    state = (State.RINGING, State.CONNECTED, State.ENDED)[min(seq, 3) - 1]
    extension = None if phone is None else Extension(code=phone, kind=ExtensionKind.DECT, name=f"DECT {phone}")
    outcome = Outcome.ANSWERED if state is State.ENDED else None
    return an_event(call_id, seq=seq, state=state, extension=extension, outcome=outcome)


def by_phone(*phones: str) -> ReaderRights:
    """Who sees what a phone of theirs takes part in, at any box."""
    rights = Rights.parse({"calls": "own", "extensions": phones})
    places = frozenset((box, int(phone)) for box in PLACES for phone in phones)
    return ReaderRights(rights, mine=False, everything=False, numbers=frozenset(), phones=places)


@pytest.fixture
def service(event_log: EventLog) -> Service:
    return Service(event_log)


def happens(service: Service, *events: Event) -> list[str]:
    """Publish, and have the service read. Returns the events' ids."""
    before = service.log.newest_id() or ORIGIN
    for event in events:
        publish(service.log, event)
    service.read()
    return [logged.id for logged in service.log.between(before, "+", count=1000)]


def blocks(service: Service, reader: ReaderRights, last_event_id: str) -> list[str]:
    """All that a reader is sent who comes back, up to the first heartbeat, but for what says how things are."""
    identity = Identity("anna", time.time() + 60, reader.rights)
    sent = b""
    for piece in service.streams.open(Opening(identity, reader.mine, last_event_id)):
        if piece == sse.HEARTBEAT:
            break
        sent += piece
    found = sent.decode().removesuffix("\n\n").split("\n\n")
    return [block for block in found if not block.startswith(("retry: ", "event: status"))]


def test_a_call_is_a_phones_from_the_answer_on_and_comes_with_what_was_known_of_it(service: Service) -> None:
    browser = Browser(by_phone("10"))
    browser.connect(service)
    contact, record = ContactResolved(call_id="one"), CallRecorded(call_id="one", table="ANRUFE", record_id=7)
    happens(service, version("one", 1), contact, record)
    browser.read()
    assert browser.seen.calls == {}
    (answered,) = happens(service, version("one", 2, phone=10))
    browser.read()
    assert browser.seen.events == [answered]
    assert browser.seen.calls["one"]["contact"] == contact.model_dump(mode="json")
    assert browser.seen.calls["one"]["record"] == record.model_dump(mode="json")
    browser.disconnect()


def test_what_was_known_of_a_call_before_comes_without_an_id_and_right_before_it(service: Service) -> None:
    (start,) = happens(service, version("other", 1))
    _, _, answered = happens(service, version("one", 1), ContactResolved(call_id="one"), version("one", 2, phone=10))
    introduction, call, *rest = blocks(service, by_phone("10"), start)
    assert introduction.startswith("event: contact.resolved\ndata: ")
    assert call.startswith(f"event: call.connected\nid: {answered}\n")
    assert rest == []


def test_who_has_seen_a_call_goes_on_seeing_it_when_another_phone_has_it(service: Service) -> None:
    browser = Browser(by_phone("10"))
    browser.connect(service)
    ids = happens(service, version("one", 2, phone=10), version("one", 3, phone=11))
    browser.read()
    assert browser.seen.events == ids
    browser.disconnect()


def test_a_contact_that_is_found_days_later_goes_to_those_whose_call_it_is(event_log: EventLog) -> None:
    for event in (version("long ago", 1), version("long ago", 2, phone=10), version("long ago", 3, phone=10)):
        publish(event_log, event)
    for n in range(5 * PAGE):
        publish(event_log, version(f"call-{n}", 1))
        publish(event_log, version(f"call-{n}", 3))
    service = Service(event_log, kept=1)
    reader, stranger = Browser(by_phone("10")), Browser(by_phone("11"))
    reader.connect(service)
    stranger.connect(service)
    (found,) = happens(service, ContactResolved(call_id="long ago", late=True))
    reader.read()
    stranger.read()
    assert reader.seen.events == [found]
    assert stranger.seen.events == []
    reader.disconnect()
    stranger.disconnect()


def test_what_is_about_a_call_that_the_log_has_forgotten_goes_to_those_only_who_see_everything(
    service: Service,
) -> None:
    everything = ReaderRights(Rights.parse({"calls": "all"}), False, True, frozenset(), frozenset())
    readers = [Browser(everything), Browser(by_phone("10"))]
    for browser in readers:
        browser.connect(service)
    ids = happens(service, ContactResolved(call_id="forgotten", late=True))
    for browser in readers:
        browser.read()
        browser.disconnect()
    assert [browser.seen.events for browser in readers] == [ids, []]


def test_who_was_sent_nothing_is_told_how_far_they_are_and_has_no_gap_when_the_log_is_cut(
    service: Service, redis_client: Redis
) -> None:
    browser = Browser(by_phone("10"))
    browser.connect(service)
    *_, newest = happens(service, *(version(f"call-{n}", 1) for n in range(3)))
    browser.read()
    assert browser.seen.last_event_id == newest
    browser.disconnect()
    redis_client.xtrim(service.log.keys.stream, maxlen=1, approximate=False)
    browser.connect(service)
    assert browser.seen.reasons == ["start"]
    browser.disconnect()


def test_only_what_is_for_them_has_been_given_when_a_reader_is_told_how_far_they_are(service: Service) -> None:
    (start,) = happens(service, version("other", 1))
    mine, hidden = happens(service, version("one", 2, phone=10), version("another", 1))
    call, position = blocks(service, by_phone("10"), start)
    assert call.startswith(f"event: call.connected\nid: {mine}\n")
    assert position == f"id: {hidden}"


def test_a_snapshot_has_the_calls_that_the_reader_may_see(service: Service) -> None:
    happens(service, version("one", 2, phone=10), version("other", 2, phone=11), version("ringing", 1))
    for phones, visible in [(("10",), {"one"}), (("10", "11"), {"one", "other"}), (("1",), set())]:
        browser = Browser(by_phone(*phones))
        browser.connect(service)
        assert set(browser.seen.calls) == visible
        browser.disconnect()
