"""A person says who it was, in a browser: from then on everybody sees it, and so the next time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.web.rights import EVERYTHING, Rights, Scope
from shared.contacts.index import ContactIndex
from shared.contacts.pins import Pins
from shared.event_log import EventLog
from shared.events import Call, Match, Outcome, RemoteNumber
from shared.unknown_calls import UnknownCall, UnknownCalls
from tests.api.client import Answer, Api
from tests.waiting import eventually
from tests.web.scenes import CLARA, IN_PHONEBOOK, ISAR, JONAS, MUNICH, WITHHELD, Scene, german

NUMBER = "+494066969044"


@pytest.fixture
def scene(event_log: EventLog) -> Scene:
    return Scene(event_log)


def known(api: Api, call: Call) -> Call:
    """Waits until the API knows the call and its candidates."""
    eventually(lambda: api.get(f"/calls/{call.id}").data.get("contact"))
    return call


def choose(api: Api, call: Call, record_id: int, table: str = "KUNDEN") -> Answer:
    return api.post(f"/calls/{call.id}/contact", {"table": table, "record_id": record_id})


def test_the_number_is_pinned_and_every_browser_is_told(own_api: Api, scene: Scene, event_log: EventLog) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA))
    rights = Rights(calls=Scope.OWN, own_numbers=frozenset({"90009100"}))
    with own_api.web.events() as one, own_api.web.events(user="bert", rights=rights) as another:
        for browser in (one, another):
            browser.next("snapshot")
        answer = choose(own_api, call, CLARA.record_id or 0)
        for browser in (one, another):
            told = browser.next("contact.resolved").data
            assert {name: told[name] for name in answer.data["contact"]} == answer.data["contact"]
    assert answer.status == 200
    contact = answer.data["contact"]
    assert (contact["sure"], contact["late"], answer.data["call"]["id"]) == (True, True, call.id)
    assert [(each["name"], each["match"]) for each in contact["candidates"]] == [("Clara Weber", "pinned")]
    pin = Pins(event_log).all()[NUMBER]
    assert (pin.table, pin.record_id, pin.company, pin.by) == ("KUNDEN", 13, "Weber Elektrotechnik", "anna")
    eventually(lambda: own_api.get(f"/calls/{call.id}").data == answer.data)


def test_who_calls_from_there_the_next_time_is_that_contact(own_api: Api, scene: Scene, event_log: EventLog) -> None:
    ContactIndex(event_log).replace([])
    choose(own_api, known(own_api, scene.ring(german(NUMBER), JONAS, CLARA)), 13)
    [[candidate]] = ContactIndex(event_log).lookup([NUMBER])
    assert (candidate.name, candidate.match, candidate.record_id) == ("Clara Weber", Match.PINNED, 13)


def test_earlier_calls_of_that_number_of_which_nobody_was_sure_are_told_once_and_no_others(
    own_api: Api, scene: Scene, event_log: EventLog
) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA))
    unknown = UnknownCalls(event_log, days=30)
    now = datetime.now(UTC)
    times = {
        str(UnknownCall(call.id, NUMBER)): now,
        f"yesterday {NUMBER}": now - timedelta(days=1),
        f"too-old {NUMBER}": now - timedelta(days=31),
        "a-stranger +492214710123": now,
    }
    event_log.redis.zadd(unknown.key, {name: at.timestamp() for name, at in times.items()})
    before = event_log.newest_id() or ""
    assert choose(own_api, call, 13).status == 200
    assert [logged.event.call_id for logged in event_log.between(before, "+", count=10)] == [call.id, "yesterday"]
    assert unknown.all() == [UnknownCall("a-stranger", "+492214710123")]


def test_to_say_it_twice_tells_nobody_anything_new(own_api: Api, scene: Scene, event_log: EventLog) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA))
    first = choose(own_api, call, 13)
    eventually(lambda: own_api.get(f"/calls/{call.id}").data == first.data)
    newest = event_log.newest_id()
    assert choose(own_api, call, 13).data == first.data
    assert event_log.newest_id() == newest


def test_a_company_that_was_found_by_its_main_number_can_be_meant(own_api: Api, scene: Scene) -> None:
    call = known(own_api, scene.end(scene.ring(german("+498999998507"), ISAR), Outcome.MISSED))
    answer = choose(own_api, call, 51)
    assert [each["match"] for each in answer.data["contact"]["candidates"]] == ["pinned"]
    assert answer.data["call"]["outcome"] == "missed"


@pytest.mark.parametrize(("record_id", "table"), [(14, "KUNDEN"), (13, "ARTIKEL"), (13, "kunden")])
def test_what_is_none_of_the_calls_candidates_is_refused(
    own_api: Api, scene: Scene, event_log: EventLog, record_id: int, table: str
) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA, IN_PHONEBOOK, MUNICH))
    answer = choose(own_api, call, record_id, table)
    assert (answer.status, "none of the call's candidates" in answer.data["error"]) == (409, True)
    assert Pins(event_log).all() == {}


@pytest.mark.parametrize(
    ("remote", "because"),
    [
        (WITHHELD, "was suppressed"),
        (RemoteNumber(received="06990009", e164="+496990009", suppressed=True), "was suppressed"),
        (RemoteNumber(received="**610"), "none of the outside world"),
    ],
)
def test_a_call_without_a_number_says_nothing_of_the_next_one(
    own_api: Api, scene: Scene, event_log: EventLog, remote: RemoteNumber, because: str
) -> None:
    answer = choose(own_api, known(own_api, scene.ring(remote, JONAS)), 12)
    assert (answer.status, because in answer.data["error"]) == (409, True)
    assert Pins(event_log).all() == {}


@pytest.mark.parametrize(
    "body", [{}, {"table": "KUNDEN"}, {"table": "", "record_id": 1}, {"table": "KUNDEN", "record_id": 0}, {"by": "eva"}]
)
def test_half_a_choice_is_none(own_api: Api, scene: Scene, body: dict[str, object]) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA))
    assert own_api.post(f"/calls/{call.id}/contact", body).status == 422


def test_the_log_says_who_chose_and_of_which_call_but_no_number(own_api: Api, scene: Scene) -> None:
    call = known(own_api, scene.ring(german(NUMBER), JONAS, CLARA))
    choose(Api(own_api.web, EVERYTHING, user="eva"), call, 13)
    [line] = [line for line in own_api.web.log().splitlines() if "contact chosen" in line]
    assert ("eva" in line, call.id in line, "66969" in line) == (True, True, False)
