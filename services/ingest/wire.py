"""The call monitor's lines as messages. Total: every line gives a message or says why not; nothing raises.

AVM documents none of it. The forms are those of public captures (`tests/corpus`, each with its source):

    date;RING;connection;caller;own number;line;
    date;CALL;connection;extension;own number;dialled;line;
    date;CONNECT;connection;extension;other side;
    date;DISCONNECT;connection;seconds;

The `;` at the end may be missing, fields may follow it, and a field that is empty may be the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

LONGEST_FIELD: Final = 128
"""Characters. E.164 has 15 digits; SIP addresses are the longest that were seen."""


LEFT_OUT: Final = "(left out)"
"""Never said by a box: in place of the other side of a `CONNECT`, where that may not be stored."""


class Ring(NamedTuple):
    """Somebody calls the office."""

    stamp: datetime | None
    """The box's local time, without zone; None when it is none."""
    connection: int
    caller: str
    """Empty: suppressed."""
    own_number: str
    line: str


class Dial(NamedTuple):
    """Somebody in the office calls out (`CALL` on the wire)."""

    stamp: datetime | None
    connection: int
    extension: int
    own_number: str
    dialled: str
    line: str


class Connect(NamedTuple):
    """The call was answered."""

    stamp: datetime | None
    connection: int
    extension: int
    other_side: str
    """Empty: suppressed. `LEFT_OUT`: only the box knows."""


class Disconnect(NamedTuple):
    """The call is over."""

    stamp: datetime | None
    connection: int
    duration: int
    """Seconds. Stands where `CONNECT` has the extension."""


Message = Ring | Dial | Connect | Disconnect


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that is no message."""

    reason: str


def parse(line: bytes) -> Message | Malformed:
    """The message in a complete line without its end."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return Malformed("not UTF-8")
    if not text.isprintable():
        return Malformed("control characters")
    fields = text.split(";")
    read = _READERS.get(fields[1]) if len(fields) > 1 else None
    if read is None:
        return Malformed("not a call monitor event")
    if len(text) > LONGEST_FIELD and max(map(len, fields)) > LONGEST_FIELD:
        return Malformed(f"a field is longer than {LONGEST_FIELD} characters")
    try:
        return read(stamp(fields[0]), fields)
    except IndexError:
        return Malformed("fields are missing")
    except ValueError as error:
        return Malformed(str(error))


def stamp(field: str) -> datetime | None:
    """`dd.mm.yy HH:MM:SS`. A box whose clock was never set writes `01.01.-30 03:10:5`, or worse."""
    try:
        return datetime(  # noqa: DTZ001 - local time without a zone is what the box sends
            2000 + int(field[6:8]),
            int(field[3:5]),
            int(field[0:2]),
            int(field[9:11]),
            int(field[12:14]),
            int(field[15:17]),
        )
    except ValueError:
        return None


def _ring(stamp: datetime | None, fields: list[str]) -> Message:
    return Ring(stamp, _connection(fields[2]), fields[3], fields[4], fields[5])


def _dial(stamp: datetime | None, fields: list[str]) -> Message:
    return Dial(stamp, _connection(fields[2]), _extension(fields[3]), fields[4], fields[5], fields[6])


def _connect(stamp: datetime | None, fields: list[str]) -> Message:
    return Connect(stamp, _connection(fields[2]), _extension(fields[3]), fields[4])


def _disconnect(stamp: datetime | None, fields: list[str]) -> Message:
    return Disconnect(stamp, _connection(fields[2]), _number(fields[3], 7, "the duration"))


_READERS: Final[dict[str, Callable[[datetime | None, list[str]], Message]]] = {
    "RING": _ring,
    "CALL": _dial,
    "CONNECT": _connect,
    "DISCONNECT": _disconnect,
}


def _connection(field: str) -> int:
    return _number(field, 2, "the connection id")


def _extension(field: str) -> int:
    return _number(field, 3, "the extension")


def _number(field: str, most_digits: int, what: str) -> int:
    if field.isascii() and field.isdigit() and len(field) <= most_digits:
        return int(field)
    raise ValueError(f"{what} is not a number of at most {most_digits} digits")
