"""Who sees what (docs/events.md, 3)."""

from __future__ import annotations

import pytest

from tests.conformance.server import Office, Server

WAYS = ["069 90009-110", "+49 69 90009110", "(069) 90009/110", "0049 69 90009110"]


@pytest.mark.requirement("E7")
def test_who_has_the_own_number_sees_a_call_from_its_first_event_on(server: Server, office: Office) -> None:
    with server.open(**office.holder) as stream:
        stream.event("snapshot")
        call = office.call()
        ids = server.happens(office.ringing(call), office.contact(call), office.connected(call), office.ended(call))
        assert [event.id for event in stream.events_up_to(ids[-1])] == ids


@pytest.mark.requirement("E7")
@pytest.mark.parametrize("written", WAYS)
def test_a_number_is_the_same_however_it_is_written(server: Server, office: Office, written: str) -> None:
    with server.open(calls="own", own_numbers=[written]) as stream:
        stream.event("snapshot")
        (rings,) = server.happens(office.ringing(office.call(), own_number="+496990009110"))
        assert [event.id for event in stream.events_up_to(rings)] == [rings]


@pytest.mark.requirement("E7")
def test_what_is_no_number_of_the_outside_world_is_the_same_but_for_spaces_and_signs(
    server: Server, office: Office
) -> None:
    with server.open(calls="own", own_numbers=[office.own_number.replace("-", " / ")]) as stream:
        stream.event("snapshot")
        _, rings = server.happens(
            office.ringing(office.call(), own_number=f"{office.own_number}1"), office.ringing(office.call())
        )
        assert [event.id for event in stream.events_up_to(rings)] == [rings]


@pytest.mark.requirement("E8")
def test_an_inbound_call_is_a_phones_from_the_answer_on(server: Server, office: Office) -> None:
    with server.open(**office.phone_holder) as stream:
        stream.event("snapshot")
        call = office.call()
        ids = server.happens(office.ringing(call), office.connected(call), office.ended(call))
        assert [event.id for event in stream.events_up_to(ids[-1])] == ids[1:]


@pytest.mark.requirement("E8")
def test_an_outbound_call_is_a_phones_from_its_beginning(server: Server, office: Office) -> None:
    with server.open(**office.phone_holder) as stream:
        stream.event("snapshot")
        dialled = office.connected(office.call(), seq=1, state="dialing", direction="outbound")
        (dials,) = server.happens(dialled | {"type": "call.dialing"})
        assert [event.name for event in stream.events_up_to(dials)] == ["call.dialing"]


@pytest.mark.requirement("E8")
def test_a_phone_may_be_named_without_its_box(server: Server, office: Office) -> None:
    with server.open(calls="own", extensions=["19"]) as stream:
        stream.event("snapshot")
        _, answered = server.happens(office.connected(office.call(), 18), office.connected(office.call(), 19))
        assert [event.id for event in stream.events_up_to(answered)] == [answered]


@pytest.mark.requirement("E9")
@pytest.mark.parametrize("live", [True, False], ids=["live", "in a replay"])
def test_what_was_known_of_a_call_comes_right_before_it_without_an_id(
    server: Server, office: Office, live: bool
) -> None:
    call = office.call()
    (before,) = server.happens(office.ringing(call))
    early, better, record = office.contact(call, sure=False), office.contact(call), office.record(call)
    if live:
        with server.open(**office.phone_holder) as stream:
            stream.event("snapshot")
            server.happens(early, better, record)
            (answered,) = server.happens(office.connected(call))
            events = stream.events_up_to(answered)
    else:
        *_, answered = server.happens(early, better, record, office.connected(call))
        with server.open(before, **office.phone_holder) as stream:
            events = stream.events_up_to(answered)
    *known, last = events
    assert {event.name: event.data for event in known} == {"contact.resolved": better, "call.recorded": record}
    assert [event.id for event in known] == [None, None]
    assert last.name == "call.connected"


@pytest.mark.requirement("E10")
def test_whoever_sees_a_call_sees_it_to_its_end_and_all_that_concerns_it(server: Server, office: Office) -> None:
    with server.open(**office.phone_holder) as stream:
        stream.event("snapshot")
        call = office.call()
        ids = server.happens(
            office.connected(call, 10), office.connected(call, 11, seq=3), office.record(call),
            office.ended(call, seq=4, extension=None), office.contact(call, late=True),
        )  # fmt: skip
        assert [event.id for event in stream.events_up_to(ids[-1])] == ids


@pytest.mark.requirement("E11")
@pytest.mark.parametrize("live", [True, False], ids=["live", "in a replay"])
def test_nothing_is_sent_of_the_calls_of_others(server: Server, office: Office, live: bool) -> None:
    other, mine, gone = office.call(), office.call(), office.call()
    events = [
        office.ringing(other, own_number="another"), office.contact(other), office.record(other),
        office.connected(other, 11, own_number="another"), office.ended(other, 11, own_number="another"),
        office.contact(gone, late=True), office.connected(mine),
    ]  # fmt: skip
    (before,) = server.happens(office.ringing(office.call(), own_number="another"))
    holders = (office.holder, office.phone_holder)
    streams = [server.open(**holder) for holder in holders]
    for stream in streams:
        stream.event("snapshot")
    *_, newest = server.has_happened(*events)
    if not live:
        for stream in streams:
            stream.close()
        streams = [server.open(before, **holder) for holder in holders]
    for stream, holder in zip(streams, holders, strict=True):
        assert [event.about for event in stream.events_up_to(newest)] == [mine]
        stream.close()
        with server.open(**holder) as newcomer:
            assert [known["call"]["id"] for known in newcomer.event("snapshot").data["calls"]] == [mine]


@pytest.mark.requirement("E11")
def test_who_may_see_nothing_is_sent_nothing(server: Server, office: Office) -> None:
    with server.open(calls="own") as stream:
        assert stream.event("snapshot").data["calls"] == []
        (newest,) = server.happens(office.ringing(office.call(), own_number=""))
        while (block := stream.block()) is not None and block.id != newest:
            assert not block.name
        assert block is not None
        assert not block.name
