"""What one browser was told, message by message. Pure: whoever has the connection calls `take`."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from faults.announced import Call
from faults.event import Id, parse_id
from faults.invitation import EVERYTHING, Invitation

BEGINNING: Final[Id] = (0, 0)


@dataclass(slots=True)
class Watched:
    """One browser, over all its connections."""

    name: str
    invitation: Invitation | None = EVERYTHING
    """What its token opens. None: the token is forged, and opens nothing at all."""
    position: Id = BEGINNING
    """Of the newest event that it was told."""
    told: set[Id] = field(default_factory=set)
    again: list[Id] = field(default_factory=list)
    """The events that it was told a second time, or after a later one."""
    pictures: list[tuple[Id, Id]] = field(default_factory=list)
    """The stretches of events, (after, up to], that a picture of all calls stood in for."""
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The newest version of each, by its id."""
    shown: dict[str, Id] = field(default_factory=dict)
    """The calls in pictures, each with the earliest picture's id."""
    hinted: set[str] = field(default_factory=set)
    """The calls of which it was told something without an id, as it has to know it of a call that comes into sight."""
    contacts: dict[str, tuple[Id, dict[str, Any]]] = field(default_factory=dict)
    records: dict[str, tuple[Id, dict[str, Any]]] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)
    """What a browser without an invitation was told."""

    def so_far(self) -> Watched:
        """The same, but what comes from now on is not in it. The documents themselves never change."""
        return replace(self, **{each.name: copy(getattr(self, each.name)) for each in fields(self)})

    def take(self, name: str, event_id: str | None, document: dict[str, Any], raw: str) -> None:
        """A message arrived."""
        if self.invitation is None:
            self.text.append(raw)
        elif name == "snapshot" and event_id:
            self._take_picture(parse_id(event_id), document["calls"])
        elif event_id:
            self._take_event(parse_id(event_id), name, document)
        elif "call_id" in document:
            self.hinted.add(document["call_id"])
            self._take_news(self.position, name, document)

    def pass_over(self, event_id: str) -> None:
        """An id came alone: events up to there are not for this browser."""
        self.position = max(self.position, parse_id(event_id))

    def missed(self, ids: Iterable[Id]) -> list[Id]:
        """The events among these that it was neither told nor shown in a picture."""
        return [each for each in ids if each not in self.told and not any(a < each <= b for a, b in self.pictures)]

    def known(self) -> list[tuple[str, Call]]:
        """Every call that it knows, with its id."""
        return [(call_id, as_read(call)) for call_id, call in self.calls.items()]

    def _take_event(self, at: Id, name: str, document: dict[str, Any]) -> None:
        if at in self.told or at <= self.position:
            self.again.append(at)
        self.told.add(at)
        self.position = max(self.position, at)
        if name.startswith("call.") and "call" in document:
            self._take_call(document["call"])
        else:
            self._take_news(at, name, document)

    def _take_news(self, at: Id, name: str, document: dict[str, Any]) -> None:
        if name == "contact.resolved":
            _later(self.contacts, at, document)
        elif name == "call.recorded":
            _later(self.records, at, document)

    def _take_picture(self, at: Id, calls: list[dict[str, Any]]) -> None:
        """It may be of an earlier moment than what was told before; then what came since is told once more."""
        self.pictures.append((min(self.position, at), at))
        self.position = at
        for view in calls:
            self._take_call(view["call"])
            call_id = view["call"]["id"]
            self.shown[call_id] = min(at, self.shown.get(call_id, at))
            if view.get("contact"):
                _later(self.contacts, at, view["contact"])
            if view.get("record"):
                _later(self.records, at, view["record"])

    def _take_call(self, call: dict[str, Any]) -> None:
        before = self.calls.get(call["id"])
        if before is None or call["seq"] > before["seq"]:
            self.calls[call["id"]] = call


def as_read(call: dict[str, Any]) -> Call:
    """A call's document as people read it."""
    lost = call["outcome"] == "lost" and call["duration"] is None
    return Call(
        direction=call["direction"] or "",
        remote=call["remote"]["e164"] or call["remote"]["received"],
        own_number=call["own_number"],
        phone=call["extension"]["name"] if call["extension"] else "",
        started=_wall(call["started_at"]),
        connected=_wall(call["connected_at"]),
        ended="" if lost else _wall(call["ended_at"]),
        duration=call["duration"],
        status=call["outcome"] or call["state"],
    )


def _later(known: dict[str, tuple[Id, dict[str, Any]]], at: Id, document: dict[str, Any]) -> None:
    call_id = document["call_id"]
    if call_id not in known or at >= known[call_id][0]:
        known[call_id] = (at, document)


def _wall(moment: str | None) -> str:
    """`2026-11-22T18:00:01+01:00`, without the offset: as the box wrote it."""
    return moment[:19].replace("T", " ") if moment else ""
