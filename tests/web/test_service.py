"""The real process over real HTTP: gunicorn, gevent, one worker."""

from __future__ import annotations

import json
import signal
import socket
import time

import pytest

from services.web.stream_limit import STREAMS_PER_USER
from services.web.subscription import QUEUE_LIMIT
from shared.event_log import EventLog
from shared.events import CallRecorded, ContactResolved, Outcome, State
from shared.redis_client import connect
from tests.conftest import STREAM
from tests.shared.making import a_call, an_event
from tests.valkey import Valkey
from tests.waiting import eventually
from tests.web.conftest import Start
from tests.web.event_source import EventSource
from tests.web.web_process import SECRET, WebProcess

SECURE = {
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def ring(log: EventLog, name: str) -> str:
    """A call begins. Returns the event's id."""
    log.publish_lines("office", [([an_event(name)], b"")])
    return log.newest_id() or ""


def end(log: EventLog, name: str) -> str:
    """The call ends, missed. Returns the event's id."""
    missed = an_event(name, seq=2, state=State.ENDED, outcome=Outcome.MISSED)
    log.publish_lines("office", [([missed], b"")])
    return log.newest_id() or ""


def test_a_browser_gets_the_picture_and_then_every_event_as_it_stands_in_the_log(
    web: WebProcess, calls: EventLog
) -> None:
    ringing = ring(calls, "first")
    eventually(lambda: position(web) == ringing)
    with web.events() as browser:
        snapshot = browser.next()
        assert (snapshot.name, snapshot.id) == ("snapshot", ringing)
        assert snapshot.data["calls"][0]["call"] == a_call("first").model_dump(mode="json")
        calls.publish(ContactResolved(call_id="first"))
        calls.publish(CallRecorded(call_id="first", table="ANRUFE", record_id=7))
        end(calls, "first")
        events = browser.messages(3)
    in_the_log = calls.between(ringing, "+", count=10)
    assert [(event.name, event.id) for event in events] == [(logged.event.type, logged.id) for logged in in_the_log]
    for event, logged in zip(events, in_the_log, strict=True):
        event.data.pop("shown", None)
        assert event.data == json.loads(logged.document)


def test_a_browser_that_comes_back_gets_what_it_missed(web: WebProcess, calls: EventLog) -> None:
    seen = ring(calls, "seen")
    missed = [ring(calls, "missed"), end(calls, "missed")]
    with web.events(last_event_id=seen) as browser:
        assert [browser.next("call.ringing", "call.ended").id for _ in missed] == missed


def test_a_browser_that_was_away_for_too_long_gets_the_picture_anew(web: WebProcess, calls: EventLog) -> None:
    newest = ring(calls, "newest")
    with web.events(last_event_id="1-0") as browser:
        message = browser.next()
    assert (message.name, message.id) == ("snapshot", newest)


def test_silence_is_filled_with_heartbeats(web: WebProcess) -> None:
    with web.events() as browser:
        browser.next("snapshot")
        began = time.monotonic()
        assert [browser.block() for _ in range(5)] == [":"] * 5
        assert time.monotonic() - began > 0.8, "five heartbeats of 0.2 s each"


def test_the_stream_may_not_be_stored_or_held_back(web: WebProcess) -> None:
    with web.events() as browser:
        headers = browser.answer.headers
        assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"


@pytest.mark.parametrize("path", ["/", "/events", "/healthz", "/static/style.css", "/nowhere"])
def test_every_answer_is_protected_and_none_is_for_other_origins(web: WebProcess, path: str) -> None:
    answer = web.get(path, Origin="https://elsewhere.example")
    for name, value in SECURE.items():
        assert answer.headers[name].startswith(value)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, ""),
        ({"Authorization": "Bearer "}, ""),
        ({"Authorization": "Bearer nonsense"}, ""),
        ({"Authorization": "Basic YW5uYTpzZWNyZXQ="}, ""),
        ({}, "?access_token=nonsense"),
        ({}, "?access_token="),
    ],
)
def test_without_a_token_there_is_one_sentence_and_nothing_else(
    web: WebProcess, headers: dict[str, str], query: str
) -> None:
    answer = web.get(f"/events{query}", **headers)
    body = json.loads(answer.body)
    assert answer.status == 401
    assert list(body) == ["error"]
    assert body["error"].count(". ") == 0
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_the_stream_in_the_header_or_in_the_query(web: WebProcess) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as plain:
        plain.sendall(f"GET /events?access_token={web.token()} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 200 OK")
    with web.events() as browser:
        assert browser.answer.status == 200


