"""What a box costs an ingest that reads up to a thousand of them: the real process, with a connection to each."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.bench import Bench
from benchmarks.office_lines import AREA_CODE, office_lines
from benchmarks.processes import cpu_seconds, let_open_many_files, memory, running
from benchmarks.results import Measure, Point
from simulators.fritzbox.server import FritzBoxSimulator
from tests.waiting import eventually

SIZES: Final = (10, 100, 1_000)
EVENTS: Final = 20_000
"""Of all boxes together, about."""
QUIET_SECONDS: Final = 5.0
"""In which no box says anything, after all are there."""
PATIENCE: Final = 120.0
STREAM: Final = "callmonitor:events"


def total(quick: bool) -> int:
    """Sizes."""
    return len(_sizes(quick))


def run(bench: Bench) -> Sequence[Measure]:
    """An ingest for each number of boxes."""
    let_open_many_files()
    event: dict[Point, list[float]] = {}
    quiet: dict[Point, list[float]] = {}
    resident: dict[Point, list[float]] = {}
    for size in _sizes(bench.quick):
        bench.redis.flushall()
        with FritzBoxSimulator() as box, _ingest(bench.redis_url, box.port, size) as pid:
            box.wait_for_client(size, PATIENCE)
            _say(bench, box, 1, size)  # when it has come through, all of them publish
            began, used = time.perf_counter(), cpu_seconds(pid)
            time.sleep(0.5 if bench.quick else QUIET_SECONDS)
            quiet[size] = [(cpu_seconds(pid) - used) / (time.perf_counter() - began) / size * 1e6]
            resident[size] = [memory(pid) / size / 1000]
            began, used = time.perf_counter(), cpu_seconds(pid)
            events = _say(bench, box, max(4, EVENTS // size // 3), size)
            # Beyond what it uses when nothing comes: the longer that takes, the more of it is in there.
            anyway = quiet[size][0] * size * (time.perf_counter() - began)
            event[size] = [((cpu_seconds(pid) - used) * 1e6 - anyway) / events]
        bench.advance(1)
    sizes = _sizes(bench.quick)
    return (
        Measure(
            "CPU time of ingest for an event, beyond that of quiet boxes",
            "µs",
            "lower",
            "boxes",
            sizes,
            {"an event": event},
            growth=True,
        ),
        Measure("CPU time of ingest for a quiet box", "µs/s", "lower", "boxes", sizes, {"a box": quiet}, growth=True),
        Measure("Memory of ingest for a box", "kB", "lower", "boxes", sizes, {"a box": resident}, growth=True),
    )


def _sizes(quick: bool) -> Sequence[int]:
    return (2, 5) if quick else SIZES


def _say(bench: Bench, box: FritzBoxSimulator, calls: int, boxes: int) -> int:
    """Have every box say the same, and wait until all of it is published. Returns how many events came of it."""
    lines = list(office_lines(calls, calls))
    before = bench.redis.xlen(STREAM)
    for line in lines:
        box.send(line)
    eventually(lambda: bench.redis.xlen(STREAM) >= before + len(lines) * boxes, within=PATIENCE)
    return len(lines) * boxes


@contextmanager
def _ingest(redis_url: str, port: int, boxes: int) -> Iterator[int]:
    with TemporaryDirectory() as folder:
        settings = Path(folder) / "callmonitor.toml"
        box = f'host = "127.0.0.1"\nport = {port}\narea_code = "{AREA_CODE}"\n'
        settings.write_text("\n".join(f'[[boxes]]\nname = "box-{n}"\n{box}' for n in range(boxes)))
        environment = {"CALLMONITOR_CONFIG": f"{settings}", "REDIS_URL": redis_url, "SPOOL_DIR": f"{folder}/spool"}
        with running([sys.executable, "-m", "services.ingest"], environment) as pid:
            yield pid
