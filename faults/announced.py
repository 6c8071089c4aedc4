"""What the box's own lines mean, read by somebody who knows nothing of ingest. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from faults.callers import CALLERS, IGNORED

PHONES: Final = {10: "DECT 1", 11: "DECT 2", 20: "IP phone 1", 40: "Answering machine 1"}
"""The phones of the run, as they are called where nobody gave them a name."""
_MACHINE: Final = 40
Connection = tuple[str, str]
"""A box, and its number for one of the calls in progress."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that the box sent."""

    line: str
    listeners: int
    """How many connections it went out on. What went to nobody was not announced."""
    box: str = ""
    """Which one. Each counts its connections for itself."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as people read it. Times are the box's own, `2026-11-22 18:00:01`; empty: there is none."""

    direction: str = ""
    remote: str = ""
    """E.164; empty: suppressed, or never heard."""
    own_number: str = ""
    """Each call of a run has another one, so it tells which call this is; empty: nobody heard the call open."""
    phone: str = ""
    started: str = ""
    connected: str = ""
    ended: str = ""
    duration: int | None = None
    status: str = ""
    phones: frozenset[int] = field(default=frozenset(), compare=False)
    """The codes of all that took part, as far as the box's lines say."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Which call this is. Of one that nobody heard open, all that is known says so."""
        return (self.own_number,) if self.own_number else (self.remote, self.connected, self.ended, self.duration)


def announced(said: Iterable[Said]) -> list[Call]:
    """The calls of which at least one line had a listener, each as its lines leave it."""
    open_calls, done, ignored = dict[Connection, Call](), list[Call](), set[Connection]()
    for each in (each for each in said if each.listeners):
        stamp, kind, number, *fields = each.line.split(";")
        connection, time = (each.box, number), _time(stamp)
        if (kind in ("RING", "CALL") or IGNORED in fields) and connection in open_calls:  # it is another call's now
            done.append(_lost(open_calls.pop(connection)))
        if _is_ignored(kind, connection, fields, ignored):
            continue
        match kind:
            case "RING":
                open_calls[connection] = Call("inbound", e164(fields[0]), fields[1], started=time, status="ringing")
            case "CALL":
                code, own_number, remote = int(fields[0]), fields[1], e164(fields[2])
                open_calls[connection] = Call(
                    "outbound", remote, own_number, PHONES[code], time, status="dialing", phones=frozenset({code})
                )
            case "CONNECT":
                call, code = open_calls.get(connection, Call(remote=e164(fields[1]), connected=time)), int(fields[0])
                open_calls[connection] = replace(
                    call,
                    phone=PHONES[code],
                    connected=call.connected or time,
                    status="connected",
                    phones=call.phones | {code},
                )
            case "DISCONNECT":
                call = open_calls.pop(connection, Call())
                seconds = int(fields[0])
                status = _outcome(call, seconds)
                done.append(replace(call, ended=time, duration=seconds, status=status))
            case _:
                raise ValueError(f"the simulated box does not say {kind}")
    return [*done, *open_calls.values()]


def e164(number: str) -> str:
    """A number as it is dialled from Germany, with its area code."""
    if not number:
        return ""
    return f"+{number[2:]}" if number.startswith("00") else f"+49{number[1:]}"


def customer(call: Call) -> int | None:
    """The record in Limbas of which it is sure that it is the other side's."""
    return next((caller.record for caller in CALLERS if e164(caller.number) == call.remote and call.remote), None)


def _is_ignored(kind: str, connection: Connection, fields: list[str], ignored: set[Connection]) -> bool:
    """Keeps `ignored`, the connections of such calls, up to date."""
    if kind in ("RING", "CALL"):
        ignored.discard(connection)
    if IGNORED in fields:
        ignored.add(connection)
    found = connection in ignored
    if kind == "DISCONNECT":
        ignored.discard(connection)
    return found


def _lost(call: Call) -> Call:
    """The box uses its connection for another one: its end was not heard, and nobody can say when it was."""
    return replace(call, ended="", duration=None, status="lost")


def _outcome(call: Call, seconds: int) -> str:
    if call.connected:
        machine = call.phone == PHONES[_MACHINE] and call.direction != "outbound"
        return "voicemail" if machine else "answered"
    unanswered = {"inbound": "missed", "outbound": "not reached"}
    return unanswered.get(call.direction) or ("answered" if seconds else "lost")


def _time(stamp: str) -> str:
    """`22.11.26 18:00:01` as `2026-11-22 18:00:01`."""
    date, time = stamp.split(" ")
    day, month, year = date.split(".")
    return f"20{year}-{month}-{day} {time}"
