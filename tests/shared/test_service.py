"""How a service lives and ends: by its signal in time, or at once when a part of it fails."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.service import Health
from tests.valkey import free_port

ROOT = Path(__file__).parents[2]
SERVICE = """
import sys, threading
from shared.service import run
from shared.settings import CommonSettings

def fail():
    number = "+493023125123"
    raise ValueError(f"nobody expected {number}")

def work(settings, stop, health):
    if sys.argv[1] == "fail":
        threading.Thread(target=fail, name="reader", daemon=True).start()
    stop.wait()

run("example", CommonSettings, work)
"""


def example(what: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CALLMONITOR_CONFIG": os.devnull, **settings}
    return subprocess.run(
        [sys.executable, "-c", SERVICE, what], env=environment, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_thread_that_fails_ends_its_service_and_says_why_without_a_number() -> None:
    """Docker starts it anew. Without its thread it would look alive, and do nothing."""
    done = example("fail")

    started, failed = map(json.loads, done.stderr.splitlines())
    assert (done.returncode, started["event"]) == (1, "started")
    assert (failed["event"], failed["thread"]) == ("a thread has failed, ending", "reader")
    assert failed["exception"][0]["exc_value"] == "nobody expected +493…23"
    assert "23125" not in done.stderr


@pytest.mark.parametrize(
    ("host", "why"), [("192.0.2.1", "Cannot assign requested address"), ("no.such.name.invalid", "")]
)
def test_an_address_where_nothing_can_listen_is_refused_in_a_sentence(host: str, why: str) -> None:
    done = example("wait", HEALTH_HOST=host, HEALTH_PORT="8081")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"HEALTH_HOST is {host} and HEALTH_PORT 8081, where nothing can listen: {why}")


def test_a_service_that_loses_redis_while_it_is_asked_is_not_ready() -> None:
    def readiness() -> dict[str, bool]:
        raise RedisConnectionError("gone")

    health = Health("127.0.0.1", port := free_port())
    health.readiness = readiness
    health.start()
    try:
        assert health.state() == {"redis": False}
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b'callmonitor_ready{part="redis"} 0.0\n' in answer.read()
    finally:
        health.stop()


@pytest.mark.parametrize("fault", [None, ValueError("not for people")])
def test_a_question_whose_asker_has_gone_is_not_worth_a_word_and_another_failure_is_logged(
    fault: Exception | None, capfd: pytest.CaptureFixture[str]
) -> None:
    asked, gone, answering = threading.Event(), threading.Event(), list[threading.Thread]()

    def readiness() -> dict[str, bool]:
        answering.append(threading.current_thread())
        asked.set()
        gone.wait(10)
        if fault:
            raise fault
        return {"redis": True}

    health = Health("127.0.0.1", port := free_port())
    health.readiness = readiness
    health.start()
    try:
        with socket.create_connection(("127.0.0.1", port)) as asker:
            asker.sendall(b"GET /readyz HTTP/1.1\r\n\r\n")
            assert asked.wait(10)
            asker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.set()
        answering[0].join(10)
    finally:
        health.stop()

    said = "".join(capfd.readouterr())
    assert ("a question about health failed" in said, bool(said)) == (bool(fault), bool(fault))
