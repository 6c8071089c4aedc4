"""The event log on a real Valkey: what is atomic, what is skipped and what is kept."""

from __future__ import annotations

from typing import Any

from redis import Redis

from shared.event_log import DEAD_LETTERS_KEPT, ORIGIN, EventLog
from shared.events import CallEvent, CallRecorded, ContactResolved, State
from tests.shared.making import a_call, an_event


def stored(log: EventLog) -> list[str]:
    return [f"{e.event.type} {e.event.call_id}" for e in log.read(ORIGIN, count=1000, block_seconds=0.01)]


def test_an_event_comes_back_as_it_went_in(event_log: EventLog) -> None:
    event = an_event("one")
    event_log.publish_lines("office", [([event], b"memory")])
    (logged,) = event_log.read(ORIGIN, count=10, block_seconds=0.01)
    assert logged.event == event
    assert event_log.memory_of("office") == b"memory"


def test_a_second_reader_of_the_same_box_writes_nothing_twice(event_log: EventLog) -> None:
    life = [([an_event("one")], b""), ([an_event("one", seq=2, state=State.CONNECTED)], b"")]
    event_log.publish_lines("office", life)
    event_log.publish_lines("office", life)
    assert stored(event_log) == ["call.ringing one", "call.connected one"]


def test_a_call_is_in_progress_from_its_first_event_to_its_end(event_log: EventLog) -> None:
    event_log.publish_lines("office", [([an_event("one")], b""), ([an_event("two")], b"")])
    event_log.publish_lines("office", [([an_event("one", seq=2, state=State.ENDED)], b"")])
    present = event_log.present()
    assert [event.call_id for event in present.events] == ["two"]
    assert event_log.read(present.position, count=10, block_seconds=0.01) == [], "the story goes on from exactly there"


def test_what_is_known_of_a_call_in_progress_is_present_too(event_log: EventLog) -> None:
    event_log.publish_lines("office", [([an_event("one")], b"")])
    resolved, recorded = ContactResolved(call_id="one"), CallRecorded(call_id="one", table="ANRUFE", record_id=7)
    event_log.publish(recorded)
    event_log.publish(resolved)
    events = event_log.present().events
    assert isinstance(events[0], CallEvent)
    assert {type(event) for event in events[1:]} == {ContactResolved, CallRecorded}


def test_nothing_is_kept_of_a_call_that_has_ended(event_log: EventLog) -> None:
    event_log.publish_lines("office", [([an_event("one")], b"")])
    event_log.publish(ContactResolved(call_id="one"))
    event_log.publish_lines("office", [([an_event("one", seq=2, state=State.ENDED)], b"")])
    event_log.publish(CallRecorded(call_id="one", table="ANRUFE", record_id=7))
    assert event_log.present().events == ()
    assert stored(event_log)[-1] == "call.recorded one"


def test_acknowledging_twice_publishes_once(event_log: EventLog, redis_client: Redis) -> None:
    event_log.ensure_group("matcher")
    event_log.publish_lines("office", [([an_event("one")], b"")])
    redis_client.xreadgroup("matcher", "worker", {event_log.keys.stream: ">"})
    (logged,) = event_log.read(ORIGIN, count=1, block_seconds=0.01)
    for _ in range(2):
        event_log.ack_and_publish("matcher", [(logged.id, [ContactResolved(call_id="one")])])
    assert stored(event_log) == ["call.ringing one", "contact.resolved one"]


def test_the_newest_events_come_newest_first(event_log: EventLog) -> None:
    event_log.publish_lines("office", [([an_event(str(n))], b"") for n in range(5)])
    newest = event_log.newest("+", count=2)
    assert [logged.event.call_id for logged in newest] == ["4", "3"]
    assert [e.event.call_id for e in event_log.between(ORIGIN, newest[1].id, count=10)] == ["0", "1", "2", "3"]


def test_an_unreadable_entry_does_not_stop_a_tail(event_log: EventLog, redis_client: Redis) -> None:
    redis_client.xadd(event_log.keys.stream, {"event": "not json"})
    event_log.publish_lines("office", [([CallEvent.of(a_call("one"))], b"")])
    assert stored(event_log) == ["call.ringing one"]


def test_all_keys_of_a_log_share_a_hash_slot(event_log: EventLog) -> None:
    keys = event_log.keys
    assert keys.active == "{callmonitor:events}:active"
    assert all("{callmonitor:events}" in key for key in (keys.dead, keys.quarantine, keys.seq("x"), keys.box("y")))


def test_no_more_dead_letters_are_kept_than_can_be_looked_at_and_the_newest_stay(
    event_log: EventLog, redis_client: Redis
) -> None:
    event_log.ensure_group("logger")
    event_log.publish_lines("office", [([an_event("one"), an_event("two")], b"")])
    taken: Any = redis_client.xreadgroup("logger", "worker", {event_log.keys.stream: ">"})
    with redis_client.pipeline(transaction=False) as pipe:
        for _ in range(DEAD_LETTERS_KEPT):
            pipe.xadd(event_log.keys.dead, {"event": "an older one"})
        pipe.execute()

    for entry_id, fields in taken[0][1]:
        assert event_log.bury("logger", entry_id.decode(), fields[b"event"], "odd", 5)
        assert not event_log.bury("logger", entry_id.decode(), fields[b"event"], "odd", 5), "it is no longer held"

    assert redis_client.xlen(event_log.keys.dead) == DEAD_LETTERS_KEPT
    newest: Any = redis_client.xrevrange(event_log.keys.dead, count=2)
    assert [b"two" in newest[0][1][b"event"], b"one" in newest[1][1][b"event"]] == [True, True]
