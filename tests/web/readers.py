"""Readers of the event stream, what each may see, and what it has seen: worked out the slow and obvious way.

Shares no code with what it tests. Which own number a token means is not computed here but written down.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.web.rights import Rights
from shared.boxes import Place
from shared.event_log import LoggedEvent
from shared.events import (
    Call,
    CallEvent,
    CallRecorded,
    Candidate,
    ContactResolved,
    Event,
    Extension,
    ExtensionKind,
    Match,
    Outcome,
    Source,
    State,
)
from tests.shared.making import a_call

PLACES: Final = {"office": Place(area_code="069"), "kanzlei": Place(area_code="030")}


@dataclass(frozen=True)
class Lines:
    """The numbers and phones of an office, and how they are spread over its people."""

    written: Mapping[tuple[str, str], tuple[str, ...]]
    """By box and own number as the box sends it, some ways in which a token may name it."""
    phones: tuple[int, ...]
    share: float
    """How many of the numbers, and of the phones, one person has."""
    everything: float
    """How many people may see every call."""


SMALL: Final = Lines(
    {
        ("office", "90009110"): ("069 90009-110", "+49 69 90009110"),
        ("office", "06990009111"): ("069/90009111", "90009 111"),
        ("kanzlei", "23125300"): ("(030) 23125-300", "0049 30 23125300"),
        ("kanzlei", "+493023125301"): ("030 23125301", "23125-301"),
        ("kanzlei", ""): (),
    },
    phones=(1, 10, 11),
    share=0.25,
    everything=0.3,
)
LARGE: Final = Lines(
    {("office", f"90009{n}"): (f"069 90009-{n}", f"+496990009{n}") for n in range(110, 150)}
    | {("kanzlei", f"23125{n}"): (f"(030) 23125-{n}", f"23125{n}") for n in range(200, 220)},
    phones=(*range(10, 16), *range(20, 30)),
    share=0.02,
    everything=0.03,
)


@dataclass(frozen=True)
class ReaderRights:
    """What one reader may see, said twice: for a token, and for this module."""

    rights: Rights
    mine: bool
    everything: bool
    numbers: frozenset[tuple[str, str]]
    """Box and own number as sent."""
    phones: frozenset[tuple[str, int]]
    """Box and extension code."""

    def may_see(self, call: Call) -> bool:
        """Whether this version of a call is for this reader, looked at alone."""
        return (
            self.everything
            or (call.box, call.own_number) in self.numbers
            or (call.extension is not None and (call.box, call.extension.code) in self.phones)
        )

    def visible(self, log: Iterable[LoggedEvent]) -> Iterator[LoggedEvent]:
        """The events of a log that are for this reader: of a call all from the first on that makes it theirs."""
        theirs: set[str] = set()
        for logged in log:
            if isinstance(logged.event, CallEvent) and self.may_see(logged.event.call):
                theirs.add(logged.event.call_id)
            if self.everything or logged.event.call_id in theirs:
                yield logged


def some_rights(chance: random.Random, lines: Lines = SMALL) -> ReaderRights:
    """A reader: of everything, of some numbers and phones, or of nothing."""
    numbers = frozenset(
        number for number, written in lines.written.items() if written and chance.random() < lines.share
    )
    named = {phone for phone in lines.phones if chance.random() < lines.share}
    at_a_box = {(box, phone) for box in PLACES for phone in lines.phones if chance.random() < lines.share / 2}
    everything, mine = chance.random() < lines.everything, chance.random() < 0.3
    claims = {
        "calls": "all" if everything else "own",
        "own_numbers": [chance.choice(lines.written[number]) for number in sorted(numbers)],
        "extensions": [f"{phone}" for phone in sorted(named)] + [f"{box}/{phone}" for box, phone in sorted(at_a_box)],
    }
    phones = frozenset({(box, phone) for box in PLACES for phone in named} | at_a_box)
    return ReaderRights(Rights.parse(claims), mine, everything and not mine, numbers, phones)


def a_story(call_id: str, chance: random.Random, lines: Lines = SMALL) -> list[Event]:
    """What happens in one call, in order."""
    box, own_number = chance.choice(list(lines.written))
    version: dict[str, Any] = {"box": box, "own_number": own_number}
    story: list[Event] = [CallEvent.of(a_call(call_id, **version))]
    if chance.random() < 0.7:
        story.append(_contact(call_id, "Anna Schmidt"))
    if chance.random() < 0.3:
        story.append(CallRecorded(call_id=call_id, table="ANRUFE", record_id=chance.randrange(1000)))
    for seq in range(2, 2 + chance.choice((0, 1, 1, 2))):  # answered, and perhaps handed over to another phone
        code = chance.choice(lines.phones)
        version["extension"] = Extension(code=code, kind=ExtensionKind.DECT, name=f"DECT {code}")
        story.append(CallEvent.of(a_call(call_id, **version, seq=seq, state=State.CONNECTED)))
        if chance.random() < 0.3:
            story.append(_contact(call_id, "Anne Schmitt"))
    if chance.random() < 0.9:
        outcome = Outcome.ANSWERED if "extension" in version else Outcome.MISSED
        story.append(CallEvent.of(a_call(call_id, **version, seq=9, state=State.ENDED, outcome=outcome)))
    story.append(CallRecorded(call_id=call_id, table="ANRUFE", record_id=chance.randrange(1000)))
    if chance.random() < 0.2:
        story.append(_contact(call_id, "Anna Schmitt-Schmidt").model_copy(update={"late": True}))
    return story


def a_day(calls: int, chance: random.Random, lines: Lines = SMALL, at_once: int = 4) -> Iterator[Event]:
    """Calls as they happen, up to `at_once` side by side."""
    waiting = [a_story(f"office-20261122T180001-{n}", chance, lines) for n in range(calls)][::-1]
    going_on: list[list[Event]] = []
    while waiting or going_on:
        if waiting and len(going_on) < at_once:
            going_on.append(waiting.pop())
        story = chance.choice(going_on)
        yield story.pop(0)
        if not story:
            going_on.remove(story)


@dataclass
class Seen:
    """What one reader has been sent, over all its connections."""

    last_event_id: str | None = None
    position: str | None = None
    """The first snapshot's."""
    events: list[str] = field(default_factory=list)
    """The ids of the events that came with one."""
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the reader knows now: call, contact and record by the call's id."""
    reasons: list[str] = field(default_factory=list)
    """Of the snapshots."""

    def take(self, block: str) -> None:
        """Take in what stands between two empty lines."""
        fields = dict(line.partition(": ")[::2] for line in block.split("\n") if not line.startswith(":"))
        self.last_event_id = fields.get("id", self.last_event_id)
        if "data" not in fields:
            return
        name, data = fields["event"], json.loads(fields["data"])
        if name == "snapshot":
            self.reasons.append(data["reason"])
            self.position = self.position or fields["id"]
            self.calls = {known["call"]["id"]: {**known} for known in data["calls"]}
        elif name != "status":
            if "id" in fields:
                self.events.append(fields["id"])
            self._know(name, data)

    def _know(self, name: str, data: dict[str, Any]) -> None:
        call_id = data["call"]["id"] if "call" in data else data["call_id"]
        known = self.calls.setdefault(call_id, {"call": None, "contact": None, "record": None})
        if "call" in data:
            known["call"] = data["call"]
        else:
            known["contact" if name == "contact.resolved" else "record"] = data


def known_by(reader: ReaderRights, log: Iterable[LoggedEvent]) -> dict[str, dict[str, Any]]:
    """What a reader has to know after a log: of the calls that are theirs the newest version, contact and record."""
    log = list(log)
    theirs = {logged.event.call_id for logged in reader.visible(log)}
    known: dict[str, dict[str, Any]] = {}
    for logged in log:
        if logged.event.call_id in theirs:
            entry = known.setdefault(logged.event.call_id, {"call": None, "contact": None, "record": None})
            event = logged.event
            if isinstance(event, CallEvent):
                entry["call"] = event.call.model_dump(mode="json")
            else:
                kind = "contact" if isinstance(event, ContactResolved) else "record"
                entry[kind] = event.model_dump(mode="json")
    return known


def _contact(call_id: str, name: str) -> ContactResolved:
    candidate = Candidate(source=Source.LIMBAS, match=Match.EXACT, name=name, table="KUNDEN", record_id=7)
    return ContactResolved(call_id=call_id, candidates=(candidate,), sure=True)
