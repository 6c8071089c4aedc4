"""The newest events are kept in memory, without a gap, and not all of them."""

from __future__ import annotations

from services.web.delivery import Delivery
from services.web.payload import Payload
from services.web.recent import SLACK, Recent
from services.web.trail import Trail
from shared.boxes import Place
from shared.event_log import LoggedEvent
from shared.events import dump_event
from tests.shared.making import an_event

EVENT = an_event()
PAYLOAD = Payload(Place(), heartbeat_seconds=15, links={})


def deliveries(first: int, last: int) -> list[Delivery]:
    document = dump_event(EVENT)
    return [Delivery(LoggedEvent(f"{n}-0", EVENT, document), Trail(), PAYLOAD) for n in range(first, last + 1)]


def places(recent: Recent, after: int, up_to: int = 10**6, count: int = 10**6) -> list[int] | None:
    found = recent.between((after, 0), (up_to, 0), count)
    return None if found is None else [delivery.at[0] for delivery in found]


def test_what_follows_a_place_is_found_page_by_page_and_up_to_another_place() -> None:
    recent = Recent((4, 0))
    recent.extend(deliveries(5, 9))
    assert places(recent, after=4) == [5, 6, 7, 8, 9]
    assert places(recent, after=6, up_to=8) == [7, 8]
    assert places(recent, after=4, count=2) == [5, 6]
    assert places(recent, after=9) == []


def test_a_place_before_all_of_them_or_beyond_is_not_here() -> None:
    recent = Recent((4, 0))
    assert places(recent, after=4) == []
    assert places(recent, after=5) is None
    recent.extend(deliveries(6, 9))
    assert [places(recent, after=place) for place in (3, 5, 10)] == [None, None, None]


def test_the_oldest_are_forgotten_now_and_then() -> None:
    recent = Recent((0, 0), kept=10)
    recent.extend(deliveries(1, 10 + SLACK))
    assert places(recent, after=0) is not None
    recent.extend(deliveries(11 + SLACK, 11 + SLACK))
    assert places(recent, after=SLACK) is None
    assert places(recent, after=SLACK + 1) == list(range(SLACK + 2, SLACK + 12))
