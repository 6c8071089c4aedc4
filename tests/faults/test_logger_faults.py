"""2,000 calls while Limbas goes through every fault and two loggers are killed ten times each: 2,000 right records.

The seed decides what happens in which order; `FAULT_SEED=7 scripts/test` runs another one.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.event_log import EventLog
from shared.events import (
    CallEvent,
    Candidate,
    ContactResolved,
    Direction,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    Source,
    State,
)
from simulators.limbas.faults import FaultKind
from tests.logger.office import Office, it_is
from tests.shared.making import START, an_event
from tests.valkey import Valkey
from tests.waiting import eventually

CALLS = 2000
KILLS = 10
CONTACTS = 25
SEED = int(os.environ.get("FAULT_SEED", "1"))
LOGGERS = ("one", "two")

Story = list[CallEvent | ContactResolved]

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def story(call_id: str, chance: random.Random) -> Story:
    """What happens to one call, in order."""
    inbound = chance.random() < 0.7
    phone = Extension(code=10, kind=ExtensionKind.DECT, name="DECT 1")
    opening = {
        "direction": Direction.INBOUND if inbound else Direction.OUTBOUND,
        "state": State.RINGING if inbound else State.DIALING,
        "extension": None if inbound else phone,
        "own_number": f"69000{chance.randrange(100):02}",
    }
    events: Story = [an_event(call_id, **opening)]
    answered_at, duration = START + timedelta(minutes=chance.randrange(1, 50)), chance.randrange(1, 999)
    connected = {"extension": phone, "connected_at": answered_at}
    if answered := chance.random() < 0.6:
        events.append(an_event(call_id, **opening | connected | {"seq": 2, "state": State.CONNECTED}))
    outcome = Outcome.ANSWERED if answered else Outcome.MISSED if inbound else Outcome.NOT_REACHED
    ending = {
        "seq": len(events) + 1,
        "state": State.ENDED,
        "outcome": outcome,
        "ended_at": answered_at + timedelta(seconds=duration),
        "duration": duration if answered else 0,
    }
    events.append(an_event(call_id, **opening | (connected if answered else {}) | ending))
    for _ in range(chance.choice([0, 1, 1, 1, 2])):
        events.insert(chance.randrange(1, len(events) + 1), an_answer(call_id, chance))
    return events


def an_answer(call_id: str, chance: random.Random) -> ContactResolved:
    """The matcher is sure, or it is not."""
    if chance.random() < 0.8:
        number = chance.randrange(1, CONTACTS + 1)
        return it_is(call_id, number, f"Contact {number}")
    both = [Candidate(source=Source.LIMBAS, match=Match.EXACT, name=n, table="KUNDEN", record_id=1) for n in "AB"]
    return ContactResolved(call_id=call_id, candidates=tuple(both))


def as_told(stories: list[Story]) -> dict[str, dict[str, Any]]:
    """What Limbas must hold in the end, by the last word on each call."""
    expected = {}
    for events in stories:
        call = [event.call for event in events if isinstance(event, CallEvent)][-1]
        answers = [event for event in events if isinstance(event, ContactResolved)]
        people = answers[-1].candidates if answers else ()
        assert call.ended_at
        expected[call.id] = {
            "RICHTUNG": call.direction,
            "RUFNUMMER": call.remote.e164,
            "BEGINN": in_berlin(call.started_at),
            "EIGENE_NUMMER": call.own_number,
            "NEBENSTELLE": call.extension.name if call.extension else "",
            "VERBUNDEN": in_berlin(call.connected_at) if call.connected_at else "",
            "ENDE": in_berlin(call.ended_at),
            "DAUER": call.duration,
            "STATUS": call.outcome,
            "KONTAKT_NAME": " / ".join(person.name for person in people),
            "KUNDE": [people[0].record_id] if len(people) == 1 else [],
        }
    return expected


def in_berlin(moment: Any) -> str:
    return str((moment + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"))


def as_held(office: Office, names: list[str]) -> dict[str, dict[str, Any]]:
    return {
        call_id: {name: record[name] if record[name] is not None else "" for name in names}
        for call_id, record in office.records().items()
    }


def test_every_call_has_its_one_right_record_in_the_end(office: Office, valkey: Valkey, tmp_path: Path) -> None:
    office.control("PATCH", "schema/ANRUFE/CALLID", {"unique": True})  # as docs/limbas.md says
    chance = random.Random(SEED)
    stories = [story(f"call-{number:04}", chance) for number in range(CALLS)]
    with faults(office, random.Random(SEED + 1)):
        killed = [Killed(office, valkey, tmp_path / name, random.Random(SEED + n)) for n, name in enumerate(LOGGERS)]
        tell(office.log, stories, random.Random(SEED + 2), seconds=25)
        for logger in killed:
            logger.killing.join()
    try:
        eventually(office.settled, within=180)
    finally:
        for logger in killed:
            logger.stop()
    expected = as_told(stories)
    assert len(expected) == CALLS
    assert as_held(office, list(next(iter(expected.values())))) == expected
    assert office.log.redis.xlen(office.log.keys.dead) == 0
    assert [logger.kills for logger in killed] == [KILLS, KILLS]


def tell(log: EventLog, stories: list[Story], chance: random.Random, seconds: float) -> None:
    """Let everything happen, forty calls at a time; now and then an event comes twice."""
    waiting, going = list(stories), list[Story]()
    began, told, all_told = time.monotonic(), 0, sum(map(len, stories))
    while waiting or going:
        while waiting and len(going) < 40:
            going.append(list(waiting.pop(0)))
        events = chance.choice(going)
        event = events.pop(0)
        for _ in range(2 if chance.random() < 0.05 else 1):
            log.redis.xadd(log.keys.stream, {"event": event.model_dump_json()})
        if not events:
            going.remove(events)
        told += 1
        time.sleep(max(0.0, began + seconds * told / all_told - time.monotonic()))


@contextmanager
def faults(office: Office, chance: random.Random) -> Iterator[None]:
    """Switch Limbas through every fault, over and over, until the block ends."""
    over = threading.Event()

    def switch() -> None:
        while not over.is_set():
            for kind in chance.sample(list(FaultKind), len(FaultKind)):
                office.control(
                    "PUT",
                    f"faults/{kind}",
                    {"seconds": chance.choice([1.5, 4.0]), "probability": chance.choice([0.3, 1.0])},
                )
                over.wait(chance.uniform(0.1, 0.8))
                office.control("DELETE", "faults")
                over.wait(chance.uniform(0.1, 0.8))

    switching = threading.Thread(target=switch)
    switching.start()
    try:
        yield
    finally:
        over.set()
        switching.join()


class Killed:
    """A logger, a process of its own, that is killed and started again."""

    def __init__(self, office: Office, valkey: Valkey, log: Path, chance: random.Random) -> None:
        self.kills = 0
        self._environment = os.environ | {
            "REDIS_URL": valkey.url,
            "LIMBAS_URL": office.limbas.url,
            "LIMBAS_USER": "callmonitor",
            "LIMBAS_PASSWORD": "callmonitor",
            "LIMBAS_TIMEOUT": "3",
        }
        self._log = log.open("ab")
        self._process = self._start()
        self.killing = threading.Thread(target=self._kill_and_start_again, args=(chance,))
        self.killing.start()

    def stop(self) -> None:
        self.killing.join()
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(5) == 0, "must stop within 5 s"
        self._log.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.faults.hurried_logger"]
        return subprocess.Popen(command, env=self._environment, stderr=self._log)

    def _kill_and_start_again(self, chance: random.Random) -> None:
        for _ in range(KILLS):
            time.sleep(chance.uniform(1.0, 4.0))
            self._process.kill()
            self._process.wait()
            self.kills += 1
            self._process = self._start()
