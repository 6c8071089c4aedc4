"""Makes the things happen that the timeline says, to the real containers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from random import Random
from typing import Final

from faults.containers.answers import ENDED, KILLED, Asked, aliases, seconds_to_check
from faults.containers.deployment import Deployment
from faults.containers.engine import DockerFailed
from faults.containers.wounds import INGESTS, NETWORKS, SCALES, Fault, How

PATIENCE: Final = 60.0
"""Seconds for the engine, which starts what crashed again by itself, and waits longer each time."""
MARGIN: Final = 1.5
"""Seconds between a pause and the next health check."""


class Injuries:
    """May be used from several threads, one per lane."""

    def __init__(self, deployment: Deployment, wait: Callable[[float], object]) -> None:
        """`wait`: for so many seconds, or until the run is over."""
        self._deployment = deployment
        self._engine = deployment.engine
        self._wait = wait
        self._by_kind: Mapping[How, Callable[[Fault, str, Random], None]] = {
            How.KILLED: self._kill,
            How.CRASHED: self._crash,
            How.RESTARTED: self._restart,
            How.PAUSED: self._pause,
            How.CUT_OFF: self._cut_off,
            How.SCALED: self._scale,
        }

    def happen(self, fault: Fault) -> None:
        """Let it begin, last, and end. Raises `DockerFailed`."""
        chance = Random(fault.chance)  # noqa: S311 - repeatable on purpose
        name = chance.choice(self._deployment.containers(fault.kind.service)).name
        self._by_kind[fault.kind.how](fault, name, chance)

    def _kill(self, fault: Fault, name: str, _: Random) -> None:
        with self._asked(KILLED, name):
            self._engine.docker("kill", "--signal", "KILL", name)
            self._wait(fault.seconds)
            self._engine.docker("start", name)

    def _crash(self, _: Fault, name: str, __: Random) -> None:
        before, until = self._started(name), time.monotonic() + PATIENCE
        with self._asked(KILLED, name):
            with suppress(DockerFailed):  # it dies with the others
                self._engine.docker("exec", name, "sh", "-c", "kill -KILL -1")
            while self._started(name) in ("", before):
                self._patience(until, f"{name} crashed, and was not started again")
                time.sleep(0.2)

    def _restart(self, _: Fault, name: str, __: Random) -> None:
        with self._asked(ENDED, name):
            self._engine.docker("restart", name)

    def _pause(self, fault: Fault, name: str, _: Random) -> None:
        until = time.monotonic() + PATIENCE
        while not self._froze(name):
            self._patience(until, f"{name} cannot be paused")
            time.sleep(0.2)
        self._wait(fault.seconds)
        self._engine.docker("unpause", name)

    def _cut_off(self, fault: Fault, name: str, chance: Random) -> None:
        network = f"{self._engine.project}_{chance.choice(NETWORKS[fault.kind.service])}"
        known_as = aliases(self._engine.docker("inspect", name), network)
        self._engine.docker("network", "disconnect", network, name)
        self._wait(fault.seconds)
        names = [word for alias in known_as for word in ("--alias", alias)]
        self._engine.docker("network", "connect", *names, network, name)

    def _scale(self, fault: Fault, _: str, chance: Random) -> None:
        service = fault.kind.service
        names = [container.name for container in self._deployment.containers(service)]
        with self._asked(ENDED, *names):
            self._to(service, chance.choice(SCALES[service]))
            if service == "ingest":
                self._wait(fault.seconds)
                self._to(service, INGESTS)

    def _to(self, service: str, number: int) -> None:
        words = ("--detach", "--no-deps", "--no-recreate", "--scale", f"{service}={number}")
        self._engine.compose("up", *words, service)

    def _froze(self, name: str) -> bool:
        """Pause it unless it is not the moment. An engine that freezes its own health check waits for it for ever."""
        if seconds_to_check(self._engine.docker("inspect", name), time.time()) < MARGIN:
            return False
        try:
            self._engine.docker("pause", name)
        except DockerFailed:  # "unable to freeze": a process of it was just starting another one
            return False
        return True

    def _started(self, name: str) -> str:
        """When, and nothing else as long as it does not run."""
        form = "{{if .State.Running}}{{.State.StartedAt}}{{end}}"
        return self._engine.docker("inspect", "--format", form, name).strip()

    def _patience(self, until: float, what: str) -> None:
        if time.monotonic() > until:
            raise DockerFailed(f"{what}, for {PATIENCE:g} s")

    @contextmanager
    def _asked(self, exit_codes: frozenset[int], *names: str) -> Iterator[None]:
        asked = Asked(names, exit_codes, since=time.time())
        self._deployment.asked.append(asked)
        yield
        asked.until = time.time() + 1.0
