"""How fast a backlog of calls gets into Limbas, at the speed of a real one, beside one SOAP request per write.

The simulated Limbas takes 25 ms for a request and 2 ms for each action in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import requests
from pydantic import SecretStr
from redis import Redis

from benchmarks.bench import Bench, turns
from benchmarks.results import Aim, Measure, Result
from services.logger.__main__ import BATCH
from services.logger.handler import Handler
from services.logger.ledger import Ledger
from services.logger.reconcile import Reconciler
from services.logger.record import values_of
from shared.consumer import Consumer
from shared.event_log import EventLog
from shared.events import (
    Call,
    CallEvent,
    Candidate,
    ContactResolved,
    Direction,
    Match,
    Outcome,
    RemoteNumber,
    Source,
    State,
)
from shared.limbas.actions import Insert
from shared.limbas.client import Limbas
from shared.limbas.settings import LimbasSettings
from shared.unknown_calls import UnknownCalls
from simulators.limbas.endpoint import Options
from simulators.limbas.server import LimbasSimulator

OURS: Final = "one logger"
ONE_REQUEST: Final = "one SOAP request per call"
ROUNDS: Final = 3
CALLS: Final = 5000
"""That wait for the logger. It puts many into one request, so that it takes some until its speed shows."""
ONE_BY_ONE: Final = 300
"""Calls of the slow way, whose speed does not depend on how many wait."""
DAY: Final = 24 * 3600.0
START: Final = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


def total(quick: bool) -> int:
    """How many calls all rounds take together."""
    return sum(_calls(name, quick) for name in (OURS, ONE_REQUEST)) * _rounds(quick)


def run(bench: Bench) -> Result:
    """Both in turn."""
    ways: dict[str, Callable[[Callable[[int], None], int], float]] = {
        OURS: partial(_ours, bench.redis),
        ONE_REQUEST: _one_by_one,
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for name in turns(tuple(ways), _rounds(bench.quick)):
        rates[name].append(ways[name](bench.advance, _calls(name, bench.quick)))
    waiting = f"{_calls(OURS, bench.quick):,} calls"
    measure = Measure(
        "Calls into Limbas", "calls/s", "higher", "backlog", [waiting], {name: {waiting: rates[name]} for name in ways}
    )
    ratio = measure.ratio(ONE_REQUEST, waiting) or 0.0
    return Result("record", [measure], [Aim("≥ 5 × one SOAP request per call", ratio >= 5, f"{ratio:.1f} ×")])


def _calls(name: str, quick: bool) -> int:
    most = {OURS: CALLS, ONE_REQUEST: ONE_BY_ONE}[name]
    return most // 50 if quick else most


def _rounds(quick: bool) -> int:
    return 1 if quick else ROUNDS


def _ours(redis: Redis, progress: Callable[[int], None], calls: int) -> float:
    redis.flushall()
    log = EventLog(redis, "callmonitor:events", DAY)
    for number in range(calls):
        log.publish_lines("office", [([CallEvent.of(_ringing(number)), CallEvent.of(_ended(number))], b"")])
        log.publish(_contact(number))
    with _limbas() as (simulator, settings):
        ledger = Ledger(log, "bench", DAY, UnknownCalls(log, days=30), answer_seconds=60)
        reconciler = Reconciler(Limbas(settings), settings.calls, settings.contacts, ledger)
        handler = Handler(ledger, reconciler, settings.calls.table)
        consumer = Consumer(log, "logger", "bench", handler, batch=BATCH, heartbeat=ledger.renew)
        stop = threading.Event()
        thread = threading.Thread(target=consumer.run, args=(stop,))
        began, done = time.perf_counter(), 0
        thread.start()
        while done < calls or _pending(log):
            time.sleep(0.05)
            now = _recorded(simulator)
            progress(now - done)
            done = now
        rate = calls / (time.perf_counter() - began)
        stop.set()
        thread.join()
    return rate


def _one_by_one(progress: Callable[[int], None], calls: int) -> float:
    with _limbas() as (_, settings), Limbas(settings) as limbas:
        limbas.schema()
        began = time.perf_counter()
        for number in range(calls):
            values = {
                name: value
                for name, value in values_of(_ended(number), _contact(number), settings.calls).items()
                if value not in (None, "")
            }
            limbas.write([Insert(settings.calls.table, values, {"KUNDE": 1 + number % 20})])
            progress(1)
        return calls / (time.perf_counter() - began)


@contextmanager
def _limbas() -> Iterator[tuple[LimbasSimulator, LimbasSettings]]:
    with LimbasSimulator(options=Options(speed="real")) as simulator:
        yield (
            simulator,
            LimbasSettings(
                limbas_url=simulator.url, limbas_user="callmonitor", limbas_password=SecretStr("callmonitor")
            ),
        )


def _recorded(simulator: LimbasSimulator) -> int:
    counters = requests.get(f"{simulator.url}/_simulator/counters", timeout=5).json()
    return int(counters["actions"].get("gtab_new", 0))


def _pending(log: EventLog) -> bool:
    (group,) = log.redis.xinfo_groups(log.keys.stream)
    return bool(group["pending"] or group["lag"])


def _ringing(number: int) -> Call:
    return Call(
        id=f"office-20261122T170000-{number:012}",
        box="office",
        connection=0,
        seq=1,
        direction=Direction.INBOUND,
        state=State.RINGING,
        remote=RemoteNumber(received=f"0302312{number:04}", e164=f"+49302312{number:04}"),
        own_number="4710100",
        line="SIP0",
        started_at=START,
        received_at=START,
    )


def _ended(number: int) -> Call:
    ended = {"seq": 2, "state": State.ENDED, "outcome": Outcome.MISSED, "ended_at": START + timedelta(seconds=20)}
    return _ringing(number).model_copy(update=ended | {"duration": 0})


def _contact(number: int) -> ContactResolved:
    record = 1 + number % 20
    candidate = Candidate(
        source=Source.LIMBAS, match=Match.EXACT, name=f"Contact {record}", table="KUNDEN", record_id=record
    )
    return ContactResolved(call_id=_ringing(number).id, candidates=(candidate,), sure=True)
