"""How an update gets to a browser: over real TCP, with a reader that sleeps in a thread of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from services.web.connection import SEND_BUFFER, Connection
from services.web.feed import Feed
from services.web.payload import Payload, Reason
from services.web.projection import Projection
from services.web.rights import EVERYTHING, CallFilter
from services.web.subscription import QUEUE_LIMIT, End, Item, Snapshot, Status, Subscription, Updates
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import EventLog, LoggedEvent
from shared.events import dump_event
from tests.shared.making import an_event
from tests.waiting import eventually
from tests.web.readers import Seen
from tests.web.tcp_pair import tcp_pair
from tests.web.web_process import WebProcess

EVER = (0, 0)
ALL = CallFilter(EVERYTHING, mine=False, place_of=lambda _: Place())
PAYLOAD = Payload(Place(), heartbeat_seconds=15, links={})
PATIENCE = 30.0


def a_feed() -> Feed:
    feed = Feed(PAYLOAD, Trails(lambda _: []))
    feed.load(Projection(kept=10))
    return feed


def logged(n: int) -> LoggedEvent:
    event = an_event(f"call-{n}")
    return LoggedEvent(f"{n}-0", event, dump_event(event))


def message(n: int) -> bytes:
    return PAYLOAD.update(logged(n))


def in_chunks(pieces: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(pieces), pieces)


def received(browser: socket.socket, count: int) -> bytes:
    """The next so many bytes."""
    found = b""
    while len(found) < count and (piece := browser.recv(count - len(found))):
        found += piece
    return found


@contextmanager
def asleep(subscription: Subscription) -> Iterator[Future[Item | None]]:
    """Have somebody wait for the next item in a thread, until the end of the `with` block at most."""
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(subscription.next, PATIENCE)
        eventually(lambda: subscription.asleep)
        yield waiting
        subscription.restart(End())


@pytest.mark.parametrize("chunked", [True, False])
def test_while_nothing_waits_an_update_is_sent_by_whoever_brings_it_and_the_reader_sleeps_on(chunked: bool) -> None:
    feed = a_feed()
    with tcp_pair() as (server, browser):
        subscription = feed.subscribe(ALL, Connection(server, chunked=chunked))
        with asleep(subscription) as reader:
            feed.append([logged(1)], EVER)
            feed.append([logged(2), logged(3)], EVER)
            pieces = [message(1), message(2) + message(3)]
            expected = b"".join(map(in_chunks, pieces)) if chunked else b"".join(pieces)
            assert received(browser, len(expected)) == expected
            assert not reader.done()
    assert subscription.seen == (3, 0)


def test_what_the_browser_has_seen_already_is_not_sent_again() -> None:
    feed = a_feed()
    with tcp_pair() as (server, browser):
        subscription = feed.subscribe(ALL, Connection(server, chunked=True))
        subscription.seen = (2, 0)
        with asleep(subscription):
            feed.append([logged(1)], EVER)
            feed.append([logged(2), logged(3)], EVER)
            expected = in_chunks(message(3))
            assert received(browser, len(expected)) == expected


def test_an_event_of_a_new_log_whose_ids_are_smaller_follows_its_snapshot() -> None:
    feed = a_feed()
    with tcp_pair() as (server, _):
        subscription = feed.subscribe(ALL, Connection(server, chunked=True))
        subscription.seen = (9, 0)
        subscription.asleep = True  # as long as the reader was not given its turn
        feed.load(Projection(kept=10))
        feed.append([logged(1)], EVER)
        assert isinstance(subscription.next(0), Snapshot)
        update = subscription.next(0)
        assert isinstance(update, Updates)
        assert update.after(EVER) == message(1)


def test_what_a_full_socket_has_no_room_for_wakes_the_reader_who_sends_the_rest() -> None:
    feed = a_feed()
    with tcp_pair(receive_buffer=4096) as (server, browser):
        connection = Connection(server, chunked=True)
        subscription = feed.subscribe(ALL, connection)
        large = LoggedEvent("1-0", logged(1).event, b'{"filler":"%b"}' % (b"x" * 50 * SEND_BUFFER))
        expected = in_chunks(PAYLOAD.update(large))
        with asleep(subscription) as reader:
            feed.append([large], EVER)
            eventually(lambda: not subscription.asleep)
            assert connection.unfinished
            assert received(browser, len(expected)) == expected
            assert reader.result(PATIENCE) is None
        assert not connection.unfinished


def test_a_browser_that_reads_little_by_little_gets_everything_once_and_in_order(
    web: WebProcess, calls: EventLog
) -> None:
    head = f"GET /events HTTP/1.0\r\nAuthorization: Bearer {web.token()}\r\n\r\n"
    seen = Seen()
    with socket.socket() as slow, slow.makefile("rb") as lines:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", web.port))
        slow.sendall(head.encode())
        while lines.readline() != b"\r\n":
            pass
        newest = ""
        for batch in range(QUEUE_LIMIT // 100):  # far more than fits into the two sockets, and fewer than may wait
            names = [f"slow-{batch}-{n}" for n in range(90)]
            calls.publish_lines("office", [([an_event(name)], b"") for name in names])
            newest = calls.newest_id() or ""
        while seen.last_event_id != newest:
            seen.take(b"".join(iter(lines.readline, b"\n")).decode())
    assert seen.events == [logged.id for logged in calls.between(seen.position or "", "+", count=10_000)]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda feed, _: feed.set_live(live=False), Status),
        (lambda feed, subscription: feed.send_snapshot(subscription, Reason.START), Snapshot),
        (lambda feed, _: feed.close(), End),
    ],
)
def test_what_is_no_update_wakes_the_reader(change: Callable[[Feed, Subscription], None], kind: type[Item]) -> None:
    feed = a_feed()
    subscription = feed.subscribe(ALL, Connection())
    with asleep(subscription) as reader:
        change(feed, subscription)
        assert isinstance(reader.result(PATIENCE), kind)
