"""Calls are listed, filtered, found and paged through, by whoever may see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.web.rights import Rights, Scope
from shared.event_log import EventLog
from shared.events import Extension, ExtensionKind, Outcome, RemoteNumber, State
from tests.api.client import Api
from tests.shared.making import an_event
from tests.waiting import eventually
from tests.web.conftest import Start
from tests.web.scenes import ANNA, CLARA, JONAS, MUNICH, PETRA, WITHHELD, WORKSHOP, Scene, german


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    """What happens in the office of `own_api`."""
    return Scene(event_log)


def listed(api: Api, count: int) -> None:
    """Waits until the API knows so many calls, and all of them."""

    def known() -> bool:
        entries = api.get("/calls", limit=200).data["calls"]
        ended = [entry for entry in entries if entry["call"]["state"] == "ended"]
        return (
            len(entries) == count
            and all(entry["contact"] for entry in entries)
            and all(entry["record"] for entry in ended)
        )

    eventually(known)


def test_it_says_who_the_token_speaks_for(api: Api) -> None:
    rights = Rights(calls=Scope.OWN, own_numbers=frozenset({"4710100"}))
    everything, own = api.get("/me").data, Api(api.web, rights, user="bert").get("/me").data
    ends = datetime.fromisoformat(everything.pop("expires_at"))
    assert 0 < (ends - datetime.now(UTC)).total_seconds() <= 600
    assert everything == {"user": "anna", "calls": "all", "mine": False}
    assert {name: own[name] for name in ("user", "calls", "mine")} == {"user": "bert", "calls": "own", "mine": True}


def test_calls_come_newest_first_each_as_in_the_event_streams_snapshot(own_api: Api, scene: Scene) -> None:
    ended = scene.end(scene.answer(scene.ring(german("+492214710123"), ANNA, ago=600)), Outcome.ANSWERED, 60)
    ringing = scene.ring(german("+494066969044"), JONAS, CLARA)
    listed(own_api, 2)
    answer = own_api.get("/calls")
    assert answer.ids == [ringing.id, ended.id]
    assert answer.data["next"] is None
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    with own_api.web.events() as browser:
        assert answer.data["calls"] == browser.next("snapshot").data["calls"]
    assert own_api.get(f"/calls/{ended.id}").data == answer.data["calls"][1]
    assert answer.data["calls"][1]["record"] is not None
    assert answer.data["calls"][0]["shown"] == {"number": "040 66969044", "own_number": "069 90009100"}


def test_they_are_filtered_by_how_they_ended_and_which_way_they_went(own_api: Api, scene: Scene) -> None:
    missed = scene.end(scene.ring(german("+492214710123"), ANNA), Outcome.MISSED)
    dialled = scene.end(scene.dial(german("+493023125117"), PETRA), Outcome.NOT_REACHED)
    dialling = scene.dial(german("+493023125117"), PETRA)
    listed(own_api, 3)
    assert own_api.get("/calls", outcome="missed").ids == [missed.id]
    assert own_api.get("/calls", outcome="not reached").ids == [dialled.id]
    assert own_api.get("/calls", direction="outbound").ids == [dialling.id, dialled.id]
    assert own_api.get("/calls", direction="inbound", outcome="answered").ids == []


@pytest.mark.parametrize("found_by", ["listing", "searching"])
def test_each_call_is_on_one_page_only_although_calls_come_in_and_change(
    own_api: Api, scene: Scene, found_by: str
) -> None:
    before = [scene.ring(german("+492214710123"), ANNA) for _ in range(7)]
    listed(own_api, 7)
    pages: list[list[str]] = []
    cursor = None
    while cursor or not pages:
        query: dict[str, Any] = {"limit": 3} | ({"before": cursor} if cursor else {})
        answer = own_api.get("/calls", **query) if found_by == "listing" else search(own_api, "anna", **query)
        pages.append(answer.ids)
        cursor = answer.data["next"]
        scene.end(before[2 * len(pages)], Outcome.MISSED)
        scene.ring(german("+492214710123"), ANNA)
        listed(own_api, 7 + len(pages))
    assert pages == [[before[n].id for n in some] for some in ((6, 5, 4), (3, 2, 1), (0,))]


def search(api: Api, typed: str, **query: str | int) -> Any:
    return api.post("/calls/search", {"q": typed} | query)


def test_they_are_found_by_name_company_number_and_place(own_api: Api, scene: Scene) -> None:
    anna = scene.end(scene.ring(german("+492214710123"), ANNA), Outcome.MISSED)
    stranger = scene.ring(german("+498999998077"), MUNICH)
    listed(own_api, 2)
    for typed in ("schmidt", "SOEHNE", "0221/4710-123", "+49 (0)221 4710 123", "4710"):
        assert search(own_api, typed).ids == [anna.id], typed
    assert search(own_api, "muenchen").ids == [stranger.id]
    assert search(own_api, "").ids == [stranger.id, anna.id]
    assert search(own_api, "schmidt", outcome="answered").ids == []
    assert search(own_api, "schmidt münchen").ids == []


def test_what_people_search_for_is_never_logged(own_api: Api, scene: Scene) -> None:
    scene.ring(german("+492214710123"), ANNA)
    listed(own_api, 1)
    assert search(own_api, "0221 4710123", limit=1).ids
    assert search(own_api, "0221 4710123", limit=0).status == 422
    assert own_api.get("/calls", q="02214710123").status == 422
    assert "4710" not in own_api.web.log()


def test_a_token_for_own_numbers_and_phones_opens_those_calls_and_no_others(own_api: Api, scene: Scene) -> None:
    called = scene.ring(german("+492214710123"), ANNA, own="90009110")
    answered = scene.ring(german("+494066969044"), JONAS)
    others = scene.answer(scene.ring(german("+498999998077"), MUNICH), WORKSHOP)
    listed(own_api, 3)
    rights = Rights(calls=Scope.OWN, own_numbers=frozenset({"069/90009-110"}), extensions=frozenset({"10"}))
    mine = Api(own_api.web, rights)
    assert mine.get("/calls").ids == mine.get("/calls", calls="mine").ids == [called.id]
    scene.answer(answered)  # by phone 10
    eventually(lambda: mine.get("/calls").ids == [answered.id, called.id])
    assert search(mine, "").ids == [answered.id, called.id]
    assert search(mine, "münchen").ids == []
    assert [mine.get(f"/calls/{call.id}").status for call in (called, answered, others)] == [200, 200, 404]
    refused = mine.post(f"/calls/{others.id}/contact", {"table": "KUNDEN", "record_id": 7})
    unknown = mine.post("/calls/no-such-call/contact", {"table": "KUNDEN", "record_id": 7})
    assert (refused.status, refused.data) == (unknown.status, unknown.data) == (404, refused.data)


def test_a_call_that_was_handed_over_is_that_of_both_phones(own_api: Api, event_log: EventLog) -> None:
    phones = [Extension(code=code, kind=ExtensionKind.DECT, name=f"DECT {code}") for code in (10, 11)]
    versions = [
        an_event("one", seq=seq, state=State.CONNECTED, extension=phone) for seq, phone in enumerate(phones, start=1)
    ]
    event_log.publish_lines("office", [([event], b"") for event in versions])
    eventually(lambda: [entry["call"]["seq"] for entry in own_api.get("/calls").data["calls"]] == [2])
    for code, visible in (("10", ["one"]), ("11", ["one"]), ("12", [])):
        rights = Rights(calls=Scope.OWN, extensions=frozenset({code}))
        assert Api(own_api.web, rights).get("/calls").ids == visible


def test_a_token_for_everything_narrows_to_ones_own_calls_on_demand(own_api: Api, scene: Scene) -> None:
    scene.ring(german("+492214710123"), ANNA)
    mine = scene.ring(german("+494066969044"), JONAS, own="90009110")
    listed(own_api, 2)
    rights = Rights(calls=Scope.ALL, own_numbers=frozenset({"90009110"}))
    assert len(Api(own_api.web, rights).get("/calls").ids) == 2
    assert Api(own_api.web, rights).get("/calls", calls="mine").ids == [mine.id]
    assert search(Api(own_api.web, rights), "", calls="mine").ids == [mine.id]
    assert own_api.get("/calls", calls="mine").ids == [], "a token that names nothing of the user's own"


def test_calls_from_long_before_the_start_are_there_as_well(start: Start, event_log: EventLog) -> None:
    names = [f"call-{n}" for n in range(700)]
    phone = Extension(code=10, kind=ExtensionKind.DECT, name="Reception")
    for name in names:
        ringing = an_event(name, remote=RemoteNumber(received="", suppressed=True))
        end = an_event(name, seq=2, state=State.ENDED, outcome=Outcome.ANSWERED, extension=phone)
        event_log.publish_lines("office", [([ringing, end], b"")])
    web = start()
    web.start()
    found: list[str] = []
    cursor: str | None = None
    while cursor or not found:
        answer = Api(web).get("/calls", limit=200, before=cursor)
        found += answer.ids
        cursor = answer.data["next"]
    assert found == names[::-1]
    assert Api(web).get("/calls/call-0").status == 200


def test_a_suppressed_number_is_shown_as_none(own_api: Api, scene: Scene) -> None:
    scene.ring(WITHHELD)
    listed(own_api, 1)
    [entry] = own_api.get("/calls").data["calls"]
    assert (entry["shown"]["number"], entry["call"]["remote"]["suppressed"]) == ("", True)
    assert json.dumps(entry)
