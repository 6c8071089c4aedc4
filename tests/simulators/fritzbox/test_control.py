from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from simulators.fritzbox.control import LARGEST_BODY, Control
from simulators.fritzbox.player import Player
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.timetable import Timetable
from tests.simulators.fritzbox.client import Listener


class Controlled(NamedTuple):
    box: FritzBoxSimulator
    listener: Listener
    url: str

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        try:
            with urllib.request.urlopen(self.url + path, body, timeout=5) as answer:  # noqa: S310 - our own server
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture
def controlled() -> Iterator[Controlled]:
    with (
        FritzBoxSimulator() as box,
        Player(box, Timetable(), ZoneInfo("Europe/Berlin")) as player,
        Control(box, player, port=0) as control,
        Listener(box.port) as listener,
    ):
        box.wait_for_client()
        yield Controlled(box, listener, f"http://127.0.0.1:{control.port}")


def test_posted_lines_are_pushed(controlled: Controlled) -> None:
    assert controlled.ask("/lines", b"first\nsecond\r\n") == (200, {"done": True})
    assert controlled.listener.line() == b"first\r\n"
    assert controlled.listener.line() == b"second\r\n"


def test_a_posted_call_is_played(controlled: Controlled) -> None:
    call = {"remote": "03023125201", "rings": 0, "talks": 0, "duration": 7}
    assert controlled.ask("/calls", json.dumps(call).encode()) == (200, {"done": True})
    assert b";RING;0;03023125201;" in controlled.listener.line()
    assert b";CONNECT;0;10;03023125201;" in controlled.listener.line()
    assert b";DISCONNECT;0;7;" in controlled.listener.line()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "The call: Invalid JSON"),
        (b'{"rings": -1}', "rings: Input should be greater than or equal to 0"),
        (b'{"remote": "1;2"}', "remote: String should match pattern"),
        (b'{"talks": Infinity}', "talks: Input should be a finite number"),
    ],
)
def test_a_posted_call_that_is_none_is_refused_with_the_reason(controlled: Controlled, body: bytes, error: str) -> None:
    status, answer = controlled.ask("/calls", body)
    assert status == 400
    assert answer["error"].startswith(error)


def test_connections_are_dropped_on_demand(controlled: Controlled) -> None:
    assert controlled.ask("/drop", b"") == (200, {"done": True})
    assert controlled.listener.rest() == b""


def test_connections_are_reset_on_demand(controlled: Controlled) -> None:
    assert controlled.ask("/drop?reset", b"") == (200, {"done": True})
    with pytest.raises(ConnectionResetError):
        controlled.listener.line()


def test_connections_go_half_open_on_demand(controlled: Controlled) -> None:
    assert controlled.ask("/half-open", b"") == (200, {"done": True})
    controlled.box.send("to nobody")
    assert controlled.listener.hears_nothing(seconds=0.05)


def test_what_was_sent_can_be_compared(controlled: Controlled) -> None:
    controlled.box.send("a line")
    controlled.box.send(b"\xff")

    status, answer = controlled.ask("/sent")

    assert status == 200
    assert (answer["finished"], answer["clients"]) == (True, 1)
    assert [(sent["line"], sent["clients"]) for sent in answer["lines"]] == [("a line", 1), ("\ufffd", 1)]
    assert answer["lines"][0]["at"] == controlled.box.sent[0].at.isoformat()


def test_the_status_is_told_without_being_a_client(controlled: Controlled) -> None:
    assert controlled.ask("/status") == (200, {"finished": True, "clients": 1})
    controlled.ask("/drop", b"")
    assert controlled.ask("/status") == (200, {"finished": True, "clients": 0})
    controlled.ask("/calls", b'{"rings": 60}')
    assert controlled.ask("/status") == (200, {"finished": False, "clients": 0})


def test_anything_else_does_not_exist(controlled: Controlled) -> None:
    assert controlled.ask("/drop")[0] == 404
    assert controlled.ask("/", b"")[0] == 404


def test_a_body_that_is_too_large_is_not_read(controlled: Controlled) -> None:
    connection = HTTPConnection(controlled.url.removeprefix("http://"), timeout=5)
    connection.request("POST", "/lines", headers={"Content-Length": str(LARGEST_BODY + 1)})
    assert connection.getresponse().status == 413
    connection.close()
