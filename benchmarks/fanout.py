"""What one process costs and does that has an event for very many clients.

Beside it: nchan, which does this in C inside nginx, and Flask-SSE, which is what one finds for Flask.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from operator import ge, le
from typing import Final, Literal

from redis import Redis

from benchmarks.audience import Audience, mark
from benchmarks.bench import Bench, turns
from benchmarks.flask_sse_server import CHANNEL, flask_sse, subscribers
from benchmarks.flask_sse_server import REQUEST as FLASK_SSE_REQUEST
from benchmarks.nchan import PACKAGE, Publisher, is_installed, nchan
from benchmarks.nchan import REQUEST as NCHAN_REQUEST
from benchmarks.office import our_request, web
from benchmarks.percentile import percentile
from benchmarks.processes import cpu_seconds, let_open_many_files, memory, only_child
from benchmarks.results import Aim, Measure, Point, Result
from shared.event_log import EventLog
from shared.events import Candidate, ContactResolved, Match, Source, dump_event
from tests.shared.making import an_event
from tests.waiting import eventually

OURS, NCHAN, FLASK_SSE = "ours", "nchan", "Flask-SSE"
DAY: Final = 24 * 3600.0
PATIENCE: Final = 120.0
FIRST_CLIENTS: Final = 20
"""Come before memory is looked at: what the first one needs, the others share."""
CALM_SECONDS: Final = 0.3
"""A server that has done nothing for so long has done what there was to do."""
MOST_OF_FLASK_SSE: Final = 1000
"""Clients. With more it takes minutes."""
MOST_KILOBYTES: Final = 20
CALL: Final = "office-20261122T180001-0123456789ab"


@dataclass(frozen=True, slots=True)
class Size:
    """What is tried with so many clients."""

    clients: int
    alone: int
    """Events that come one at a time: the next one when everybody has the one before."""
    at_once: int
    """Events that come as fast as they can be published."""


WHOLE: Final = (Size(100, 200, 500), Size(1000, 30, 200), Size(5000, 15, 60))
QUICK: Final = (Size(3, 5, 20), Size(30, 5, 20))
DELIVERIES: Final = "Deliveries of events that come as fast as they can"
CPU: Final = "CPU per delivery of events that come one at a time"
CPU_AT_ONCE: Final = "CPU per delivery of events that come as fast as they can"
MEDIAN, P99 = (f"{share} until a client has an event that comes alone" for share in ("Median", "99th percentile"))
MEMORY: Final = "Memory per client"
QUANTITIES: Final[Mapping[str, tuple[str, Literal["higher", "lower"]]]] = {
    DELIVERIES: ("deliveries/s", "higher"),
    MEDIAN: ("ms", "lower"),
    P99: ("ms", "lower"),
    CPU: ("µs", "lower"),
    CPU_AT_ONCE: ("µs", "lower"),
    MEMORY: ("KB", "lower"),
}
ROUNDS: Final = 3
FEWER: Final = 10
"""Flask-SSE has so many times fewer events at once: what it needs for one does not depend on how many there are."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that clients listen to."""

    port: int
    worker: int
    """The process id of what sends to them."""
    request: Callable[[int], bytes]
    """Of each client, by its number."""
    publish: Callable[[int], object]
    """Have everybody told the event of this number."""
    redis: Redis | None = None
    """Where each client is a subscriber in Redis: that."""


def total(quick: bool) -> int:
    """Numbers of clients, of all competitors and rounds."""
    sizes, rounds = _extent(quick)
    return sum(rounds * len(_competitors(size)) for size in sizes)


def run(bench: Bench) -> Result:
    """All of it."""
    let_open_many_files()
    sizes, rounds = _extent(bench.quick)
    points = [size.clients for size in sizes]
    found: dict[str, dict[str, dict[Point, list[float]]]] = {
        quantity: {name: defaultdict(list) for name in _competitors(sizes[0])} for quantity in QUANTITIES
    }
    for size in sizes:
        for name in turns(_competitors(size), rounds):
            bench.redis.flushall()
            with SERVERS[name](bench) as server:
                at_once = size.at_once // FEWER if name == FLASK_SSE else size.at_once
                for quantity, value in _try(server, size.clients, size.alone, at_once).items():
                    found[quantity][name][size.clients].append(value)
            bench.advance(1)
    measures = [Measure(quantity, *how, "clients", points, found[quantity]) for quantity, how in QUANTITIES.items()]
    notes = [] if is_installed() else [f"nchan was not there to compare with: `apt install nginx {PACKAGE}` brings it."]
    return Result("fanout", measures, tuple(_aims({each.title: each for each in measures}, points[1])), notes)


def _extent(quick: bool) -> tuple[Sequence[Size], int]:
    return (QUICK, 1) if quick else (WHOLE, ROUNDS)


