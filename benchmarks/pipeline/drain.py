"""Worker processes that work a backlog off, and how long they take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from redis import Redis

from benchmarks.bench import Bench
from benchmarks.pipeline.backlog import FASTSTREAM_FIELD, STREAM, Backlog
from shared.event_log import FIELD

ROOT: Final = Path(__file__).parents[2]
LOOK_SECONDS: Final = 0.005
TAIL: Final = "tail"


@dataclass(frozen=True, slots=True)
class Competitor:
    """A kind of worker."""

    name: str
    way: str
    """What `our_worker` or `peer_worker` calls it; its consumer group's name, too."""
    peer: bool = False
    slowness: int = 1
    """It gets a backlog as much smaller. Its rate does not depend on that."""


def events_a_second(bench: Bench, backlog: Backlog, competitor: Competitor, workers: int) -> float:
    """Events that so many processes handle in a second. What they add to the log themselves counts, for they read it.

    A tail is no group: each of its processes reads everything.
    """
    log, way = backlog.clear(), competitor.way
    if way != TAIL:
        backlog.appear(FASTSTREAM_FIELD if way.startswith("faststream") else FIELD)
        log.ensure_group(way)
    with ExitStack() as running:
        command = _command(bench, competitor)
        processes = [running.enter_context(_worker([*command, f"worker-{n}"])) for n in range(workers)]
        for process in processes:
            _said(process, "ready")
        began = time.perf_counter()
        if way == TAIL:  # it reads on from where the log is when it starts: so all of this comes after that
            backlog.appear()
        for process in processes:
            _go(process, log.newest_id())
        if way == TAIL:
            for process in processes:
                _said(process, "done")
            return backlog.events * workers / (time.perf_counter() - began)
        while not _drained(bench.redis, way):
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - began
    return int(bench.redis.xlen(STREAM)) / seconds


def _command(bench: Bench, competitor: Competitor) -> list[str | Path]:
    arguments = [competitor.way, bench.redis_url, STREAM]
    if competitor.peer:
        return [bench.peers, ROOT / "benchmarks/pipeline/peer_worker.py", *arguments]
    return [sys.executable, "-m", "benchmarks.pipeline.our_worker", *arguments]


@contextmanager
def _worker(command: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    # Its log goes nowhere, but is made.
    with subprocess.Popen(  # noqa: S603 - our own programs
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _said(process: subprocess.Popen[str], word: str) -> None:
    """Wait until a worker has said something. Raises `ChildProcessError` where it says something else, or dies."""
    said = process.stdout.readline().strip() if process.stdout else ""
    if said != word:
        raise ChildProcessError(f"{process.args!r} was to say {word!r}, and said {said!r}")


def _go(process: subprocess.Popen[str], newest: str | None) -> None:
    if process.stdin:
        process.stdin.write(f"{newest}\n")
        process.stdin.flush()


def _drained(redis: Redis, group: str) -> bool:
    groups: Any = redis.xinfo_groups(STREAM)
    found = next(each for each in groups if each["name"] == group.encode())
    return bool(found["lag"] == 0 and found["pending"] == 0)