def test_the_stream_ends_with_its_token(web: WebProcess) -> None:
    with web.events(seconds=1) as browser:
        began = time.time()
        while browser.block() is not None:
            pass
    assert time.time() - began < 1.5


def test_a_token_is_never_logged(web: WebProcess) -> None:
    token = web.token()
    web.get(f"/nowhere?access_token={token}")
    web.get(f"/events?access_token={token}x")
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as plain:
        plain.sendall(f"GET /events?access_token={token} nonsense\r\n\r\n".encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 400")
    eventually(lambda: "Invalid request" in web.log())
    assert token[:20] not in web.log()
    assert "access_token" not in web.log()


def test_a_browser_that_hangs_up_is_noticed(web: WebProcess) -> None:
    user = "bertha"
    browser = EventSource(web.port, web.token(user=user))
    browser.next("snapshot")
    browser.close()
    eventually(lambda: ends_of(web, user) == 1)


def test_a_browser_that_stops_reading_is_cut_off_and_the_others_get_everything(
    web: WebProcess, calls: EventLog
) -> None:
    user = "sluggish"
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as sluggish, web.events() as browser:
        request = f"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {web.token(user=user)}\r\n\r\n"
        sluggish.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sluggish.sendall(request.encode())
        sluggish.recv(100)
        browser.next("snapshot")
        for first in range(0, 2 * QUEUE_LIMIT, 100):
            names = [f"busy-{n}" for n in range(first, first + 100)]
            calls.publish_lines("office", [([an_event(name)], b"") for name in names])
            assert [message.data["call"]["id"] for message in browser.messages(100)] == names
        eventually(lambda: ends_of(web, user) == 1)


def test_hundred_browsers_on_one_worker_each_get_each_event(web: WebProcess, calls: EventLog) -> None:
    browsers = [web.events(user=f"user-{n}") for n in range(100)]
    for browser in browsers:
        browser.next("snapshot")
    began = time.monotonic()
    ids = [ring(calls, f"for-everybody-{n}") for n in range(5)]
    for browser in browsers:
        assert [browser.next("call.ringing").id for _ in ids] == ids
        browser.close()
    assert web.status("/healthz") == 200
    assert time.monotonic() - began < 5


def test_one_user_cannot_take_the_place_of_the_others(web: WebProcess) -> None:
    held = [web.events(user="hoarder") for _ in range(STREAMS_PER_USER)]
    one_too_many = web.get("/events", Authorization=f"Bearer {web.token(user='hoarder')}")
    assert one_too_many.status == 429
    assert int(one_too_many.headers["Retry-After"]) > 0
    assert json.loads(one_too_many.body)["error"].startswith(f"You have {STREAMS_PER_USER} event streams open")
    with web.events(user="somebody else") as browser:
        assert browser.next().name == "snapshot"
    held.pop().close()
    eventually(lambda: ends_of(web, "hoarder") == 1)
    held.append(web.events(user="hoarder"))
    assert held[-1].next().name == "snapshot"
    for browser in held:
        browser.close()


def test_own_calls_can_be_asked_for_alone_and_nothing_else(web: WebProcess, calls: EventLog) -> None:
    ring(calls, "of somebody")
    with EventSource(web.port, web.token(), path="/events?calls=mine") as browser:
        assert browser.next("snapshot").data["calls"] == []
    answer = web.get("/events?calls=some", Authorization=f"Bearer {web.token()}")
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "`calls` has to be `all` or `mine`."})


