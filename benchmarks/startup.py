"""How long each service takes from its start until it says that it is ready."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import requests
from requests.exceptions import RequestException

from benchmarks.bench import Bench, turns
from benchmarks.processes import running
from benchmarks.results import Aim, Measure, Point, Result
from shared.contacts.index import ContactIndex
from shared.event_log import EventLog
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.limbas.server import LimbasSimulator
from tests.valkey import free_port

SERVICES: Final = ("ingest", "matcher", "logger", "jobs", "web")
OURS, FLASK, PYTHON = "Limbas Callmonitor", "Flask on gunicorn and gevent, empty", "Python, empty"
ROUNDS: Final = 5
MOST: Final = 1.5
LOOK_SECONDS: Final = 0.01
PATIENCE: Final = 60.0


def total(quick: bool) -> int:
    """Starts."""
    return (len(SERVICES) + 2) * (1 if quick else ROUNDS)


def run(bench: Bench) -> Result:
    """Every service in turn, with all that it depends on there; and what starts without any of ours."""
    rounds: dict[str, dict[Point, list[float]]] = {name: defaultdict(list) for name in (OURS, FLASK, PYTHON)}
    ContactIndex(EventLog(bench.redis, "callmonitor:events", 24 * 3600)).replace([])
    with _settings(bench.redis_url) as settings:
        for name in turns((*SERVICES, FLASK, PYTHON), 1 if bench.quick else ROUNDS):
            if name == PYTHON:
                _beside(rounds[PYTHON], _bare())
            elif name == FLASK:
                _beside(rounds[FLASK], _empty_flask(bench.peers))
            else:
                port = free_port()
                command = [sys.executable, "-m", f"services.{name}"]
                rounds[OURS][name].append(_until_ready(command, port, settings | {"HEALTH_PORT": f"{port}"}))
            bench.advance(1)
    measure = Measure("From the start until ready", "s", "lower", "service", SERVICES, rounds)
    slowest = max(measure.median(OURS, name) or PATIENCE for name in SERVICES)
    return Result("startup", [measure], [Aim(f"each service ≤ {MOST} s", slowest <= MOST, f"{slowest:.2f} s")])


def _beside(points: dict[Point, list[float]], seconds: float) -> None:
    """What has no services stands beside each of ours."""
    for name in SERVICES:
        points[name].append(seconds)


def _until_ready(command: Sequence[str | Path], port: int, settings: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with running(command, settings):
        while not _ready(port):
            if time.perf_counter() - began > PATIENCE:
                raise TimeoutError(f"{command} is not ready after {PATIENCE:.0f} s")
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - began


def _ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).ok
    except RequestException:
        return False


def _empty_flask(python: Path) -> float:
    port = free_port()
    options = f"--worker-class gevent --chdir {Path(__file__).parent} --bind 127.0.0.1:{port} empty_flask:app"
    return _until_ready([python, "-m", "gunicorn", *options.split()], port, {})


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


@contextmanager
def _settings(redis_url: str) -> Iterator[dict[str, str]]:
    """Of all services: what they depend on is there."""
    with FritzBoxSimulator() as box, LimbasSimulator() as limbas, TemporaryDirectory() as spool:
        yield {
            "CALLMONITOR_CONFIG": os.devnull,
            "REDIS_URL": redis_url,
            "FRITZBOX_HOST": "127.0.0.1",
            "FRITZBOX_PORT": f"{box.port}",
            "FRITZBOX_AREA_CODE": "06221",
            "SPOOL_DIR": spool,
            "LIMBAS_URL": limbas.url,
            "LIMBAS_USER": "callmonitor",
            "LIMBAS_PASSWORD": "callmonitor",
            "WEB_SECRET": "a secret of this benchmark, 32 or longer",
            "WEB_PORT": f"{free_port()}",
        }
