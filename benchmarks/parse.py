"""How many lines of the call monitor become call events in a second, beside those who split them and check nothing.

`fritzconnection` cuts what the socket gives into lines and hands them on, and Home Assistant makes attributes of each
by splitting it and reading its time with `strptime`. Both are written down here anew, as one would do it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.bench import Bench, turns
from benchmarks.office_lines import AREA_CODE, office_lines
from benchmarks.results import Aim, Measure, Point, Result
from services.ingest.call_life import CallLife
from services.ingest.framing import Garbage, LineSplitter
from services.ingest.wire import Malformed, parse
from shared.boxes import Box

OURS: Final = "Limbas Callmonitor"
SPLITTING: Final = "splitting and strptime"
CALLS: Final = 10_000
ROUNDS: Final = 7
CALLERS: Final = (200, CALLS)
"""Different numbers of the other side. With the last of them every caller is new, and no cache helps."""
CHUNK: Final = 4096
"""Bytes that one reading of the socket gives: as many as `fritzconnection` asks for."""
BOX: Final = Box(name="office", host="fritz.box", area_code=AREA_CODE)


def total(quick: bool) -> int:
    """Rounds of every competitor and every number of callers."""
    return (1 if quick else ROUNDS) * 2 * len(CALLERS)


def run(bench: Bench) -> Result:
    """Both in turn, over the same bytes."""
    ways: Mapping[str, Callable[[Sequence[bytes]], int]] = {OURS: _events, SPLITTING: _attributes}
    rounds: dict[str, dict[Point, list[float]]] = {name: defaultdict(list) for name in ways}
    calls = 100 if bench.quick else CALLS
    for callers in CALLERS:
        lines = list(office_lines(calls, callers))
        sent = "".join(f"{line}\r\n" for line in lines).encode()
        chunks = [sent[at : at + CHUNK] for at in range(0, len(sent), CHUNK)]
        for name in turns(tuple(ways), 1 if bench.quick else ROUNDS):
            began = time.thread_time()  # neither waits for anything: what the machine does besides does not count
            count = ways[name](chunks)
            rounds[name][callers].append(len(lines) / (time.thread_time() - began))
            if count != len(lines):
                raise ValueError(f"{name} made {count} of {len(lines)} lines")
            bench.advance(1)
    measure = Measure("Lines to events", "lines/s", "higher", "different callers", CALLERS, rounds)
    worst = min(measure.ratio(SPLITTING, callers) or 0.0 for callers in CALLERS)
    return Result("parse", [measure], [Aim("≥ 1 × splitting and strptime", worst >= 1, f"{worst:.2f} ×")])


def _events(chunks: Sequence[bytes]) -> int:
    """Ours: bytes to lines, lines to messages, messages to what they mean for the calls."""
    splitter, life = LineSplitter(), CallLife(BOX)
    count = 0
    for chunk in chunks:
        for line in splitter.feed(chunk):
            if not isinstance(line, Garbage) and not isinstance(message := parse(line), Malformed):
                count += len(life.apply(message, line, datetime.now(UTC)))
    return count


def _attributes(chunks: Sequence[bytes]) -> int:
    """Theirs. No call's beginning is known at its end, and no number becomes an international one."""
    rest = ""
    count = 0
    for chunk in chunks:
        *lines, rest = (rest + chunk.decode()).split("\n")
        for line in lines:
            fields = line.strip().split(";")
            at = datetime.strptime(fields[0], "%d.%m.%y %H:%M:%S").strftime("%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007
            count += bool(_READERS[fields[1]](fields, at))
    return count


_READERS: Final[Mapping[str, Callable[[list[str], str], dict[str, str]]]] = {
    "RING": lambda f, at: {"type": "incoming", "from": f[3], "to": f[4], "device": f[5], "initiated": at},
    "CALL": lambda f, at: {"type": "outgoing", "from": f[4], "to": f[5], "device": f[6], "initiated": at},
    "CONNECT": lambda f, at: {"with": f[4], "device": f[3], "accepted": at},
    "DISCONNECT": lambda f, at: {"duration": f[3], "closed": at},
}
