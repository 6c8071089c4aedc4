"""The examples of docs/events.md, against a server; and whether each thing it demands is tested."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conformance import document
from tests.conformance.server import Office, Server

EVENTS = ["call.ringing", "contact.resolved", "call.recorded", "call.connected"]


def test_each_thing_that_a_server_must_do_has_a_test_and_a_must() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert set(re.findall(r'requirement\("(E\d+)"\)', tests)) == document.requirements()
    bodies = re.split(r"\*\*E\d+\*\*", document.TEXT)[1:]
    assert [body for body in bodies if "MUST" not in body.split("\n\n")[0]] == []


def test_the_events_come_as_they_are_shown(server: Server) -> None:
    with server.open() as stream:
        stream.event("snapshot")
        ids = server.happens(*map(document.published, EVENTS))
        received = [event for event in stream.events_up_to(ids[-1]) if event.id in ids]
    assert [event.name for event in received] == EVENTS
    for event in received:
        expected = document.event_example(event.name)
        if (
            "shown" in expected and Server.named_by_the_environment()
        ):  # in another place numbers are shown in another way
            expected["shown"] = event.data["shown"]
        assert event.data == expected


def test_the_snapshot_has_the_fields_that_are_shown(server: Server) -> None:
    now = int(time.time())
    claims = document.claims() | {"iat": now, "exp": now + 600, "own_numbers": ["sip-nobody"], "extensions": []}
    with server.open(**claims) as stream:
        snapshot = stream.event("snapshot").data
    expected = document.event_example("snapshot")
    assert {name: type(value) for name, value in snapshot.items()} == {
        name: type(value) for name, value in expected.items()
    }
    assert snapshot["you"] == expected["you"]
    assert snapshot["calls"] == []


def test_the_claims_that_are_shown_open_a_stream(server: Server) -> None:
    moved = int(time.time()) - document.claims()["iat"]
    claims = document.claims() | {"iat": document.claims()["iat"] + moved, "exp": document.claims()["exp"] + moved}
    with server.open(**claims) as stream:
        assert stream.answer.status == 200


def test_the_request_that_is_shown_gets_the_answer_that_is_shown(server: Server, office: Office) -> None:
    request, opened, _ = document.examples("http")
    (seen,) = server.happens(office.ringing(office.call()))
    raw = request.replace("TOKEN", server.token()).replace("1795370401000-0", seen).replace("\n", "\r\n")
    assert missing_of(opened, answer_to(server, raw)) == []


def test_the_refusal_that_is_shown_is_what_one_gets(server: Server) -> None:
    *_, refused = document.examples("http")
    answer = answer_to(server, "GET /events HTTP/1.1\r\nHost: test\r\nConnection: close")
    assert missing_of(refused, answer) == []


def test_what_is_no_event_comes_as_it_is_shown(server: Server) -> None:
    shown = [example for example in document.examples("sse") if not example.startswith("event: ")]
    assert shown[1:] == [":", "id: 1795370407000-0"]
    with server.open(calls="own", sub="quiet") as stream:
        first = stream.block()
        assert first is not None
        assert first.text == shown[0]
        stream.event("snapshot")
        second = stream.block()
        assert second is not None
        assert second.text == ":" or second.text.startswith("id: ")


@pytest.mark.parametrize(
    ("heading", "example", "part"),
    [
        ("`snapshot`", "snapshot", None),
        ("`call.ringing`", "call.ringing", None),
        ("`call.ringing`", "call.connected", "call"),
        ("`contact.resolved`", "contact.resolved", None),
        ("`contact.resolved`", "contact.resolved", "candidates"),
        ("`call.recorded`", "call.recorded", None),
    ],
)
def test_each_field_that_is_shown_is_explained_with_its_type(heading: str, example: str, part: str | None) -> None:
    shown: Any = document.event_example(example)
    table = document.tables(heading)[0 if part is None else 1]
    if part is not None:
        shown = shown[part][0] if isinstance(shown[part], list) else shown[part]
    assert set(shown) == set(table)
    for name, value in shown.items():
        assert is_of_type(value, table[name][0]), name


def is_of_type(value: Any, described: str) -> bool:
    """Whether a value is of the type, or of one of the types, that a table says."""
    types: dict[str, type | tuple[type, ...]] = {
        "string": str, "number": (int, float), "boolean": bool, "object": dict, "list": list, "time": str,
        "null": type(None),
    }  # fmt: skip
    return described == "" or any(isinstance(value, types[word]) for word in re.findall(r"[a-z]+", described)
                                  if word in types)  # fmt: skip


def answer_to(server: Server, request: str) -> str:
    """The head of an answer, and of its body what comes with it."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(f"{request}\r\n\r\n".encode())
        answer = ""
        while "\r\n\r\n" not in answer:
            answer += connection.recv(65536).decode()
        while "application/json" in answer and (more := connection.recv(65536).decode()):
            answer += more
        return answer


def missing_of(shown: str, answer: str) -> list[str]:
    """The lines of an example that an answer does not have."""
    head, _, body = answer.partition("\r\n\r\n")
    lines, _, shown_body = shown.partition("\n\n")
    if shown_body:
        assert json.loads(body) == json.loads(shown_body)
    status, *headers = lines.split("\n")
    assert answer.startswith(status[: len("HTTP/1.1 000")])
    return [line for line in headers if line not in head.split("\r\n")]
