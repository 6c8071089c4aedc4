"""How fast a caller is found among very many contacts, and what the index takes to build and to keep.

Beside it: a bare `HGET` for each call, in one hash of as many numbers; reading the contacts and nothing else; and
`fritzconnection`, which reads the phonebook anew for each look-up, or a dictionary of it that a program would keep.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar, cast

from redis import Redis

from benchmarks import fritz_phonebook
from benchmarks.bench import Bench, turns
from benchmarks.many_contacts import KEPT, NUMBERS_EACH, SWITCHBOARD_EVERY, ManyContacts, many_contacts, written
from benchmarks.results import Aim, Measure, Point, Result
from shared.boxes import Place
from shared.contacts.index import ContactIndex
from shared.contacts.reading import Contact, read_contacts
from shared.event_log import EventLog
from shared.limbas.settings import CUSTOMERS
from shared.numbers import numbers_in, to_e164

OURS: Final = "Limbas Callmonitor"
HGET: Final = "bare HGET"
LOOKUP_NAMES: Final = "fritzconnection, lookup_names"
ALL_NUMBERS: Final = "fritzconnection, get_all_numbers kept"
READING: Final = "reading the pages only"
PLAIN: Final = "one plain hash"
SIZES: Final = (1_000, 100_000)
"""Numbers."""
LOOKUPS: Final = 5_000
"""In a round."""
ROUNDS: Final = 3
BATCH: Final = 100
"""Calls that a busy matcher takes at once (`shared.consumer`)."""
FRITZ_LOOKUPS: Final = 2
HEIDELBERG: Final = Place(country="DE", area_code="06221")
DAY: Final = 24 * 3600.0

T = TypeVar("T")
Progress = Callable[[int], None]
Values = dict[str, dict[Point, list[float]]]


def total(quick: bool) -> int:
    """Contacts that are read, and look-ups."""
    sizes, lookups, rounds = _extent(quick)
    return sum(rounds * (2 * (size // NUMBERS_EACH) + 3 * lookups) for size in sizes)


def run(bench: Bench) -> Result:
    """All sizes in turn."""
    sizes, _, _ = _extent(bench.quick)
    batched, single, latency, building, memory = (cast("Values", defaultdict(dict)) for _ in range(5))
    for size in sizes:
        bench.redis.flushall()
        index = ContactIndex(EventLog(bench.redis, "callmonitor:events", DAY))
        _build(bench, index, size, building)
        memory[OURS][size] = [memory_of_all(bench.redis) / size]
        before = memory_of_all(bench.redis)
        _fill_plain(bench.redis, size)
        memory[PLAIN][size] = [(memory_of_all(bench.redis) - before) / size]
        _look_up(bench, index, size, batched, single, latency)
        fritz = fritz_phonebook.measure(bench.peers, size, FRITZ_LOOKUPS)
        batched[LOOKUP_NAMES][size], batched[ALL_NUMBERS][size] = [fritz.lookup_names], [fritz.kept]
    axis = "numbers in the contacts"
    measures = (
        Measure(f"Resolves, {BATCH} calls at a time", "calls/s", "higher", axis, sizes, batched),
        Measure("Resolves, one call at a time", "calls/s", "higher", axis, sizes, single),
        Measure("99 % of single resolves within", "µs", "lower", axis, sizes, latency),
        Measure("Building the index, reading included", "s", "lower", axis, sizes, building),
        Measure("Memory in Redis for each number", "bytes", "lower", axis, sizes, memory),
    )
    return Result("matching", measures, list(_aims(*measures)))


def _aims(batched: Measure, single: Measure, _: Measure, building: Measure, memory: Measure) -> Iterator[Aim]:
    for measure in (batched, single):
        worst = min(measure.ratio(HGET, size) or 0.0 for size in measure.points)
        yield Aim(f"{measure.title.lower()}: ≥ 0.5 × {HGET}", worst >= 0.5, f"{worst:.2f} ×")
    longest = max(building.ratio(READING, size) or 0.0 for size in building.points)
    yield Aim(f"building ≤ 1.3 × {READING}", longest <= 1.3, f"{longest:.2f} ×")
    most = max(memory.median(OURS, size) or 0.0 for size in memory.points)
    yield Aim("memory ≤ 150 bytes a number", most <= 150, f"{most:.0f} bytes")


def _extent(quick: bool) -> tuple[Sequence[int], int, int]:
    """Sizes, look-ups in a round, rounds."""
    return ((100,), 200, 1) if quick else (SIZES, LOOKUPS, ROUNDS)


def _build(bench: Bench, index: ContactIndex, numbers: int, seconds: Values) -> None:
    """Reading and building in turn. Afterwards the index is there."""
    with many_contacts(numbers) as limbas:
        ways: dict[str, Callable[[ManyContacts, Progress], None]] = {OURS: partial(build, index), READING: _read}
        for name in turns(tuple(ways), _extent(bench.quick)[2]):
            taken = _seconds(partial(ways[name], limbas, bench.advance))
            seconds[name].setdefault(numbers, []).append(taken)


def build(index: ContactIndex, limbas: ManyContacts, progress: Progress = lambda _: None) -> None:
    """Read the contacts, find the numbers in them, and write the index."""
    index.replace(_told(read_contacts(limbas, [CUSTOMERS], HEIDELBERG), progress))


def _read(limbas: ManyContacts, progress: Progress) -> None:
    for page in limbas.rows(CUSTOMERS.table, CUSTOMERS.fields):
        progress(len(page))


def _look_up(bench: Bench, index: ContactIndex, numbers: int, batched: Values, single: Values, latency: Values) -> None:
    """Ours at once, ours one at a time, and the bare `HGET`, in turn, each time of other numbers."""
    _, lookups, rounds = _extent(bench.quick)
    received = numbers_that_call(numbers, rounds * lookups)
    for n, way in enumerate(turns((BATCH, 1, 0), rounds)):
        some = received[n // 3 * lookups :][:lookups]
        if way == 0:
            # In its favour: the numbers are E.164 already.
            asked = [to_e164(number, HEIDELBERG) or "" for number in some]
            times = [_seconds(partial(bench.redis.hget, "plain", number)) for number in asked]
        else:
            times = [_seconds(partial(resolve, index, chunk)) for chunk in _chunks(some, way)]
        bench.advance(lookups)
        rate = lookups / sum(times)
        name = OURS if way else HGET
        if way != 1:
            batched[name].setdefault(numbers, []).append(rate)
        if way != BATCH:
            single[name].setdefault(numbers, []).append(rate)
            latency[name].setdefault(numbers, []).append(statistics.quantiles(times, n=100)[98] * 1e6)


def resolve(index: ContactIndex, received: Sequence[str]) -> None:
    """Normalise numbers as they were written, and look them up."""
    index.lookup([number for each in received if (number := to_e164(each, HEIDELBERG))])


def numbers_that_call(numbers: int, count: int) -> list[str]:
    """Who calls an office with so many numbers: of five three are known, one is a company's extension, one a stranger.

    Spelled in more ways than our caches hold.
    """
    contacts, chance = numbers // NUMBERS_EACH, random.Random(1)  # noqa: S311 - a sample, not a secret
    received = []
    for n in range(count):
        contact = chance.randrange(contacts)
        company = contact - contact % KEPT % SWITCHBOARD_EVERY
        mobile = written(contact)[1].replace("-", "")
        extension = written(company)[0].replace(" / ", "").removesuffix("-0") + str(chance.randrange(10, 99))
        number = (mobile, extension, f"040{chance.randrange(10**6, 10**7)}")[(0, 0, 0, 1, 2)[n % 5]]
        first, second = sorted(chance.sample(range(4, len(number)), 2))
        received.append(f"{number[:first]}{chance.choice(' -/.')}{number[first:second]} {number[second:]}")
    return received


def _fill_plain(redis: Redis, numbers: int) -> None:
    pairs: dict[str, str] = {}
    for n in range(numbers // NUMBERS_EACH):
        document = f'{{"name":"Vorname{n % 89} Nachname{n % 997}","company":"","table":"KUNDEN","record_id":{n + 1}}}'
        pairs |= {number: document for text in written(n) for number in numbers_in(text, HEIDELBERG)}
        if len(pairs) >= 1000:
            redis.hset("plain", mapping=cast("Any", pairs))
            pairs = {}
    if pairs:
        redis.hset("plain", mapping=cast("Any", pairs))


def memory_of_all(redis: Redis) -> int:
    """Bytes of all keys."""
    return sum(redis.memory_usage(key, samples=0) or 0 for key in redis.scan_iter(count=2000))


def _told(contacts: Iterator[Contact], progress: Progress) -> Iterator[Contact]:
    for count, contact in enumerate(contacts, start=1):
        if count % 500 == 0:
            progress(500)
        yield contact


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
