"""The request, its token, and the answer (docs/events.md, 1, 2, 4 and 8)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.server import Office, Server
from tests.conformance.stream import token

HOUR = 3600
DAY = 24 * HOUR


def soon(seconds: int = 0) -> int:
    return int(time.time()) + seconds


@pytest.mark.requirement("E1")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "PATCH"])
def test_only_get_opens_a_stream(server: Server, method: str) -> None:
    with server.get(method=method, Authorization=f"Bearer {server.token()}") as answer:
        assert answer.answer.status == 405
        assert "GET" in answer.answer.headers["Allow"]


@pytest.mark.requirement("E2")
def test_the_token_is_taken_from_the_header_or_from_the_query_and_the_header_counts(server: Server) -> None:
    good, bad = server.token(), server.token(aud="mail")
    bearer = {"Authorization": f"Bearer {good}"}
    for path, headers, status in [
        ("/events", bearer, 200),
        (f"/events?access_token={good}", {}, 200),
        (f"/events?access_token={bad}", bearer, 200),
        (f"/events?access_token={good}", {"Authorization": f"Bearer {bad}"}, 401),
    ]:
        with server.get(path, **headers) as stream:
            assert stream.answer.status == status


@pytest.mark.requirement("E3")
def test_calls_mine_leaves_out_every_other_call(server: Server, office: Office) -> None:
    everything: dict[str, Any] = {"calls": "all", "own_numbers": [office.own_number], "sub": office.box}
    before, other_before = office.call(), office.call()
    server.has_happened(office.ringing(before), office.ringing(other_before, own_number="another"))
    with server.open(query="?calls=mine", **everything) as stream:
        assert [known["call"]["id"] for known in stream.event("snapshot").data["calls"]] == [before]
        mine, other = office.call(), office.call()
        _, newest = server.happens(office.ringing(other, own_number="another"), office.ringing(mine))
        assert [event.about for event in stream.events_up_to(newest)] == [mine]


@pytest.mark.requirement("E3")
def test_calls_is_all_by_default_and_nothing_else_but_mine(server: Server, office: Office) -> None:
    server.has_happened(office.ringing(call := office.call()))
    for query in ("", "?calls=all"):
        with server.open(query=query) as stream:
            assert call in [known["call"]["id"] for known in stream.event("snapshot").data["calls"]]
    with server.open(query="?calls=some") as stream:
        assert stream.answer.status == 400


@pytest.mark.requirement("E4")
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda secret: token(secret[::-1]), id="signed by somebody else"),
        pytest.param(lambda secret: token(secret, "HS512"), id="signed by another algorithm"),
        pytest.param(lambda secret: token(secret, "none"), id="not signed"),
        pytest.param(lambda secret: token(secret)[:-1], id="cut off"),
        pytest.param(lambda secret: token(secret, aud="mail"), id="for another audience"),
        pytest.param(lambda secret: token(secret, aud=None), id="for no audience"),
        pytest.param(lambda secret: token(secret, iat=soon(-HOUR), exp=soon(-1)), id="ended"),
        pytest.param(lambda secret: token(secret, iat=soon(HOUR), exp=soon(2 * HOUR)), id="begins later"),
        pytest.param(lambda secret: token(secret, exp=soon(DAY)), id="too long"),
        pytest.param(lambda secret: token(secret, sub=None), id="without a user"),
        pytest.param(lambda secret: token(secret, sub=""), id="with an empty user"),
        pytest.param(lambda secret: token(secret, iat=None), id="without a beginning"),
        pytest.param(lambda secret: token(secret, exp=None), id="without an end"),
        pytest.param(lambda secret: token(secret, calls=None), id="without a word on calls"),
        pytest.param(lambda secret: token(secret, calls="some"), id="for some calls"),
        pytest.param(lambda secret: token(secret, own_numbers="069"), id="with a text for a list of numbers"),
        pytest.param(lambda secret: token(secret, own_numbers=[1]), id="with a number that is no text"),
        pytest.param(lambda secret: token(secret, extensions=["**610"]), id="with a phone that is no code"),
    ],
)
def test_a_token_opens_nothing_that_is(server: Server, made: Callable[[str], str]) -> None:
    with server.get(Authorization=f"Bearer {made(server.secret)}") as answer:
        assert answer.answer.status == 401


@pytest.mark.requirement("E5")
@pytest.mark.requirement("E25")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}])
def test_without_a_token_there_is_one_sentence_and_nothing_about_the_system(
    server: Server, headers: dict[str, str]
) -> None:
    with server.get("/events?calls=some", **headers) as answer:
        body: dict[str, Any] = json.loads(answer.answer.read())
        assert answer.answer.status == 401
        assert answer.answer.headers["WWW-Authenticate"] == "Bearer"
        assert list(body) == ["error"]
        assert body["error"].endswith(".")


@pytest.mark.requirement("E25")
@pytest.mark.parametrize(("path", "method"), [("/events", "POST"), ("/events?calls=some", "GET")])
def test_every_error_is_a_sentence(server: Server, path: str, method: str) -> None:
    with server.get(path, method, Authorization=f"Bearer {server.token()}") as answer:
        body = json.loads(answer.answer.read())
        assert list(body) == ["error"]
        assert answer.answer.headers["Content-Type"] == "application/json"


@pytest.mark.requirement("E6")
def test_the_stream_ends_with_its_token(server: Server) -> None:
    end = soon(2)
    with server.open(exp=end) as stream:
        while stream.block() is not None:
            assert time.time() < end + 5
    assert time.time() >= end


@pytest.mark.requirement("E6")
def test_a_stream_with_the_next_token_goes_on_where_the_last_one_was(server: Server, office: Office) -> None:
    with server.open(exp=soon(60), **office.holder) as old:
        seen = old.event("snapshot").id
        (first,) = server.happens(office.ringing(call := office.call()))
        assert [event.id for event in old.events_up_to(first)] == [first]
        with server.open(first, exp=soon(600), **office.holder) as new:
            (second,) = server.happens(office.connected(call))
            assert [event.id for event in new.events_up_to(second)] == [second]
    assert seen != first


@pytest.mark.requirement("E12")
def test_the_answer_may_not_be_stored_or_held_back(server: Server) -> None:
    with server.open() as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        assert stream.answer.headers["X-Accel-Buffering"] == "no"


@pytest.mark.requirement("E13")
@pytest.mark.parametrize("last_event_id", [None, "1-0"])
def test_the_stream_begins_with_how_long_to_wait(server: Server, last_event_id: str | None) -> None:
    with server.open(last_event_id) as stream:
        first = stream.block()
        assert first is not None
        assert list(first.fields) == ["retry"]
        assert int(first.fields["retry"]) > 0
