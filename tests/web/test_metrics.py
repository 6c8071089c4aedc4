"""What the web service says to Prometheus: about all its workers, at a port of its own, and nothing that is private."""

from __future__ import annotations

import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.event_log import EventLog
from tests.shared.making import an_event
from tests.valkey import Valkey, free_port
from tests.waiting import eventually
from tests.web.web_process import WebProcess

pytestmark = pytest.mark.system
WORKERS = 2


class Watched:
    """A web service of two workers with a health port."""

    def __init__(self, valkey: Valkey) -> None:
        self.port = free_port()
        self.web = WebProcess(
            valkey.url, HEALTH_PORT=str(self.port), WEB_WORKERS=str(WORKERS), WEB_HEARTBEAT_SECONDS="0.2"
        )

    def ask(self, path: str) -> tuple[int, str]:
        """The status and the text of an answer at the health port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=15) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def value(self, name: str, **labels: str) -> float:
        """Of one sample."""
        families = text_string_to_metric_families(self.ask("/metrics")[1])
        found = [s.value for family in families for s in family.samples if (s.name, s.labels) == (name, labels)]
        return found[0] if found else 0.0

    def workers(self) -> list[int]:
        """The workers' process ids."""
        assert self.web.process
        parent = self.web.process.pid
        return list(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


@pytest.fixture
def watched(valkey: Valkey) -> Iterator[Watched]:
    watched = Watched(valkey)
    watched.web.start()
    yield watched
    watched.web.close()


def test_browsers_are_counted_over_all_workers(watched: Watched, event_log: EventLog) -> None:
    eventually(lambda: watched.ask("/readyz")[0] == 200)
    with ExitStack() as stack:
        streams = [stack.enter_context(watched.web.events()) for _ in range(6)]
        for stream in streams:
            stream.next("snapshot")
        assert watched.value("callmonitor_browsers") == 6

        rings = an_event("call-1", received_at=datetime.now(UTC))
        event_log.publish_lines("office", [([rings], b"")])
        for stream in streams:
            stream.next("call.ringing")
        eventually(lambda: watched.value("callmonitor_ring_to_browser_seconds_count") == 6)
        assert 0 < watched.value("callmonitor_ring_to_browser_seconds_sum") < 60
    eventually(lambda: watched.value("callmonitor_browsers") == 0)
    assert watched.value("callmonitor_ready", part="redis") == 1


def test_the_browsers_of_a_worker_that_died_are_gone(watched: Watched) -> None:
    eventually(lambda: watched.ask("/readyz")[0] == 200)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(watched.web.events()).next("snapshot")
        for pid in watched.workers():
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: watched.ask("/metrics")[0] == 200 and watched.value("callmonitor_browsers") == 0, within=15)


def test_the_health_port_answers_nothing_else_and_the_page_port_tells_no_metrics(watched: Watched) -> None:
    assert [watched.ask(path)[0] for path in ("/", "/events", "/static/page.js")] == [404, 404, 404]
    assert watched.ask("/healthz")[0] == 200
    assert watched.web.status("/metrics") == 404


def test_a_stop_leaves_nothing_in_memory(watched: Watched) -> None:
    maps = Path(f"/proc/{watched.workers()[0]}/maps").read_text()
    [folder] = set(re.findall(r"(/\S*/callmonitor-\w+)/", maps))
    assert Path(folder).is_dir()

    assert watched.web.stop() == 0
    assert not Path(folder).exists()