def _competitors(size: Size) -> list[str]:
    absent = {NCHAN} if not is_installed() else set()
    return [name for name in SERVERS if name not in absent and (name != FLASK_SSE or size.clients <= MOST_OF_FLASK_SSE)]


def _aims(measures: Mapping[str, Measure], clients: int) -> Iterator[Aim]:
    beside = [(NCHAN, DELIVERIES, ge, 0.6), (NCHAN, P99, le, 2.0), (FLASK_SSE, DELIVERIES, ge, 10.0)]
    for other, quantity, fits, bound in beside:
        if other in measures[quantity].rounds:
            ratio = measures[quantity].ratio(other, clients)
            sign, what = ("≥", "deliveries/s") if fits is ge else ("≤", "p99")
            met = ratio is not None and fits(ratio, bound)
            yield Aim(f"{what} at {clients:,} clients {sign} {bound:g} × {other}'s", met, f"{ratio or 0:.2f} ×")
    kilobytes = measures[MEMORY].median(OURS, clients) or 0
    yield Aim(f"memory per client ≤ {MOST_KILOBYTES} KB", kilobytes <= MOST_KILOBYTES, f"{kilobytes:.1f} KB")


def _try(server: Server, clients: int, alone: int, at_once: int) -> dict[str, float]:
    with _audience(server, range(FIRST_CLIENTS)):
        memory_before = memory(server.worker)
        with _audience(server, range(FIRST_CLIENTS, FIRST_CLIENTS + clients)) as audience:
            kilobytes = (memory(server.worker) - memory_before) / clients / 1000
            everybody, cpu = FIRST_CLIENTS + clients, partial(cpu_seconds, server.worker)
            cpu_before, sent = cpu(), {}
            for n in range(alone):
                sent[n] = time.time()
                server.publish(n)
                audience.wait((n + 1) * clients, PATIENCE)
            times, cpu_alone = audience.heard().milliseconds(sent), cpu() - cpu_before
            audience.begin()
            cpu_before, began = cpu(), time.time()
            for n in range(alone, alone + at_once):
                server.publish(n)
            audience.wait(at_once * clients, PATIENCE)
            heard, cpu_at_once = audience.heard().times, cpu() - cpu_before
    return {
        DELIVERIES: len(heard) / (max(heard) - began),
        MEDIAN: statistics.median(times),
        P99: percentile(times, 99),
        CPU: 1e6 * cpu_alone / (alone * everybody),
        CPU_AT_ONCE: 1e6 * cpu_at_once / (at_once * everybody),
        MEMORY: kilobytes,
    }


@contextmanager
def _audience(server: Server, clients: range) -> Iterator[Audience]:
    """So many more, who are all there, and the server has nothing more to do for them."""
    with Audience(server.port, [server.request(number) for number in clients]) as audience:
        redis = server.redis
        eventually(
            lambda: subscribers(redis) == clients.stop if redis else audience.answered == len(clients), within=PATIENCE
        )
        before = -1.0
        while (now := cpu_seconds(server.worker)) - before > CALM_SECONDS / 100:
            before = now
            time.sleep(CALM_SECONDS)
        audience.begin()
        yield audience


@contextmanager
def _ours(bench: Bench) -> Iterator[Server]:
    log = EventLog(bench.redis, "callmonitor:events", DAY)
    log.publish_lines("office", [([an_event(CALL)], b"")])
    with web(bench.redis_url) as site:
        yield Server(site.port, only_child(site.pid), our_request, lambda n: log.publish(_event(n)))


@contextmanager
def _nchan(_: Bench) -> Iterator[Server]:
    with nchan() as (port, worker):
        publisher = Publisher(port)
        yield Server(port, worker, lambda _: NCHAN_REQUEST, lambda n: publisher.publish(dump_event(_event(n))))


@contextmanager
def _flask_sse(bench: Bench) -> Iterator[Server]:
    def publish(n: int) -> None:
        event = _event(n)
        bench.redis.publish(CHANNEL, json.dumps({"data": event.model_dump(mode="json"), "type": event.type}))

    with flask_sse(bench) as (port, master):
        yield Server(port, only_child(master), lambda _: FLASK_SSE_REQUEST, publish, bench.redis)


SERVERS: Final[Mapping[str, Callable[[Bench], AbstractContextManager[Server]]]] = {
    OURS: _ours,
    NCHAN: _nchan,
    FLASK_SSE: _flask_sse,
}


def _event(n: int) -> ContactResolved:
    """What all of them send: who is calling."""
    who = Candidate(source=Source.LIMBAS, match=Match.EXACT, name=mark(n), table="KUNDEN", record_id=n + 1)
    return ContactResolved(call_id=CALL, candidates=(who,), sure=True)
