"""What does not work is answered with one sentence as JSON, under the same protection as everything else."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus

import pytest
import structlog

from services.web.api import calls as calls_module
from services.web.api.calls import Calls
from services.web.rights import EVERYTHING
from services.web.security_headers import SECURITY_HEADERS
from services.web.tokens import mint
from shared.event_log import EventLog
from shared.redis_client import connect
from tests.api.client import Answer, Api
from tests.api.in_process import an_app
from tests.conftest import STREAM
from tests.valkey import Valkey
from tests.waiting import eventually
from tests.web.conftest import Start
from tests.web.scenes import CLARA, JONAS, Scene, german
from tests.web.web_process import SECRET

JSON = {"Content-Type": "application/json"}


def a_token() -> dict[str, str]:
    """What a request says to be let in."""
    return {"Authorization": f"Bearer {mint(SECRET, 'anna', 60, EVERYTHING)}"}


def is_a_sentence(answer: Answer) -> bool:
    """Whether it is one sentence and nothing else, protected as everything is."""
    assert list(answer.data) == ["error"]
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["Content-Type"] == "application/json"
    text: str = answer.data["error"]
    return text[0].isalpha() and text.endswith(".") and ". " not in text and "\n" not in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=ten", "limit"), ("limit=5.0", "limit"),
        ("limit=", "limit"), ("limit=1&limit=2", "limit"), ("outcome=misssed", "outcome"), ("outcome=", "outcome"),
        ("direction=in", "direction"), ("calls=yours", "calls"), ("before=yesterday", "before"),
        ("before=1-", "before"), ("q=schmidt", "q"), ("offset=5", "offset"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused_by_the_name_of_what_is_wrong(api: Api, query: str, names: str) -> None:
    answer = api.send("GET", f"/calls?{query}")
    assert (answer.status, is_a_sentence(answer)) == (422, True)
    assert answer.data["error"].startswith(f"{names} is ")


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "no valid JSON"),
        (b"{", 400, "no valid JSON"),
        (b"\xff", 400, "no valid JSON"),
        (b"[]", 422, "The body is wrong"),
        (b"{}", 422, "q is wrong"),
        (b'{"q": 7}', 422, "q is wrong"),
        (b'{"q": "a", "limit": "5"}', 422, "limit is wrong"),
        (b'{"q": "a", "limit": 5.5}', 422, "limit is wrong"),
        (b'{"q": "a", "page": 2}', 422, "page is wrong"),
        (json.dumps({"q": "a" * 201}).encode(), 422, "q is wrong"),
        (json.dumps({"q": "a" * 20_000}).encode(), 413, "too large"),
    ],
)
def test_a_wrong_body_is_refused_in_one_sentence(api: Api, body: bytes, status: int, says: str) -> None:
    answer = api.send("POST", "/calls/search", body, JSON)
    assert (answer.status, is_a_sentence(answer)) == (status, True)
    assert says in answer.data["error"]


def test_a_body_of_another_kind_is_refused(api: Api) -> None:
    answer = api.send("POST", "/calls/search", b"q=a", {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, is_a_sentence(answer)) == (415, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404), ("GET", "/calls/no-such-call", 404), ("GET", "/calls/", 404), ("GET", "//calls", 404),
        ("GET", "/calls/a/b/c", 404), ("DELETE", "/calls", 405), ("GET", "/calls/search", 405), ("POST", "/me", 405),
        ("GET", "/calls/a/contact", 405),
    ],
)  # fmt: skip
def test_an_address_that_is_none_and_a_method_that_it_does_not_take(
    api: Api, method: str, path: str, status: int
) -> None:
    answer = api.send(method, path)
    assert (answer.status, is_a_sentence(answer)) == (status, True)
    assert bool(answer.headers["Allow"]) == (status == 405)


@pytest.mark.parametrize("path", ["/me", "/calls", "/calls/one", "/calls/search", "/calls/one/contact"])
def test_without_a_token_there_is_nothing(api: Api, path: str) -> None:
    method = "POST" if path.endswith(("search", "contact")) else "GET"
    for authorization in ("", "Bearer nonsense", "Basic YTpi"):
        answer = api.send(method, path, b"{}", JSON | {"Authorization": authorization})
        assert (answer.status, is_a_sentence(answer), answer.headers["WWW-Authenticate"]) == (401, True, "Bearer")


def test_a_token_in_the_address_reads_and_changes_nothing(api: Api) -> None:
    token, no_header = api.web.token(), {"Authorization": ""}
    assert api.send("GET", f"/calls?access_token={token}&limit=5", headers=no_header).status == 200
    body = json.dumps({"q": ""}).encode()
    assert api.send("POST", f"/calls/search?access_token={token}", body, JSON | no_header).status == 401
    assert token[:20] not in api.web.log()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"GET /api/calls?before={'1' * 5000} HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (f"GET /api/me HTTP/1.1\r\nHost: a\r\nX-Long: {'1' * 20_000}\r\n\r\n", 431),
        ("GET /api/me nonsense\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ],
    ids=["address", "header", "protocol", "TLS"],
)
def test_what_is_no_proper_request_is_answered_likewise(api: Api, request_text: str, status: int) -> None:
    with socket.create_connection(("127.0.0.1", api.web.port), timeout=5) as plain:
        plain.sendall(request_text.encode("latin-1"))
        received = b""
        while part := plain.recv(4096):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first.startswith(f"HTTP/1.1 {status} ")
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert json.loads(body)["error"].endswith(".")


def test_while_calls_are_still_being_read_one_is_told_when_to_come_again(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls_module, "WAIT_SECONDS", 0.01)
    for path in ("/api/calls", "/api/calls/one"):
        answer = an_app(event_log).test_client().get(path, headers=a_token())
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.headers["Retry-After"] == "2"
        assert answer.json == {"error": "The calls are still being read: try again in a moment."}


def test_a_fault_of_ours_is_one_sentence_and_its_cause_is_in_the_log_alone(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("something that nobody thought of")

    monkeypatch.setattr(Calls, "page", fail)
    with structlog.testing.capture_logs() as logs:
        answer = an_app(event_log).test_client().get("/api/calls?calls=mine", headers=a_token())
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert answer.json == {"error": "Something went wrong here: the log of the web service says what."}
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert [(entry["path"], str(entry["exc_info"])) for entry in logs] == [
        ("/api/calls", "something that nobody thought of")
    ]


def test_without_redis_calls_are_listed_still_and_nothing_can_be_chosen(start: Start, own_valkey: Valkey) -> None:
    own_valkey.start()
    web = start(own_valkey.url)
    web.start()
    api = Api(web)
    with connect(own_valkey.url) as redis:
        call = Scene(EventLog(redis, STREAM, 3600)).ring(german("+494066969044"), JONAS, CLARA)
        eventually(lambda: [bool(entry["contact"]) for entry in api.get("/calls").data["calls"]] == [True])
    own_valkey.stop()
    eventually(lambda: web.status("/readyz") == 503)
    assert api.get("/calls").ids == [call.id]
    refused = api.post(f"/calls/{call.id}/contact", {"table": "KUNDEN", "record_id": 12})
    assert (refused.status, is_a_sentence(refused), refused.headers["Retry-After"]) == (503, True, "2")
    assert "Traceback" not in web.log()
