"""How fast a caller is found among very many contacts, and what the index takes to build and to keep."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar, cast

from redis import Redis

from benchmarks import fritz_phonebook
from benchmarks.fritz_phonebook import FritzRates
from benchmarks.many_contacts import KEPT, NUMBERS_EACH, SWITCHBOARD_EVERY, many_contacts, written
from shared.boxes import Place
from shared.contacts.index import ContactIndex
from shared.contacts.reading import Contact, read_contacts
from shared.event_log import EventLog
from shared.limbas.settings import CUSTOMERS
from shared.numbers import numbers_in, to_e164

SIZES: Final = (1_000, 100_000, 1_000_000)
"""Numbers."""
LOOKUPS: Final = 20_000
FEW: Final = 100_000
"""Numbers up to which reading and building take turns, `ROUNDS` of each, so that the median is of a quiet moment."""
ROUNDS: Final = 3
BATCH: Final = 100
"""Calls that a busy matcher takes at once (`shared.consumer`)."""
FRITZ_LOOKUPS: Final = 2
HEIDELBERG: Final = Place(country="DE", area_code="06221")
DAY: Final = 24 * 3600.0

T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found with one number of numbers. Times in seconds, rates per second."""

    numbers: int
    reading: float
    """Reading all pages, and nothing else."""
    building: float
    """Reading them, finding the numbers in them, and writing the index."""
    bytes_each: float
    plain_bytes_each: float
    """In one hash from number to JSON."""
    batched: float
    """Resolves, `BATCH` at a time: normalise, and all steps of the index."""
    single: float
    """One at a time."""
    p50: float
    p99: float
    """Of one at a time."""
    hget: float
    """`HGET`s in the plain hash, one at a time, of numbers that are E.164 already."""
    fritz: FritzRates


@dataclass(frozen=True, slots=True)
class Report:
    """All sizes."""

    measured: Sequence[Measured]

    def table(self) -> str:
        """As Markdown, a column per size."""
        lines: list[tuple[str, Callable[[Measured], str]]] = [
            ("reading the pages", lambda m: f"{m.reading:.1f} s"),
            ("building the index, reading included", lambda m: f"{m.building:.1f} s"),
            ("… of reading the pages", lambda m: f"{m.building / m.reading:.2f} ×"),
            ("memory in Redis, a number", lambda m: f"{m.bytes_each:.0f} bytes"),
            ("… of a plain hash", lambda m: f"{m.plain_bytes_each:.0f} bytes"),
            (f"resolves, {BATCH} calls at a time", lambda m: f"{m.batched:,.0f}/s"),
            ("resolves, one call at a time", lambda m: f"{m.single:,.0f}/s"),
            ("… latency, median and 99 %", lambda m: f"{m.p50 * 1e6:.0f} µs, {m.p99 * 1e6:.0f} µs"),
            ("bare `HGET` per call", lambda m: f"{m.hget:,.0f}/s"),
            (f"our rate of it, {BATCH} at a time", lambda m: f"{m.batched / m.hget:.2f} ×"),
            ("our rate of it, one at a time", lambda m: f"{m.single / m.hget:.2f} ×"),
            ("fritzconnection, `lookup_names`", lambda m: f"{m.fritz.lookup_names:,.2f}/s"),
            ("fritzconnection, `get_all_numbers` kept", lambda m: f"{m.fritz.kept:,.0f}/s"),
        ]
        head = "".join(f" {each.numbers:,} |" for each in self.measured)
        rows = [f"| {name} |" + "".join(f" {show(each)} |" for each in self.measured) for name, show in lines]
        title = "### matching: a caller among so many numbers, Limbas at 25 ms a request and 2 ms an action"
        return "\n".join([title, "", f"| numbers |{head}", "|---|" + "---:|" * len(self.measured), *rows])


def run(redis: Redis, progress: Progress, sizes: Sequence[int] = SIZES) -> Report:
    """All sizes in turn. `progress` is told of what has been done of `total`."""
    with fritz_phonebook.environment() as python:
        return Report([_measure(redis, size, progress, lambda n: fritz_phonebook.measure(python, n, FRITZ_LOOKUPS))
                       for size in sizes])  # fmt: skip


def total(sizes: Sequence[int] = SIZES) -> int:
    """Contacts that are read, and look-ups."""
    return sum(2 * _rounds(size) * (size // NUMBERS_EACH) + 3 * LOOKUPS for size in sizes)


def _rounds(numbers: int) -> int:
    return ROUNDS if numbers <= FEW else 1


def _measure(redis: Redis, numbers: int, progress: Progress, fritz: Callable[[int], FritzRates]) -> Measured:
    redis.flushall()
    index = ContactIndex(EventLog(redis, "callmonitor:events", DAY))
    with many_contacts(numbers) as limbas:
        reading, building = [], []
        for _ in range(_rounds(numbers)):
            pages = limbas.rows(CUSTOMERS.table, CUSTOMERS.fields)
            reading.append(_seconds(partial(_drain, pages, lambda page: progress(len(page)))))
            contacts = _told(read_contacts(limbas, [CUSTOMERS], HEIDELBERG), progress)
            building.append(_seconds(partial(index.replace, contacts)))
    bytes_each = _memory(redis) / numbers
    received = _received(numbers)
    batched = LOOKUPS / _seconds(lambda: _drain(_chunks(received), lambda some: _resolve(index, some, progress)))
    times = [_seconds(partial(_resolve, index, [one], progress)) for one in received]
    before = _memory(redis)
    _fill_plain(redis, numbers)
    plain_bytes_each = (_memory(redis) - before) / numbers
    asked = [to_e164(number, HEIDELBERG) or "" for number in received]
    hget = LOOKUPS / _seconds(lambda: _drain(asked, lambda number: redis.hget("plain", number)))
    progress(LOOKUPS)
    return Measured(
        numbers=numbers,
        reading=statistics.median(reading),
        building=statistics.median(building),
        bytes_each=bytes_each,
        plain_bytes_each=plain_bytes_each,
        batched=batched,
        single=LOOKUPS / sum(times),
        p50=statistics.median(times),
        p99=statistics.quantiles(times, n=100)[98],
        hget=hget,
        fritz=fritz(numbers),
    )


def _resolve(index: ContactIndex, received: Sequence[str], progress: Progress) -> None:
    numbers = [number for each in received if (number := to_e164(each, HEIDELBERG))]
    index.lookup(numbers)
    progress(len(received))


def _received(numbers: int) -> list[str]:
    """Numbers that call: of five calls three are known, one is a company's extension, one a stranger.

    Spelled in more ways than our caches hold.
    """
    contacts, chance = numbers // NUMBERS_EACH, random.Random(1)  # noqa: S311 - a sample, not a secret
    received = []
    for n in range(LOOKUPS):
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


def _memory(redis: Redis) -> int:
    return sum(redis.memory_usage(key, samples=0) or 0 for key in redis.scan_iter(count=2000))


def _told(contacts: Iterator[Contact], progress: Progress) -> Iterator[Contact]:
    for count, contact in enumerate(contacts, start=1):
        if count % 500 == 0:
            progress(500)
        yield contact


def _chunks(items: Sequence[str]) -> Iterator[list[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, BATCH)):
        yield chunk


def _drain(items: Iterable[T], work: Callable[[T], object]) -> None:
    for item in items:
        work(item)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
