"""What comes over the stream, in what order, and what happens to who was away (docs/events.md, 4 to 7)."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from tests.conformance.conftest import ready
from tests.conformance.document import event_example
from tests.conformance.server import Office, Server
from tests.conformance.stream import Stream
from tests.valkey import Valkey

ON_THE_WAY = 10
"""Seconds for what a busy machine and a network add."""
IN_MEMORY = 1000
"""Events that our server has at hand when it has just started: there it needs no log."""
MOST_WAITING = 1000
MOST_STREAMS = 32


@pytest.mark.requirement("E14")
def test_the_reader_is_told_when_the_log_is_lost_and_when_it_is_back(own_server: Server, own_valkey: Valkey) -> None:
    with own_server.open() as stream:
        assert stream.event("snapshot").data["live"] is True
        own_valkey.stop()
        lost = stream.event("status")
        own_valkey.start()
        found = stream.event("status", "snapshot")
    assert [lost.data["live"], found.data["live"]] == [False, True]
    assert lost.id is None
    assert lost.data.keys() == event_example("status").keys()


@pytest.mark.requirement("E15")
def test_an_event_is_the_document_in_the_log_with_fields_that_nobody_knows_yet(server: Server, office: Office) -> None:
    call = office.call()
    events = [event | {"new": {"in": 2027}} for event in (office.ringing(call), office.contact(call))]
    events.append(office.record(call))
    with server.open(**office.holder) as stream:
        stream.event("snapshot")
        ids = server.happens(*events)
        received = [event.data for event in stream.events_up_to(ids[-1])]
    assert set(received[0].pop("shown")) == {"number", "own_number"}
    assert received == events


@pytest.mark.requirement("E16")
def test_who_comes_first_gets_a_snapshot_and_every_event_after_it(server: Server, office: Office) -> None:
    before = office.call()
    contact, record = office.contact(before), office.record(before)
    *_, newest = server.has_happened(office.ringing(before), contact, record)
    with server.open(**office.holder) as stream:
        snapshot = stream.event()
        assert (snapshot.name, snapshot.id, snapshot.data["reason"]) == ("snapshot", newest, "start")
        (known,) = snapshot.data["calls"]
        assert (known["call"]["id"], known["contact"], known["record"]) == (before, contact, record)
        ids = server.happens(office.ringing(office.call()), office.ringing(office.call()))
        assert [event.id for event in stream.events_up_to(ids[-1])] == ids


@pytest.mark.requirement("E17")
def test_who_comes_back_gets_what_it_missed_and_no_snapshot(server: Server, office: Office) -> None:
    seen, *missed = server.happens(*(office.ringing(office.call()) for _ in range(5)))
    with server.open(seen, **office.holder) as stream:
        names, ids = [], []
        while missed[-1] not in ids:
            event = stream.event()
            names.append(event.name)
            ids.append(event.id)
    assert "snapshot" not in names
    assert [event_id for event_id in ids if event_id] == missed


@pytest.mark.requirement("E18")
@pytest.mark.parametrize("place", ["1-0", "9999999999999-0", "nonsense", "", "1"])
def test_who_cannot_be_given_what_it_missed_is_told(server: Server, office: Office, place: str) -> None:
    server.happens(office.ringing(office.call()))
    with server.open(place, **office.holder) as stream:
        first = stream.event()
        assert (first.name, first.data["reason"]) == ("snapshot", "gap")


@pytest.mark.requirement("E17")
def test_who_comes_back_while_the_log_cannot_be_read_is_told_and_gets_what_it_missed_when_it_can(
    own_server: Server, own_valkey: Valkey
) -> None:
    office = Office()
    seen, *missed = own_server.has_happened(*(office.ringing(office.call()) for _ in range(IN_MEMORY + 300)))
    with ready(Server.started(own_valkey.url)) as fresh:  # has not read everything itself
        own_valkey.stop()
        with fresh.open(seen) as stream:
            first = stream.event()
            assert (first.name, first.data["live"]) == ("status", False)
            own_valkey.start()
            events = [first]
            while events[-1].id != missed[-1]:
                events.append(stream.event())
    assert [event.id for event in events if event.name != "status"] == missed


@pytest.mark.requirement("E18")
def test_who_comes_back_while_the_log_cannot_be_read_is_told_of_a_gap_as_soon_as_there_is_one_for_sure(
    own_server: Server, own_valkey: Valkey
) -> None:
    office = Office()
    own_server.has_happened(office.ringing(office.call()))
    own_valkey.stop()
    with own_server.open("1-0") as stream:
        first = stream.event()
        assert (first.name, first.data["live"]) == ("status", False)
        own_valkey.start()
        assert stream.event("snapshot").data["reason"] == "gap"


@pytest.mark.requirement("E19")
def test_over_any_number_of_connections_each_event_comes_once_and_in_order(server: Server, office: Office) -> None:
    ids: list[str] = []
    received: list[str | None] = []
    with server.open(**office.holder) as stream:
        last = stream.event("snapshot").id
    for n in range(6):
        ids += server.happens(*(office.ringing(office.call()) for _ in range(n + 1)))
        with server.open(last, **office.holder) as stream:
            while last != ids[-1]:  # and hang up in the middle of what follows
                event = stream.event()
                if event.id:
                    received.append(event.id)
                    last = event.id
            ids += server.happens(*(office.ringing(office.call()) for _ in range(3)))
            last = stream.event("call.ringing").id
            received.append(last)
    server.happens(office.ringing(office.call()))
    assert received == ids[: len(received)]
    assert len(received) >= len(ids) - 2
    assert [tuple(map(int, event_id.split("-"))) for event_id in ids] == sorted(
        tuple(map(int, event_id.split("-"))) for event_id in ids
    )


@pytest.mark.requirement("E20")
def test_when_the_log_is_another_one_the_reader_gets_a_new_picture(own_server: Server) -> None:
    office = Office()
    own_server.happens(office.ringing(office.call()))
    with own_server.open() as stream:
        assert stream.event("snapshot").data["reason"] == "start"
        own_server.redis.flushall()
        assert stream.event("snapshot").data["reason"] == "restart"


@pytest.mark.requirement("E21")
def test_the_stream_is_never_silent_for_longer_than_it_says(server: Server) -> None:
    with server.open(calls="own", sub="quiet") as stream:
        longest = stream.event("snapshot").data["heartbeat_seconds"]
    with server.open(calls="own", sub="quiet", patience=longest + ON_THE_WAY) as stream:
        stream.event("snapshot")
        for _ in range(3):
            assert stream.block() is not None


@pytest.mark.requirement("E22")
def test_who_is_sent_nothing_is_told_how_far_it_is(server: Server, office: Office) -> None:
    with server.open(**office.holder) as stream:
        stream.event("snapshot")
        *_, newest = server.happens(*(office.ringing(office.call(), own_number="another") for _ in range(3)))
        while (block := stream.block()) is not None and block.id != newest:
            assert not block.name
        assert block is not None
        assert block.text == f"id: {newest}"


@pytest.mark.requirement("E23")
def test_who_does_not_read_is_cut_off_and_gets_everything_when_it_comes_back(server: Server, office: Office) -> None:
    address = urlsplit(server.url)
    call = office.call()
    (seen,) = server.happens(office.ringing(call))
    ids: list[str] = []
    with (
        socket.create_connection((address.hostname, address.port), timeout=20) as sluggish,
        server.open(seen, **office.holder) as quick,
    ):
        sluggish.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        authorization = f"Authorization: Bearer {server.token(**office.holder)}"
        sluggish.sendall(f"GET /events HTTP/1.1\r\nHost: test\r\n{authorization}\r\n\r\n".encode())
        assert sluggish.recv(12) == b"HTTP/1.1 200"
        for _ in range(0, 2 * MOST_WAITING, 100):
            some = server.happens(*(office.contact(call) for _ in range(100)))
            assert [event.id for event in quick.events_up_to(some[-1])] == some
            ids += some
        while sluggish.recv(65536):
            pass
    with server.open(seen, **office.holder) as again:
        assert [event.id for event in again.events_up_to(ids[-1])] == ids


@pytest.mark.requirement("E24")
def test_a_user_has_a_limited_number_of_streams_and_others_are_not_affected(server: Server, office: Office) -> None:
    held: list[Stream] = []
    while len(held) <= 64 * MOST_STREAMS:  # as many as the largest number of processes allows
        held.append(server.open(sub=office.box))
        if held[-1].answer.status != 200:
            break
    refused = held.pop()
    assert (refused.answer.status, len(held) >= MOST_STREAMS) == (429, True)
    assert int(refused.answer.headers["Retry-After"]) > 0
    assert list(json.loads(refused.answer.read())) == ["error"]
    with server.open(sub=f"not {office.box}") as other:
        assert other.answer.status == 200
    held.pop().close()
    deadline = time.monotonic() + 40
    while (again := server.open(sub=office.box)).answer.status == 429:
        assert time.monotonic() < deadline
        again.close()
        time.sleep(0.05)
    for stream in [*held, again, refused]:
        stream.close()
