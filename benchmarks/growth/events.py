"""What an event takes, in time and in memory, with up to a million in the stream."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event as StopSignal
from typing import Final

from redis import Redis

from benchmarks.bench import Bench
from benchmarks.office_lines import AREA_CODE, office_lines
from benchmarks.results import Measure, Point
from services.ingest.call_life import CallLife
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.consumer import Consumer, Done, Entry
from shared.event_log import ORIGIN, EventLog
from shared.events import CallEvent, dump_event
from shared.trimming import Trimming

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
"""Events in the stream."""
ROUNDS: Final = 9
CALLS: Final = 200
"""Whose events are published, consumed, read and trimmed in a round."""
STREAM: Final = "callmonitor:events"
GROUP: Final = "growth"
DAY: Final = 24 * 3600.0
FIRST: Final = -2 * DAY
STEP: Final = 100
"""Milliseconds between two events that were there before. The oldest is two days old."""
LINES: Final = 200
"""That one round trip publishes (`services.ingest.publisher`)."""
PAGE: Final = 200
"""Events that the web process reads at once (`services.web.reader`)."""

FILLED_AT_ONCE: Final = 10_000

Values = dict[str, dict[Point, list[float]]]
Step = tuple[list[CallEvent], bytes]


def total(quick: bool) -> int:
    """Rounds."""
    return len(_sizes(quick)) * _rounds(quick)


def run(bench: Bench) -> Sequence[Measure]:
    """Fill a stream to each size, and see what some more events take."""
    seconds: Values = defaultdict(lambda: defaultdict(list))
    memory: Values = defaultdict(lambda: defaultdict(list))
    # What is filled in is more than a disk takes at once; it is not what is measured.
    bench.redis.config_set("appendonly", "no")
    for size in _sizes(bench.quick):
        _measure(bench, size, seconds, memory)
    axis, sizes = "events in the stream", _sizes(bench.quick)
    return (
        Measure("Time for an event", "µs", "lower", axis, sizes, seconds, growth=True),
        Measure("Memory of an event", "bytes", "lower", axis, sizes, memory, growth=True),
    )


def _measure(bench: Bench, size: int, seconds: Values, memory: Values) -> None:
    redis = bench.redis
    redis.flushall()
    log, oldest = EventLog(redis, STREAM, DAY), round((time.time() + FIRST) * 1000)
    _fill(redis, size, oldest)
    redis.xgroup_create(STREAM, GROUP, id="$")
    memory["in the stream"][size].append(_bytes(redis) / size)
    for number in range(_rounds(bench.quick)):
        box = f"office-{number}"
        steps = _steps(box)
        count = sum(len(events) for events, _ in steps)
        before, last = redis.info("memory")["used_memory"], log.newest_id() or ORIGIN
        seconds["publish"][size].append(_publish(log, box, steps) / count * 1e6)
        left = (redis.info("memory")["used_memory"] - before) / count
        memory["with all that publishing leaves"][size].append(left)
        seconds["consume"][size].append(_consume(log, count) / count * 1e6)
        seconds["read, as web does"][size].append(_read(log, last, count) / count * 1e6)
        # As many as were published, so that the size stays.
        seconds["trim"][size].append(_trim(log, (oldest + (number + 1) * count * STEP) / 1000) / count * 1e6)
        bench.advance(1)


def _sizes(quick: bool) -> Sequence[int]:
    return (1_000, 2_000) if quick else SIZES


def _rounds(quick: bool) -> int:
    return 1 if quick else ROUNDS


def _fill(redis: Redis, size: int, oldest: int) -> None:
    documents = [dump_event(event) for events, _ in _steps("office") for event in events]
    fill = redis.register_script(_FILL)
    for start in range(0, size, FILLED_AT_ONCE):
        fill([STREAM], [oldest + start * STEP, STEP, min(size - start, FILLED_AT_ONCE), *documents])


def _bytes(redis: Redis) -> int:
    return redis.memory_usage(STREAM, samples=0) or 0


def _steps(box: str) -> list[Step]:
    """What the lines of `CALLS` calls lead to at a box of its own, so that they are new to the log."""
    life = CallLife(Box(name=box, host="fritz.box", area_code=AREA_CODE))
    steps = []
    for line in map(str.encode, office_lines(CALLS, CALLS)):
        message = parse(line)
        if not isinstance(message, Malformed):
            steps.append((life.apply(message, line, datetime.now(UTC)), life.memory.dump()))
    return steps


def _publish(log: EventLog, box: str, steps: Sequence[Step]) -> float:
    began = time.perf_counter()
    for start in range(0, len(steps), LINES):
        log.publish_lines(box, steps[start : start + LINES])
    return time.perf_counter() - began


def _consume(log: EventLog, count: int) -> float:
    stop, left = StopSignal(), count

    def handle(entries: Sequence[Entry]) -> list[Done]:
        nonlocal left
        left -= len(entries)
        if left <= 0:
            stop.set()
        return [Done(entry) for entry in entries]

    consumer = Consumer(log, GROUP, "bench", handle)
    began = time.perf_counter()
    consumer.run(stop)
    return time.perf_counter() - began


def _read(log: EventLog, after: str, count: int) -> float:
    began = time.perf_counter()
    while count > 0:
        page = log.read(after, count=PAGE, block_seconds=1)
        after, count = page[-1].id, count - len(page)
    return time.perf_counter() - began


def _trim(log: EventLog, oldest: float) -> float:
    trimming = Trimming(log.redis, STREAM, time.time() - oldest)
    began = time.perf_counter()
    trimming.trim()
    return time.perf_counter() - began


# KEYS: stream. ARGV: milliseconds of the first, from one to the next, how many, then documents, one after the other.
_FILL: Final = """
for n = 0, ARGV[3] - 1 do
  redis.call('XADD', KEYS[1], string.format('%.0f-0', ARGV[1] + n * ARGV[2]), 'event', ARGV[4 + n % (#ARGV - 3)])
end
"""
