"""One picture, handed to everybody who watches it, without waiting for anybody."""

from __future__ import annotations

import json

from services.web.connection import Connection
from services.web.feed import Feed
from services.web.payload import Payload, Reason
from services.web.projection import Projection
from services.web.rights import EVERYTHING, CallFilter, Rights
from services.web.subscription import QUEUE_LIMIT, End, Snapshot, Status, Subscription, Updates
from services.web.trails import Trails
from shared.boxes import Place
from shared.event_log import LoggedEvent
from shared.events import dump_event
from shared.limbas_state import LimbasState
from tests.shared.making import a_call, an_event
from tests.web.tcp_pair import tcp_pair

EVER = (0, 0)
PLACE = Place(area_code="06221")
ALL, OWN, NOTHING = (
    CallFilter(rights, mine=False, place_of=lambda _: PLACE)
    for rights in (
        EVERYTHING,
        Rights.parse({"calls": "own", "own_numbers": [a_call().own_number]}),
        Rights.parse({"calls": "own"}),
    )
)


def a_feed(*, loaded: bool = True) -> Feed:
    feed = Feed(Payload(Place(), heartbeat_seconds=15, links={}), Trails(lambda _: []))
    if loaded:
        feed.load(Projection(kept=10))
    return feed


def logged(n: int) -> LoggedEvent:
    event = an_event(f"call-{n}")
    return LoggedEvent(f"{n}-0", event, dump_event(event))


def waiting(subscription: Subscription) -> list[object]:
    items: list[object] = []
    while (item := subscription.next(timeout=0)) is not None:
        items.append(item)
    return items


def calls_of(subscription: Subscription) -> list[str]:
    """The calls of the snapshot that is waiting."""
    (snapshot,) = waiting(subscription)
    assert isinstance(snapshot, Snapshot)
    return [view["call"]["id"] for view in json.loads(snapshot.calls)]


def watch(feed: Feed) -> Subscription:
    return feed.subscribe(ALL, Connection())


def test_everybody_gets_the_very_same_bytes() -> None:
    feed = a_feed()
    one, other = watch(feed), watch(feed)
    feed.append([logged(1)], EVER)
    (first,), (second,) = waiting(one), waiting(other)
    assert isinstance(first, Updates)
    assert isinstance(second, Updates)
    assert first.after(EVER) is second.after(EVER)


def test_those_who_may_see_less_get_the_same_bytes_too() -> None:
    feed = a_feed()
    everything, own = watch(feed), feed.subscribe(OWN, Connection())
    feed.append([logged(1)], EVER)
    (first,), (second,) = waiting(everything), waiting(own)
    assert isinstance(first, Updates)
    assert isinstance(second, Updates)
    assert first.after(EVER) is second.after(EVER)


def test_a_change_is_not_even_queued_for_who_may_not_see_it() -> None:
    feed = a_feed()
    nothing = feed.subscribe(NOTHING, Connection())
    feed.append([logged(1)], EVER)
    assert waiting(nothing) == []


def test_a_snapshot_and_the_events_after_it_leave_nothing_out_and_bring_nothing_twice() -> None:
    feed = a_feed()
    feed.append([logged(1)], EVER)
    subscription = watch(feed)
    feed.append([logged(2)], EVER)
    feed.send_snapshot(subscription, Reason.START)
    feed.append([logged(3)], EVER)
    snapshot, update = waiting(subscription)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.position == "2-0"
    assert isinstance(update, Updates)
    assert update.at == (3, 0)


def test_a_snapshot_is_made_once_for_all_who_come_before_the_next_event() -> None:
    feed = a_feed()
    one, other = watch(feed), watch(feed)
    feed.send_snapshot(one, Reason.START)
    feed.send_snapshot(other, Reason.START)
    (first,), (second,) = waiting(one), waiting(other)
    assert isinstance(first, Snapshot)
    assert isinstance(second, Snapshot)
    assert first.calls is second.calls


def test_of_two_snapshots_each_has_what_its_reader_may_see_until_an_event_changes_them() -> None:
    feed = a_feed()
    feed.append([logged(1)], EVER)
    for expected in (["call-1"], ["call-2", "call-1"]):
        own, nothing = feed.subscribe(OWN, Connection()), feed.subscribe(NOTHING, Connection())
        feed.send_snapshot(own, Reason.START)
        feed.send_snapshot(nothing, Reason.START)
        assert [calls_of(own), calls_of(nothing)] == [expected, []]
        feed.append([logged(2)], EVER)


def test_who_comes_before_there_is_a_picture_gets_it_when_there_is_one() -> None:
    feed = a_feed(loaded=False)
    early = watch(feed)
    feed.send_snapshot(early, Reason.START)
    assert waiting(early) == []
    feed.load(Projection(kept=10))
    assert [type(item) for item in waiting(early)] == [Snapshot]


def test_who_is_too_slow_is_cut_off_and_nobody_else_notices() -> None:
    feed = a_feed()
    with tcp_pair() as (server, browser):
        slow, quick = feed.subscribe(ALL, Connection(server)), watch(feed)
        received = 0
        for n in range(QUEUE_LIMIT + 1):
            feed.append([logged(n)], EVER)
            received += len(waiting(quick))
        assert browser.recv(1) == b""
    assert [type(item) for item in waiting(slow)] == [End]
    assert received == QUEUE_LIMIT + 1
    assert len(feed) == 1


def test_events_that_come_together_are_counted_one_by_one_when_they_wait() -> None:
    feed = a_feed()
    slow = watch(feed)
    for first in range(0, QUEUE_LIMIT, 100):
        feed.append([logged(n) for n in range(first, first + 100)], EVER)
    assert len(feed) == 1
    feed.append([logged(QUEUE_LIMIT)], EVER)
    assert len(feed) == 0
    assert [type(item) for item in waiting(slow)] == [End]


def test_a_loss_of_the_log_is_told_once_and_its_return_once() -> None:
    feed = a_feed()
    subscription = watch(feed)
    for live in (False, False, True, True):
        feed.set_live(live)
    assert [(item.live, item.limbas) for item in waiting(subscription) if isinstance(item, Status)] == [
        (False, LimbasState.FINE), (True, LimbasState.FINE),
    ]  # fmt: skip


def test_that_limbas_is_away_is_told_once_and_who_comes_later_knows_it_too() -> None:
    feed = a_feed()
    subscription = watch(feed)
    for state in (LimbasState.FINE, LimbasState.AWAY, LimbasState.AWAY):
        feed.set_limbas(state)
    assert waiting(subscription) == [Status(live=True, limbas=LimbasState.AWAY)]
    newcomer = watch(feed)
    feed.send_snapshot(newcomer, Reason.START)
    (snapshot,) = waiting(newcomer)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.status.limbas is LimbasState.AWAY


def test_closing_ends_everybody_also_who_comes_later() -> None:
    feed = a_feed()
    before = watch(feed)
    feed.append([logged(1)], EVER)
    feed.close()
    after = watch(feed)
    feed.send_snapshot(after, Reason.START)
    assert waiting(before) == [End()]
    assert waiting(after) == [End()]


def test_a_picture_that_comes_after_the_end_keeps_nobody() -> None:
    feed = a_feed()
    subscription = watch(feed)
    feed.close()
    feed.load(Projection(kept=10))
    assert waiting(subscription) == [End()]


def test_who_has_left_is_forgotten() -> None:
    feed = a_feed()
    subscription = watch(feed)
    feed.unsubscribe(subscription)
    feed.unsubscribe(subscription)
    assert len(feed) == 0
