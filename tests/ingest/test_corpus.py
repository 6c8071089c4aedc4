"""The whole corpus: what lines of real boxes must lead to, from bytes to events, and over TCP."""

from __future__ import annotations

import random
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.box_reader import BoxReader, Received
from services.ingest.call_life import CallLife
from services.ingest.framing import Garbage, LineSplitter
from services.ingest.ignoring import Ignored
from services.ingest.intake import Intake
from services.ingest.publisher import Publisher
from services.ingest.spool import Spool
from services.ingest.wire import Malformed, parse
from shared.boxes import Box
from shared.event_log import ORIGIN, EventLog
from shared.events import CallEvent
from tests.corpus import Case, load_cases, numbered
from tests.ingest.running import RETENTION
from tests.waiting import eventually

CASES = load_cases()


def played(case: Case) -> tuple[list[CallEvent], int]:
    """The events that a case leads to, and how many of its lines are malformed."""
    life, events, malformed = CallLife(case.box), list[CallEvent](), 0
    for line, at in zip(case.wire(), case.received_at(), strict=True):
        for whole in LineSplitter().feed(line + b"\r\n"):
            message = Malformed("") if isinstance(whole, Garbage) else parse(whole)
            if isinstance(message, Malformed) or isinstance(whole, Garbage):
                malformed += 1
            else:
                events += life.apply(message, whole, at)
    return events, malformed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_leads_to_its_events(case: Case) -> None:
    events, malformed = played(case)
    assert numbered(events) == numbered(event for _, event in case.expected())
    assert malformed == case.quarantined
    assert len({event.call_id for event in events}) == case.calls


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_playing_a_case_again_gives_the_same_ids(case: Case) -> None:
    assert [event.call_id for event in played(case)[0]] == [event.call_id for event in played(case)[0]]


@given(seed=st.integers(0, 2**32), longest=st.sampled_from([1, 7, 60, 4000]))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_corpus_over_tcp_in_any_chunks_gives_exactly_the_expected_events(
    event_log: EventLog, seed: int, longest: int
) -> None:
    first = over_tcp(event_log, random.Random(seed), longest)
    assert {box: numbered(events) for box, events in first.items()} == {
        box: numbered(events) for box, events in expected_by_box().items()
    }
    second = over_tcp(event_log, random.Random(seed + 1), longest)
    assert first == second, "twice over gives the same ids"


BOXES = [case.box.model_copy(update={"name": f"box-{number}"}) for number, case in enumerate(CASES)]
"""One for each case, because each case begins with no call open."""


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""The publisher's clock: no call of the corpus has been going on for too long."""


def expected_by_box() -> dict[str, list[CallEvent]]:
    expected: dict[str, list[CallEvent]] = defaultdict(list)
    for box, case in zip(BOXES, CASES, strict=True):
        for _, event in case.expected():
            expected[box.name].append(CallEvent.of(event.call.model_copy(update={"box": box.name})))
    return expected


def over_tcp(event_log: EventLog, chance: random.Random, longest: int) -> dict[str, list[CallEvent]]:
    """Play every case through a socket into an empty event log; the events that are in it afterwards."""
    event_log.redis.flushall()
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        for box, case in zip(BOXES, CASES, strict=True):
            spool = Spool(Path(folder) / f"{box.name}.spool", RETENTION)
            listen_to(server, box, case, Intake(box, Ignored(), spool), chunks_of(case, chance, longest))
            Publisher(event_log, box, spool, now=lambda: LONG_AGO).finish()
    by_box: dict[str, list[CallEvent]] = defaultdict(list)
    for logged in event_log.read(ORIGIN, count=10_000, block_seconds=0.01):
        assert isinstance(logged.event, CallEvent)
        by_box[logged.event.call.box].append(logged.event)
    assert event_log.redis.xlen(event_log.keys.quarantine) == sum(case.quarantined for case in CASES)
    return by_box


def listen_to(server: socket.socket, box: Box, case: Case, intake: Intake, chunks: Iterable[bytes]) -> None:
    """Let ingest's reader read a case, its clock showing for each line when that was received."""
    stop, delivered = threading.Event(), list[Received]()
    clock = iter([at for line, at in zip(case.wire(), case.received_at(), strict=True) if line])

    def deliver(received: Received) -> None:
        intake.deliver(received)
        delivered.append(received)

    host, port = server.getsockname()
    reader = BoxReader(box.model_copy(update={"host": host, "port": port}), deliver, now=lambda: next(clock))
    reading = threading.Thread(target=reader.run, args=(stop,))
    reading.start()
    connection, _ = server.accept()
    with connection:
        for chunk in chunks:
            connection.sendall(chunk)
        eventually(lambda: len(delivered) == sum(map(bool, case.wire())))
        stop.set()
    reading.join()


def chunks_of(case: Case, chance: random.Random, longest: int) -> Iterator[bytes]:
    stream = b"".join(line + chance.choice([b"\n", b"\r\n"]) for line in case.wire())
    while stream:
        length = chance.randint(1, longest)
        yield stream[:length]
        stream = stream[length:]
