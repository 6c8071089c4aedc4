"""The server that is put to the test, and the calls that happen there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from redis import Redis

from tests.conformance.document import published
from tests.conformance.stream import PATIENCE, Stream, token
from tests.valkey import free_port

ROOT = Path(__file__).parents[2]
SECRET = "a secret for the conformance tests, long enough"
LINKS = {"KUNDEN": "https://limbas.example/main.php?action=gtab_change&gtabid=4&ID={id}"}


class Server:
    """A server, its secret, and its event log."""

    def __init__(self, url: str, secret: str, redis_url: str, stream: str) -> None:
        self.url = url
        self.secret = secret
        self.redis = Redis.from_url(redis_url)
        self._stream = stream
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def named_by_the_environment(cls) -> Server | None:
        """The one that somebody wants to have tested."""
        if "CONFORMANCE_URL" not in os.environ:
            return None
        stream = os.environ.get("CONFORMANCE_STREAM", "callmonitor:events")
        url, secret, redis_url = (os.environ[f"CONFORMANCE_{name}"] for name in ("URL", "SECRET", "REDIS_URL"))
        return cls(url, secret, redis_url, stream)

    @classmethod
    def started(cls, redis_url: str) -> Server:
        """One of our own, on a free port."""
        port = free_port()
        server = cls(f"http://127.0.0.1:{port}", SECRET, redis_url, "callmonitor:events")
        settings = {
            "REDIS_URL": redis_url,
            "WEB_SECRET": SECRET,
            "WEB_PORT": f"{port}",
            "WEB_HEARTBEAT_SECONDS": "0.3",
            "FRITZBOX_AREA_CODE": "069",
            "LIMBAS_LINKS": json.dumps(LINKS),
            "CALLMONITOR_CONFIG": os.devnull,
        }
        server._process = subprocess.Popen(
            [sys.executable, "-m", "services.web"], cwd=ROOT, env={**os.environ, **settings}
        )
        return server

    def wait(self) -> None:
        """Until it answers, and has read its event log."""
        deadline = time.monotonic() + 30
        while True:
            try:
                with self.open() as stream:
                    stream.event("snapshot")
                    return
            except OSError:
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)

    def stop(self) -> None:
        """End it, if it is ours."""
        self.redis.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)

    def token(self, **claims: Any) -> str:
        """A token that it accepts, unless the claims are wrong."""
        return token(self.secret, **claims)

    def open(
        self, last_event_id: str | None = None, query: str = "", patience: float = PATIENCE, **claims: Any
    ) -> Stream:
        """A stream."""
        headers = {"Authorization": f"Bearer {self.token(**claims)}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        return Stream(self.url, f"/events{query}", headers, patience=patience)

    def get(self, path: str = "/events", method: str = "GET", **headers: str) -> Stream:
        """Any other answer."""
        return Stream(self.url, path, headers, method=method)

    def happens(self, *events: dict[str, Any]) -> list[str]:
        """Write events into the log. Returns their ids."""
        entries = [self.redis.xadd(self._stream, {"event": json.dumps(event)}) for event in events]
        return [entry.decode() for entry in entries]  # type: ignore[union-attr] # redis-py's answers may be awaited

    def has_happened(self, *events: dict[str, Any]) -> list[str]:
        """Write events into the log, and wait until the server has read them. Returns their ids."""
        ids = self.happens(*events)
        with self.open(calls="own", sub="watcher") as stream:
            while (block := stream.block()) is not None and _place(block.id) < _place(ids[-1]):
                pass
        assert block is not None, "the stream ended before the server had read the events"
        return ids


def _place(event_id: str | None) -> tuple[int, ...]:
    return tuple(map(int, event_id.split("-"))) if event_id else ()


class Office:
    """An own number, a phone and calls that no other test has."""

    def __init__(self) -> None:
        unique = uuid.uuid4().hex[:12]
        self.own_number = f"sip-{unique}"
        self.box = f"box-{unique}"
        self.phone = f"{self.box}/10"
        self._calls = 0

    @property
    def holder(self) -> dict[str, Any]:
        """The claims of who has the own number."""
        return {"calls": "own", "own_numbers": [self.own_number], "sub": self.box}

    @property
    def phone_holder(self) -> dict[str, Any]:
        """The claims of who has the phone."""
        return {"calls": "own", "extensions": [self.phone], "sub": self.box}

    def call(self) -> str:
        """The id of a new call."""
        self._calls += 1
        return f"{self.box}-20261122T180001-{self._calls}"

    def ringing(self, call_id: str, **changes: Any) -> dict[str, Any]:
        """It rings."""
        return self._event("call.ringing", call_id, changes)

    def connected(self, call_id: str, code: int = 10, **changes: Any) -> dict[str, Any]:
        """A phone answers it."""
        extension = {"code": code, "kind": "dect", "name": f"DECT {code}"}
        return self._event("call.connected", call_id, {"extension": extension, **changes})

    def ended(self, call_id: str, code: int = 10, **changes: Any) -> dict[str, Any]:
        """It is over, and `changes` say more."""
        over = {"seq": 3, "state": "ended", "outcome": "answered", **changes}
        return self.connected(call_id, code, **over) | {"type": "call.ended"}

    def contact(self, call_id: str, **changes: Any) -> dict[str, Any]:
        """Somebody knows who it is."""
        return published("contact.resolved") | {"call_id": call_id, **changes}

    def record(self, call_id: str) -> dict[str, Any]:
        """It has a record."""
        return published("call.recorded") | {"call_id": call_id}

    def _event(self, name: str, call_id: str, changes: dict[str, Any]) -> dict[str, Any]:
        example = published(name)
        call = example["call"] | {"id": call_id, "box": self.box, "own_number": self.own_number, **changes}
        return example | {"call": call}
