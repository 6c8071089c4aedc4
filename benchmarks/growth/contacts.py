"""What it takes to find a caller, and to keep a contact, with up to a million of them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.bench import Bench
from benchmarks.many_contacts import KEPT, NUMBERS_EACH, SWITCHBOARD_EVERY, written
from benchmarks.matching import BATCH, memory_of_all, numbers_that_call, resolve
from benchmarks.results import Measure, Point
from shared.contacts.index import ContactIndex
from shared.contacts.main_numbers import Extension
from shared.contacts.reading import Contact
from shared.event_log import EventLog
from shared.events import Candidate, Match, Source

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
"""Contacts, with two numbers each."""
ROUNDS: Final = 9
LOOKUPS: Final = 1_000
"""In a round."""
DAY: Final = 24 * 3600.0


def total(quick: bool) -> int:
    """Rounds."""
    return len(_sizes(quick)) * _rounds(quick)


def run(bench: Bench) -> Sequence[Measure]:
    """Make an index of each size, and look callers up in it."""
    seconds: dict[str, dict[Point, list[float]]] = defaultdict(lambda: defaultdict(list))
    memory: dict[Point, list[float]] = {}
    index = ContactIndex(EventLog(bench.redis, "callmonitor:events", DAY))
    for size in _sizes(bench.quick):
        bench.redis.flushall()
        began = time.perf_counter()
        index.replace(_contacts(size))
        seconds["write it into the index"][size].append((time.perf_counter() - began) / size * 1e6)
        memory[size] = [memory_of_all(bench.redis) / size]
        received = numbers_that_call(size * NUMBERS_EACH, _rounds(bench.quick) * LOOKUPS)
        for start in range(0, len(received), LOOKUPS):
            for name, at_once in ((f"find a caller, {BATCH} at a time", BATCH), ("find a caller, one at a time", 1)):
                began = time.perf_counter()
                for n in range(start, start + LOOKUPS, at_once):
                    resolve(index, received[n : n + at_once])
                seconds[name][size].append((time.perf_counter() - began) / LOOKUPS * 1e6)
            bench.advance(1)
    sizes = _sizes(bench.quick)
    return (
        Measure("Time for a contact", "µs", "lower", "contacts", sizes, seconds, growth=True),
        Measure("Memory of a contact", "bytes", "lower", "contacts", sizes, {"in the index": memory}, growth=True),
    )


def _sizes(quick: bool) -> Sequence[int]:
    return (100, 200) if quick else SIZES


def _rounds(quick: bool) -> int:
    return 1 if quick else ROUNDS


def _contacts(count: int) -> Iterator[Contact]:
    """As they are read from `many_contacts`, without Limbas: what reading takes is not asked here."""
    for n in range(count):
        landline, mobile = (f"+49{''.join(filter(str.isdigit, each))[1:]}" for each in written(n))
        company = f"Musterfirma {n} GmbH" if n % 3 == 0 or n % KEPT % SWITCHBOARD_EVERY == 0 else ""
        name = f"Vorname{n % 89} Nachname{n % 997}"
        yield Contact(
            Candidate(
                source=Source.LIMBAS, match=Match.EXACT, name=name, company=company, table="KUNDEN", record_id=n + 1
            ),
            (landline, mobile),
            (Extension(landline[:-1], "0"),) if n % KEPT % SWITCHBOARD_EVERY == 0 else (),
            company,
        )
