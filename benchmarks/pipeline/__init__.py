"""How fast a backlog is worked off: by matcher, by logger without its SOAP, and by the web process' tail.

Beside what one would read a Redis stream with in Python: FastStream, and the least loop that there can be.
"""

from __future__ import annotations

from benchmarks.bench import Bench, turns
from benchmarks.pipeline.backlog import Backlog
from benchmarks.pipeline.drain import Competitor, events_a_second
from benchmarks.results import Aim, Measure, Result

WORKERS = (1, 2, 4)
ROUNDS = 3
EVENTS = 12_000
MATCHER, LOGGER, TAIL = (Competitor(f"Limbas Callmonitor, {name}", name) for name in ("matcher", "logger", "tail"))
FASTSTREAM = Competitor("FastStream", "faststream", peer=True, slowness=4)
IN_BATCHES = Competitor("FastStream, 100 at a time", "faststream-batch", peer=True)
BARE = Competitor("XREADGROUP and XACK, bare", "bare", peer=True)
COMPETITORS = (MATCHER, LOGGER, TAIL, FASTSTREAM, IN_BATCHES, BARE)


def total(quick: bool) -> int:
    """Backlogs that are worked off."""
    return len(COMPETITORS) * len(_workers(quick)) * (1 if quick else ROUNDS)


def run(bench: Bench) -> Result:
    """All of them in turn, by one, two and four worker processes."""
    events = 400 if bench.quick else EVENTS
    points = _workers(bench.quick)
    found: dict[str, dict[str | int, list[float]]] = {each.name: {n: [] for n in points} for each in COMPETITORS}
    backlogs = {slowness: Backlog(bench.redis, events // slowness) for slowness in (1, FASTSTREAM.slowness)}
    for workers in points:
        for each in turns(COMPETITORS, 1 if bench.quick else ROUNDS):
            found[each.name][workers].append(events_a_second(bench, backlogs[each.slowness], each, workers))
            bench.advance(1)
    others = {each.name: found[each.name] for each in (FASTSTREAM, IN_BATCHES, BARE)}
    measures = [
        Measure(f"A backlog worked off by {ours.way}", "events/s", "higher", "workers", points,
                {ours.name: found[ours.name], **others})
        for ours in (MATCHER, LOGGER, TAIL)
    ]  # fmt: skip
    return Result("pipeline", measures, [aim for measure in measures for aim in _aims(measure)])


def _workers(quick: bool) -> tuple[int, ...]:
    return WORKERS[:1] if quick else WORKERS


def _aims(measure: Measure) -> list[Aim]:
    """Of one worker: what more of them bring is for the chart, on as many cores as there are."""
    scripted, floor = (measure.ratio(other.name, 1) or 0.0 for other in (FASTSTREAM, BARE))
    return [
        Aim(f"{measure.title}: ≥ 5 × FastStream", scripted >= 5, f"{scripted:.1f} ×"),
        Aim(f"{measure.title}: ≥ 0.4 × the bare loop", floor >= 0.4, f"{floor:.2f} ×"),
    ]
