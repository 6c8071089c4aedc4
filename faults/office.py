"""The office of a run: a Valkey, the simulated Limbas, and the services as processes, most of them twice."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, cast

import jwt
import requests
from redis import Redis

from cli.demo.processes import Process, Program, stop_all
from faults.announced import Said
from faults.browser import HERE, Browser
from faults.callers import IGNORED
from faults.checker import Evidence
from faults.event import Event, parse_id
from faults.invitation import EVERYTHING, Invitation
from faults.switchboard import Switchboard
from faults.timeline import INGESTS, SERVICES
from simulators.limbas import business
from simulators.limbas.server import LimbasSimulator
from tests.valkey import Valkey

PATIENCE: Final = 120.0
"""Seconds for what takes one or two on a machine with nothing else to do."""
STREAM: Final = "callmonitor:events"
_SECRET: Final = "a secret of one run, and 32 characters or longer"  # noqa: S105 - of services that live for one run
_BOX: Final = """
[[boxes]]
name = "{name}"
host = "127.0.0.1"
port = {port}
area_code = "221"

"""
_ENDS_WELL: Final = (0, -signal.SIGTERM)
"""The second one, if the signal came before the process had begun."""


class Office:
    """Everything but the browsers and the calls, for as long as its `with` block lasts."""

    def __init__(self, folder: Path, boxes: Sequence[Switchboard], seed: int, *, logger: str) -> None:
        """`folder`: for logs and spools. `logger`: the module that is started as logger."""
        self.limbas = LimbasSimulator(port=a_port(), store=business.store(), seed=seed)
        # Always: what Redis has taken it has. With `everysec` the last second is lost with the machine's power.
        self.valkey = Valkey(a_port(), appendfsync="always")
        self.web_port = a_port()
        self.died: list[str] = []
        """Processes that ended though nobody asked them to, or not as they should."""
        self._folder = folder
        self._ports = {name: a_port() for name in (*INGESTS, *SERVICES)}
        self._away: set[str] = set()
        written = [_BOX.format(name=each.place.box, port=each.box.port) for each in boxes]
        (folder / "callmonitor.toml").write_text("".join(written) + f'[ignore]\nnumbers = ["{IGNORED}"]\n')
        self._environment = os.environ | {
            "CALLMONITOR_CONFIG": str(folder / "callmonitor.toml"),
            "LIMBAS_URL": self.limbas.url,
            "LIMBAS_USER": "callmonitor",
            "LIMBAS_PASSWORD": "callmonitor",
            "LIMBAS_TIMEOUT": "3",
            "REDIS_URL": self.valkey.url,
            "SPOOL_DIR": str(folder / "spool"),
            "WEB_PORT": str(self.web_port),
            "WEB_SECRET": _SECRET,
            "WEB_HEARTBEAT_SECONDS": "1",
        }
        self.processes = {name: self._process(name, logger) for name in self._ports}

    def __enter__(self) -> Self:
        """Start everything, and wait until it is ready: the contacts are read, the box is connected."""
        self.valkey.start()
        self.limbas.start()
        for process in self.processes.values():
            process.start()
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        for process in self.processes.values():
            process.signal_group(signal.SIGCONT)
        stop_all(self.processes.values())
        self.limbas.stop()
        self.valkey.stop()

    def redis(self) -> Redis:
        """A connection of its own."""
        return Redis.from_url(self.valkey.url, socket_timeout=5.0, socket_connect_timeout=5.0)

    def wait_until_ready(self) -> None:
        """Until every process says so. Raises `TimeoutError`."""
        until = time.monotonic() + PATIENCE
        for name, port in self._ports.items():
            while not _is_ready(port):
                if time.monotonic() > until:
                    raise TimeoutError(f"{name} is not ready: {self.processes[name].last_words()}")
                self.revive()
                time.sleep(0.1)

    def revive(self) -> None:
        """As Docker does it: start again what has ended. Nothing should have, unless it was asked to."""
        for name, process in self.processes.items():
            if name not in self._away and process.exit_code is not None:
                self.died.append(f"{name} ended with {process.exit_code}: {process.last_words()}")
                process.start()

    def hurt(self, name: str, number: signal.Signals, wait: Callable[[], object]) -> None:
        """Send a process a signal, `wait`, and bring it back."""
        process = self.processes[name]
        self._away.add(name)
        process.signal_group(number)
        if number is not signal.SIGSTOP and not process.wait(time.monotonic() + PATIENCE):
            self.died.append(f"{name} did not end")
        if number is signal.SIGTERM and process.exit_code not in _ENDS_WELL:
            self.died.append(f"{name} ended with {process.exit_code} when asked to: {process.last_words()}")
        wait()
        if number is signal.SIGSTOP:
            process.signal_group(signal.SIGCONT)
        else:
            process.signal_group(signal.SIGKILL)  # its children, if it had any
            process.start()
        self._away.discard(name)

    def fill_disk(self, name: str, wait: Callable[[], object]) -> None:
        """Let a process write nothing more to any disk, `wait`, and then wait until it has noticed that it may again.

        Until then what it read is in its memory only, and it may not be killed: docs/reliability.md says so.
        """
        pid, until = self.processes[name].pid, time.monotonic() + PATIENCE
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
        wait()
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        while not _state(self._ports[name]).get("spool"):
            if time.monotonic() > until:
                raise TimeoutError(f"{name} does not use its disk again")
            time.sleep(0.1)

    def evidence(self, boxes: Sequence[Switchboard], browsers: Sequence[Browser]) -> Evidence:
        """Everything as it is now."""
        with self.redis() as redis:
            entries = cast("list[tuple[bytes, Any]]", redis.xrange(STREAM))
        return Evidence(
            said=[Said(entry.line.decode(), entry.clients, at.place.box) for at in boxes for entry in at.box.sent],
            records=requests.get(f"{self.limbas.url}/_simulator/records/ANRUFE", timeout=30).json(),
            events=[Event.of(parse_id(entry.decode()), json.loads(fields[b"event"])) for entry, fields in entries],
            browsers=[browser.watched() for browser in browsers],
            logs={file.name: file.read_text(errors="replace") for file in self._folder.glob("*.log")},
            storage=_texts(self.valkey.folder) | _texts(self._folder / "spool"),
        )

    def _process(self, name: str, logger: str) -> Process:
        service = name.split()[0]
        module = logger if service == "logger" else f"services.{service}"
        environment = self._environment | {"HEALTH_PORT": str(self._ports[name])}
        log_file = self._folder / f"{name.replace(' ', '-')}.log"
        return Process(Program(name, [sys.executable, "-m", module], environment, waits_for=str), log_file)


def token(user: str, invitation: Invitation | None) -> str:
    """As Limbas' server side mints them. Without an invitation: a forged one, that would open everything."""
    now = int(time.time())
    claims = {"aud": "callmonitor", "sub": user, "iat": now, "exp": now + 12 * 3600}
    secret = _SECRET if invitation else _SECRET[::-1]
    return jwt.encode(claims | (invitation or EVERYTHING).claims(), secret, algorithm="HS256")


def a_port() -> int:
    """A free TCP port that the system gives to nobody who connects.

    A client that tries again and again to connect to one of those in vain may be given that very port, and is connected
    with itself.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - not a secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HERE, port))
            return port


def _is_ready(port: int) -> bool:
    state = _state(port)
    return bool(state) and all(state.values())


def _state(port: int) -> dict[str, bool]:
    """What a service says that it has of what it depends on; nothing when it does not answer."""
    try:
        state: dict[str, bool] = requests.get(f"http://{HERE}:{port}/readyz", timeout=5).json()
    except requests.RequestException:
        return {}
    return state


def _texts(folder: Path) -> dict[str, str]:
    """Every file, as text of which each byte is a character."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".log"]
    return {str(file.relative_to(folder)): file.read_bytes().decode("latin-1") for file in files}
