"""Clients that want to keep the web service busy: they are let go, and browsers do not notice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import takewhile

import pytest

from tests.valkey import free_port
from tests.waiting import eventually
from tests.web.web_process import ROOT, SECRET, WebProcess

HEAD = b"GET /healthz HTTP/1.1\r\nHost: callmonitor.example\r\n"
IMPATIENCE = "0.5"
IMPATIENT = f"""
import sys
from flask import Flask, request
import services.web.connection as connection
import services.web.server as server
from services.web.settings import WebSettings
from shared.logs import configure
from shared.settings import load_or_exit

server.REQUEST_SECONDS = {IMPATIENCE}
connection.UNACKNOWLEDGED_SECONDS = 1

def endless():
    try:
        while True:
            yield bytes(65536)
    finally:
        print("let go", file=sys.stderr)

def events():
    connection.Connection(request.environ["gunicorn.socket"])
    return endless()

class Impatient(server.Server):
    def load(self):
        app = Flask("impatient")
        app.post("/")(lambda: f"{{len(request.get_data())}}")
        app.get("/events")(events)
        return app

settings = load_or_exit(WebSettings)
configure("web", settings.log_format)
Impatient(settings).run()
"""


def connected(port: int, sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=15)
    client.sendall(sent)
    return client


def answered(client: socket.socket) -> bytes:
    """All that comes until the service hangs up. Fails when it does not."""
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:  # it hung up on what was still being sent
        pass
    return received


@pytest.mark.parametrize("path", ["/", "/events", "/nowhere"])
def test_no_other_site_can_frame_the_page_or_act_for_its_user(web: WebProcess, path: str) -> None:
    headers = web.get(path).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "form-action 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("sent", [b"", b"GET", HEAD, HEAD + b"X: y"], ids=["nothing", "a word", "a line", "a header"])
def test_who_never_ends_a_request_is_hung_up_on(web: WebProcess, sent: bytes) -> None:
    with connected(web.port, sent) as client:
        assert b"200 OK" not in answered(client)


def test_a_header_that_comes_byte_by_byte_is_not_waited_for(web: WebProcess) -> None:
    with connected(web.port, HEAD) as client:
        client.settimeout(0.2)

        def hung_up() -> bool:
            try:
                client.sendall(b"X")
                return client.recv(1) == b""
            except TimeoutError:
                return False
            except OSError:
                return True

        eventually(hung_up, within=15)


def test_a_body_that_was_announced_and_never_comes_holds_nothing_up(web: WebProcess) -> None:
    with connected(web.port, HEAD + b"Content-Length: 1000000000\r\n\r\n") as client:
        assert b"200 OK" in answered(client)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(1000)) + b"\r\n",
        b"\x00\xff\x16\x03\x01" * 1000,
        b"GET http://[ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ],
    ids=["a long line", "a long header", "many headers", "no HTTP at all", "two lengths"],
)
def test_what_is_too_long_or_no_request_is_refused(web: WebProcess, head: bytes) -> None:
    with connected(web.port, b"") as client:
        try:
            client.sendall(head)
        except (BrokenPipeError, ConnectionResetError):
            return
        answer = answered(client)

    assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_browsers_are_served_while_hundreds_say_nothing(web: WebProcess) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connected(web.port, b"GET /events HTTP/1.1\r\n"))

        assert web.status("/healthz") == 200
        with web.events() as browser:
            assert browser.next().name == "snapshot"


@pytest.fixture
def impatient_service() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Our server with little patience, and an application that reads what it is sent, or sends without end."""
    port = free_port()
    settings = {"WEB_SECRET": SECRET, "WEB_PORT": str(port), "CALLMONITOR_CONFIG": os.devnull}
    process = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT], cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.PIPE
    )
    yield port, process
    process.kill()
    process.communicate()


def test_a_body_that_never_ends_is_not_waited_for(impatient_service: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, process = impatient_service
    eventually(lambda: listens(port), within=15)
    whole = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwhole"
    half = whole.removesuffix(b"le")

    with connected(port, half) as client:
        assert b"200 OK" not in answered(client)
    with connected(port, whole) as client:
        assert answered(client).endswith(b"5")
    process.terminate()
    log = process.communicate(timeout=15)[1]
    assert b"a request took too long" in log
    assert b"exception" not in log


def test_a_machine_that_falls_asleep_over_its_stream_is_let_go_without_an_error(
    impatient_service: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, process = impatient_service
    eventually(lambda: listens(port), within=15)
    with connected(port, b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert process.stderr
        log = b"".join(takewhile(lambda line: line != b"let go\n", process.stderr))
    process.terminate()
    log += process.communicate(timeout=15)[1]
    assert b"error" not in log


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
