"""The contacts in Redis: swapped in whole, small, and never half there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from services.matcher.resolve import resolve
from shared.consumer import Entry
from shared.contacts.index import ABANDONED_SECONDS, ContactIndex, IndexLost
from shared.contacts.main_numbers import Extension
from shared.contacts.reading import Contact
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, RemoteNumber, Source
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.shared.making import an_event
from tests.valkey import Valkey

DAY = 24 * 3600


def someone(record_id: int, name: str, *numbers: str, company: str = "") -> Contact:
    candidate = Candidate(
        source=Source.LIMBAS, match=Match.EXACT, name=name, company=company, table="KUNDEN", record_id=record_id
    )
    return Contact(candidate, numbers, company=company)


def everybody(name: str, count: int = 300) -> Iterator[Contact]:
    return (someone(n, name, number_of(n)) for n in range(count))


def number_of(n: int) -> str:
    return f"+4930231{n:05}"


def generations(redis: Redis) -> set[bytes]:
    return {key.rpartition(b":")[0] for key in redis.scan_iter("*:contacts:????????:*")}


def test_ten_rebuilds_go_unnoticed_by_four_matchers(event_log: EventLog, valkey: Valkey) -> None:
    index, asked, stop = ContactIndex(event_log), 30, threading.Event()
    index.replace(everybody("turn 0"))
    answers: list[list[ContactResolved]] = []
    entries = [
        Entry(f"1-{n}", an_event(f"call {n}", remote=RemoteNumber(received="", e164=number_of(n))), b"")
        for n in range(asked)
    ]

    def match() -> None:
        with connect(valkey.url) as redis:
            own = ContactIndex(EventLog(redis, STREAM, DAY))
            while not stop.is_set():
                done = resolve(entries, own.lookup, lambda _: None)
                answers.append([event for each in done for event in each.events if isinstance(event, ContactResolved)])

    matchers = [threading.Thread(target=match) for _ in range(4)]
    for matcher in matchers:
        matcher.start()
    for turn in range(1, 11):
        index.replace(everybody(f"turn {turn}"))
    stop.set()
    for matcher in matchers:
        matcher.join()
    seen = set()
    for batch in answers:
        assert len(batch) == asked
        assert all(answer.sure and answer.candidates[0].record_id == n for n, answer in enumerate(batch))
        (name,) = {answer.candidates[0].name for answer in batch}  # of one generation, never of two
        seen.add(name)
    assert len(seen) >= 5, "the matchers hardly looked"
    assert len(generations(event_log.redis)) == 1, "old contacts are still there"


def test_a_contact_that_is_gone_is_forgotten(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    index.replace([someone(1, "Anna", number_of(1)), someone(2, "Bernd", number_of(2))])
    index.replace([someone(2, "Bernd", number_of(2))])
    assert [bool(found) for found in index.lookup([number_of(1), number_of(2)])] == [False, True]


def test_an_empty_limbas_is_no_missing_one(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    assert index.replace([]) == 0
    assert index.exists()
    assert index.lookup([number_of(1)]) == [()]


def test_a_reading_that_breaks_off_changes_nothing_and_leaves_nothing(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    index.replace(everybody("whole", 10))

    def broken() -> Iterator[Contact]:
        yield from everybody("half", 700)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        index.replace(broken())
    assert [found.name for (found,) in index.lookup([number_of(0), number_of(9)])] == ["whole", "whole"]
    assert len(generations(event_log.redis)) == 1


def test_what_a_dead_builder_left_is_swept_up(event_log: EventLog) -> None:
    redis, left = event_log.redis, event_log.keys.beside("contacts:deadbeef")
    redis.hset(f"{left}:17", "493023100001", "KUNDEN:1\x1fAnna")
    redis.zadd(event_log.keys.beside("contacts:building"), {left: time.time() - ABANDONED_SECONDS - 1})
    ContactIndex(event_log).replace(everybody("new", 5))
    assert left.encode() not in generations(redis)


def test_an_index_of_which_redis_lost_a_part_is_not_used(event_log: EventLog) -> None:
    index = ContactIndex(event_log)

    def interrupted() -> Iterator[Contact]:
        yield from everybody("before", 600)
        event_log.redis.flushdb()
        yield from everybody("after", 10)

    with pytest.raises(IndexLost):
        index.replace(interrupted())
    assert not index.exists()
    assert generations(event_log.redis) == set()


def test_numbers_with_much_to_say_are_complete_too(event_log: EventLog) -> None:
    index, company = ContactIndex(event_log), "Gesellschaft für besonders ausführliche Firmennamen mbH & Co. KG"
    crowd = [someone(n, f"Person {n}", number_of(1), number_of(n + 2), company=company) for n in range(12)]
    assert index.replace(crowd) == 13
    shared, own = index.lookup([number_of(1), number_of(5)])
    assert [found.record_id for found in shared] == list(range(12))
    assert {found.company for found in shared} == {company}
    assert [(found.record_id, found.company) for found in own] == [(3, company)]


def test_a_number_that_stands_twice_in_a_record_is_one_candidate(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    index.replace(
        [someone(1, "Anna", number_of(1)), someone(1, "Anna", number_of(1)), someone(11, "Eve", number_of(1))]
    )
    assert [found.record_id for found in index.lookup([number_of(1)])[0]] == [1, 11]


def test_a_contact_that_is_added_is_found_until_the_next_index(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    index.add(someone(1, "Too early", number_of(1)))
    index.replace(everybody("known", 3))
    index.add(someone(77, "New", number_of(77), number_of(1)))
    alone, shared = index.lookup([number_of(77), number_of(1)])
    assert [found.name for found in alone] == ["New"]
    assert [found.name for found in shared] == ["known", "New"]


def test_companies_come_after_records_and_before_the_phonebook(event_log: EventLog) -> None:
    index = ContactIndex(event_log)
    company = someone(1, "", "+4962215000", company="Neckar Druck GmbH")
    switchboard = Contact(company.candidate, company.numbers, (Extension("+496221500", "0"),), company.company)
    index.replace([switchboard, someone(2, "Anna", "+49622150012")])
    phonebook = {"+49622150012": "Anna (box)", "+49622150013": "Desk (box)", "+4962217000": "Baker\x1eHis wife"}
    event_log.redis.hset(event_log.keys.beside("phonebook"), mapping=phonebook)  # type: ignore[arg-type]
    found = index.lookup(["+49622150012", "+49622150013", "+4962217000", "+4962218000"])
    assert [[(one.name, one.match) for one in each] for each in found] == [
        [("Anna", Match.EXACT)],
        [("Neckar Druck GmbH", Match.COMPANY)],
        [("Baker", Match.PHONEBOOK), ("His wife", Match.PHONEBOOK)],
        [],
    ]


def test_a_number_takes_at_most_150_bytes(event_log: EventLog) -> None:
    numbers = 20_000
    contacts = (
        someone(n, f"Vorname Nachname{n % 999}", number_of(n), f"+49171{n:07}", company=f"Musterfirma {n % 5000} GmbH")
        for n in range(numbers // 2)
    )
    assert ContactIndex(event_log).replace(contacts) == numbers
    redis = event_log.redis
    assert sum(redis.memory_usage(key, samples=0) or 0 for key in redis.scan_iter(count=1000)) / numbers <= 150