def test_a_long_stream_can_only_be_asked_for_by_get(web: WebProcess) -> None:
    assert web.get("/events", "POST").status == 405
    head = web.get("/events", "HEAD", Authorization=f"Bearer {web.token()}")
    assert (head.status, head.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_five_seconds_although_streams_are_open(start: Start, how: int) -> None:
    web = start()
    web.start()
    with web.events() as reading, web.events() as idle:
        reading.next("snapshot")
        began = time.monotonic()
        assert web.stop(how) == 0
        assert time.monotonic() - began < 5
        while idle.block() is not None:
            pass
    assert "Traceback" not in web.log()


def test_it_starts_before_redis_does_and_says_so(start: Start, own_valkey: Valkey) -> None:
    web = start(own_valkey.url, WEB_HEARTBEAT_SECONDS="0.1")
    web.start()
    assert web.status("/readyz") == 503
    with web.events() as browser, connect(own_valkey.url) as redis:
        assert [browser.block() for _ in range(3)] == ["retry: 3000", ":", ":"]
        own_valkey.start()
        assert browser.next("snapshot").data["live"] is True
        eventually(lambda: web.status("/readyz") == 200)
        ringing = ring(EventLog(redis, STREAM, 3600), "one")
        assert browser.next("call.ringing").id == ringing
    assert web.stop() == 0
    assert web.log().count("Redis is away") == 1
    assert web.log().count("Redis is back") == 1
    assert "Traceback" not in web.log()


def test_a_browser_is_told_when_redis_is_lost_and_goes_on_when_it_is_back(start: Start, own_valkey: Valkey) -> None:
    own_valkey.start()
    web = start(own_valkey.url)
    web.start()
    with web.events() as browser, connect(own_valkey.url) as redis:
        browser.next("snapshot")
        own_valkey.stop()
        assert browser.next("status").data["live"] is False
        assert web.status("/readyz") == 503
        own_valkey.start()
        assert browser.next("status", "snapshot").data["live"] is True
        ringing = ring(EventLog(redis, STREAM, 3600), "one")
        assert browser.next("call.ringing").id == ringing


def test_while_redis_is_away_who_comes_first_gets_the_last_picture_and_who_comes_back_is_told_to_wait(
    start: Start, own_valkey: Valkey
) -> None:
    own_valkey.start()
    web = start(own_valkey.url)
    web.start()
    eventually(lambda: web.status("/readyz") == 200)
    own_valkey.stop()
    with web.events() as first, web.events(last_event_id="1-0") as back:
        assert first.next().name == "snapshot"
        assert (told := back.next()).name == "status"
        assert told.data["live"] is False
        own_valkey.start()
        assert back.next("snapshot").data["reason"] == "gap"


def test_several_workers_tell_the_same_story(start: Start, event_log: EventLog) -> None:
    web = start(WEB_WORKERS="2")
    web.start()
    browsers = [web.events() for _ in range(8)]
    for browser in browsers:
        browser.next("snapshot")
    ringing = ring(event_log, "one")
    assert {browser.next("call.ringing").id for browser in browsers} == {ringing}
    for browser in browsers:
        browser.close()
    assert web.stop() == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"WEB_SECRET": ""}, "WEB_SECRET is missing"),
        ({"WEB_SECRET": "short"}, "WEB_SECRET is wrong: it has fewer than 32 characters"),
        ({"WEB_PORT": "http"}, "WEB_PORT is 'http', which is wrong"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_two(
    start: Start, settings: dict[str, str], sentence: str
) -> None:
    web = start(**settings)
    assert web.launch().wait(timeout=30) == 2
    assert web.log().startswith(sentence)
    assert web.log().count("\n") == 1


def test_an_address_that_is_taken_is_one_sentence_and_exit_code_two(start: Start, web: WebProcess) -> None:
    second = start(WEB_PORT=str(web.port))
    assert second.launch().wait(timeout=30) == 2
    assert second.log().startswith(f"Cannot listen on 127.0.0.1, port {web.port}: address already in use.")


def test_the_secret_may_stand_in_a_file(start: Start, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("secrets") / "web"
    file.write_text(f"{SECRET}\n")
    web = start(WEB_SECRET="", WEB_SECRET_FILE=str(file))
    web.start()
    with web.events() as browser:
        assert browser.next().name == "snapshot"


def position(web: WebProcess) -> str | None:
    """The newest event in the picture that a browser is given."""
    with web.events() as browser:
        return browser.next("snapshot").id


def ends_of(web: WebProcess, user: str) -> int:
    """How many streams of a user have ended, by the log."""
    return sum("stream closed" in line and f'"{user}"' in line for line in web.log().splitlines())
