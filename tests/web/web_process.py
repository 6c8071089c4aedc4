"""The real web service, as a process of its own."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from services.web.rights import EVERYTHING, Rights
from services.web.tokens import mint
from tests.valkey import free_port
from tests.waiting import eventually
from tests.web.event_source import EventSource

SECRET = "a secret that only tests know, and 32 or longer"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Message
    body: bytes


class WebProcess:
    """`python -m services.web` on a free port."""

    def __init__(self, redis_url: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by close()
        self._settings = {
            "REDIS_URL": redis_url,
            "WEB_SECRET": SECRET,
            "WEB_PORT": str(self.port),
            "CALLMONITOR_CONFIG": os.devnull,
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.launch()
        eventually(lambda: self.status("/healthz") == 200, within=30)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start, and do not wait."""
        environment = {**os.environ, **self._settings}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "services.web"], cwd=ROOT, env=environment, stderr=self._log
        )
        return self.process

    @property
    def pid(self) -> int:
        """The master's process id; its workers are its children."""
        if self.process is None:
            raise RuntimeError("the web service was not started")
        return self.process.pid

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Stop, and wait until it is gone. Returns its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def log(self) -> str:
        """What it has written to its log."""
        self._log.seek(0)
        return self._log.read().decode()

    def status(self, path: str) -> int:
        """The status of an answer; 0 when nobody answers."""
        try:
            return self.get(path).status
        except OSError:
            return 0

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """An answer that ends."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def token(self, seconds: int = 600, user: str = "anna", rights: Rights = EVERYTHING) -> str:
        """A token that it accepts."""
        return mint(SECRET, user, seconds, rights)

    def events(
        self, last_event_id: str | None = None, seconds: int = 600, user: str = "anna", rights: Rights = EVERYTHING
    ) -> EventSource:
        """Its event stream."""
        return EventSource(self.port, self.token(seconds, user, rights), last_event_id)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._log.close()
