"""How long it takes from the line of the box until a client has the caller's name, and how many never get it.

Ours are the real processes: ingest, matcher with its index of contacts, and one web process. Beside it stands what one
would script, `fritzconnection` and Flask-SSE, and Redis' pub/sub alone, which is the least that anything of this kind
takes. `screen` goes on from here to what a person sees.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Final

from redis import Redis

from benchmarks.audience import Audience, mark
from benchmarks.bench import Bench, turns
from benchmarks.flask_sse_server import CHANNEL, SCRIPT, all_have_left, flask_sse, subscribers
from benchmarks.flask_sse_server import REQUEST as FLASK_SSE_REQUEST
from benchmarks.office import office, our_request
from benchmarks.office_lines import said_now
from benchmarks.percentile import percentile
from benchmarks.processes import let_open_many_files, running
from benchmarks.results import Aim, Measure, Point, Result
from shared.contacts.index import ContactIndex
from shared.contacts.reading import Contact
from shared.event_log import EventLog
from shared.events import Candidate, Match, Source
from simulators.fritzbox.messages import Disconnect, Ring
from simulators.fritzbox.server import FritzBoxSimulator
from tests.waiting import eventually

OURS, SCRIPTED, BARE = "ours", "fritzconnection + Flask-SSE", "Redis pub/sub alone"
AWAY: Final = "clients away for 1 s"
MOST_MILLISECONDS: Final = 25
PATIENCE: Final = 30.0
SUBSCRIBE: Final = f"SUBSCRIBE {CHANNEL}\r\n".encode()
ENDS_AFTER: Final = 10
"""A call ends when so many more have begun."""
CONTACTS: Final = 2000
"""As many calls in a row are of different people."""
DAY: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Grid:
    """What is tried."""

    seconds: dict[int, float]
    """By calls/s: for how long."""
    rate: int
    """Calls/s at every number of clients."""
    clients: Sequence[int]
    usual: int
    """Clients at every number of calls/s."""
    rounds: int

    @property
    def points(self) -> list[tuple[int, int]]:
        """Calls/s and clients."""
        return sorted({*((rate, self.usual) for rate in self.seconds), *((self.rate, many) for many in self.clients)})


WHOLE: Final = Grid({1: 8, 50: 3, 500: 2}, rate=50, clients=(1, 200, 1000), usual=200, rounds=3)
QUICK: Final = Grid({20: 0.5, 50: 0.3}, rate=50, clients=(1, 3), usual=3, rounds=1)


@dataclass(frozen=True, slots=True)
class Site:
    """Where clients hear of calls."""

    port: int
    request: Callable[[int], bytes]
    """Of each client, by its number."""
    redis: Redis | None = None
    """Where clients are subscribers in Redis, through Flask-SSE or by themselves: that."""


Case = tuple[int, int] | str
"""Calls/s and clients; or what happens."""
Values = dict[str, dict[Case, list[float]]]
"""Of each competitor, in each case, of every round."""


def total(quick: bool) -> int:
    """Cases, of all competitors and rounds."""
    grid = QUICK if quick else WHOLE
    return len(WAYS) * grid.rounds * (len(grid.points) + 1)


def run(bench: Bench) -> Result:
    """All of it."""
    grid = QUICK if bench.quick else WHOLE
    let_open_many_files()
    median, p99, lost = _values(), _values(), _values()
    for name in turns(list(WAYS), grid.rounds):
        bench.redis.flushall()
        with FritzBoxSimulator() as box, WAYS[name](bench, box) as site:
            for rate, clients in grid.points:
                with _audience(site, clients) as audience:
                    sent = _ring(box, rate, grid.seconds[rate])
                    audience.wait(len(sent) * clients, PATIENCE)
                    heard = audience.heard()
                if not (times := heard.milliseconds(sent)):
                    raise ValueError(f"{name}: at {rate} calls/s nobody of {clients} heard anything")
                median[name][rate, clients].append(statistics.median(times))
                p99[name][rate, clients].append(percentile(times, 99))
                lost[name][rate, clients].append(100 * heard.lost(sent, clients))
                bench.advance(1)
            lost[name][AWAY].append(100 * _lost_while_away(site, box, grid))
            bench.advance(1)
    return _result(grid, median, p99, lost)


def _result(grid: Grid, median: Values, p99: Values, lost: Values) -> Result:
    by_rate: dict[Point, Case] = {rate: (rate, grid.usual) for rate in grid.seconds}
    by_clients: dict[Point, Case] = {many: (grid.rate, many) for many in grid.clients}
    at_rates, at_clients = f"at {grid.usual} clients", f"at {grid.rate} calls/s"
    never: dict[Point, Case] = {**{f"{rate} calls/s": case for rate, case in by_rate.items()}, AWAY: AWAY}
    measures = [
        _measure(f"{what} from the line of the box to the name at a client, {where}", "ms", axis, values, cases)
        for where, axis, cases in ((at_rates, "calls/s", by_rate), (at_clients, "clients", by_clients))
        for what, values in (("Median", median), ("99th percentile", p99))
    ]
    measures.append(_measure(f"Names that never came, {at_rates}", "%", "", lost, never))
    slowest, theirs = (statistics.median(p99[name][grid.rate, grid.usual]) for name in (OURS, SCRIPTED))
    worst = {name: max(each for found in lost[name].values() for each in found) for name in (OURS, SCRIPTED)}
    usual = f"p99 at {grid.rate} calls/s and {grid.usual} clients"
    aims = [
        Aim(f"{usual} ≤ {MOST_MILLISECONDS} ms", slowest <= MOST_MILLISECONDS, f"{slowest:.1f} ms"),
        Aim(f"{usual} ≤ 0.5 × the scripted way's", slowest <= theirs / 2, f"{slowest / theirs:.2f} ×"),
        Aim("nothing is lost where the scripted way loses", worst[OURS] == 0 < worst[SCRIPTED],
            f"{worst[OURS]:.1f} %, it {worst[SCRIPTED]:.1f} %"),
    ]  # fmt: skip
    return Result("popup", measures, aims)


def _measure(title: str, unit: str, axis: str, values: Values, cases: Mapping[Point, Case]) -> Measure:
    rounds = {name: {point: found[case] for point, case in cases.items()} for name, found in values.items()}
    return Measure(title, unit, "lower", axis, list(cases), rounds)


def _values() -> Values:
    return {name: defaultdict(list) for name in WAYS}


@contextmanager
def _audience(site: Site, clients: int) -> Iterator[Audience]:
    redis = site.redis
    if redis:
        eventually(lambda: all_have_left(redis), within=PATIENCE)
    with Audience(site.port, [site.request(number) for number in range(clients)]) as audience:
        eventually(lambda: (subscribers(redis) if redis else audience.answered) == clients, within=PATIENCE)
        audience.begin()
        yield audience


def _ring(box: FritzBoxSimulator, rate: int, seconds: float) -> dict[int, float]:
    """So many people call, each at their time. Returns when each line left, by the number of the call."""
    before, calls, began = len(box.sent), max(1, round(rate * seconds)), time.monotonic()
    for n in range(calls + ENDS_AFTER):
        if n < calls:
            time.sleep(max(0.0, began + n / rate - time.monotonic()))
            box.send(said_now(Ring(n % (2 * ENDS_AFTER), _number(n), "4710100", "SIP0")))
        if n >= ENDS_AFTER:
            box.send(said_now(Disconnect((n - ENDS_AFTER) % (2 * ENDS_AFTER), 0)))
    rang = [line.at.timestamp() for line in box.sent[before:] if b";RING;" in line.line]
    return dict(enumerate(rang))


def _lost_while_away(site: Site, box: FritzBoxSimulator, grid: Grid) -> float:
    """Every client is away for a second, in the middle of the calls."""
    with _audience(site, grid.usual) as audience, ThreadPoolExecutor(1) as thread:
        calls = thread.submit(_ring, box, grid.rate, 3.0)
        time.sleep(1)
        audience.go()
        time.sleep(1)
        audience.come_back()
        sent = calls.result()
        audience.wait(len(sent) * grid.usual, PATIENCE)
        return audience.heard().lost(sent, grid.usual)


@contextmanager
def _ours(bench: Bench, box: FritzBoxSimulator) -> Iterator[Site]:
    ContactIndex(EventLog(bench.redis, "callmonitor:events", DAY)).replace(
        Contact(Candidate(source=Source.LIMBAS, match=Match.EXACT, name=mark(n), table="KUNDEN", record_id=n + 1),
                (f"+49{_number(n)[1:]}",))
        for n in range(CONTACTS)
    )  # fmt: skip
    with office(bench.redis_url, box) as web:
        yield Site(web.port, our_request)


@contextmanager
def _scripted(bench: Bench, box: FritzBoxSimulator) -> Iterator[Site]:
    with flask_sse(bench) as (port, _), _script(bench, box, "monitor"):
        yield Site(port, lambda _: FLASK_SSE_REQUEST, bench.redis)


@contextmanager
def _bare(bench: Bench, box: FritzBoxSimulator) -> Iterator[Site]:
    port = int(bench.redis.connection_pool.connection_kwargs["port"])
    with _script(bench, box, "bare"):
        yield Site(port, lambda _: SUBSCRIBE, bench.redis)


WAYS: Final[Mapping[str, Callable[[Bench, FritzBoxSimulator], AbstractContextManager[Site]]]] = {
    OURS: _ours,
    SCRIPTED: _scripted,
    BARE: _bare,
}


@contextmanager
def _script(bench: Bench, box: FritzBoxSimulator, what: str) -> Iterator[None]:
    """What reads the box, with a phonebook of the same people."""
    people = "".join(
        f"<contact><person><realName>{mark(n)}</realName></person>"
        f"<telephony><number>{_number(n)}</number></telephony></contact>"
        for n in range(CONTACTS)
    )
    with NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(f"<phonebooks><phonebook>{people}</phonebook></phonebooks>")
        file.flush()
        with running([bench.peers, SCRIPT, what, f"{box.port}", file.name], {"REDIS_URL": bench.redis_url}):
            box.wait_for_client(timeout=PATIENCE)
            yield


def _number(n: int) -> str:
    return f"0302312{n % CONTACTS:04}"
