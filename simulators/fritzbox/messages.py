"""What the call monitor says, as the lines of public captures have it (`tests/corpus` names them)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody calls the office."""

    connection: int
    caller: str
    """Empty: suppressed."""
    own_number: str
    line: str

    def at(self, local: datetime) -> str:
        """The line, without its end, stamped with the box's local time."""
        return f"{_stamp(local)};RING;{self.connection};{self.caller};{self.own_number};{self.line};"


@dataclass(frozen=True, slots=True)
class Dial:
    """Somebody in the office calls out."""

    connection: int
    extension: int
    own_number: str
    dialled: str
    line: str

    def at(self, local: datetime) -> str:
        """As `Ring.at`."""
        stamp = _stamp(local)
        return f"{stamp};CALL;{self.connection};{self.extension};{self.own_number};{self.dialled};{self.line};"


@dataclass(frozen=True, slots=True)
class Connect:
    """The call was answered."""

    connection: int
    extension: int
    remote: str

    def at(self, local: datetime) -> str:
        """As `Ring.at`."""
        return f"{_stamp(local)};CONNECT;{self.connection};{self.extension};{self.remote};"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The call is over."""

    connection: int
    seconds: int

    def at(self, local: datetime) -> str:
        """As `Ring.at`."""
        return f"{_stamp(local)};DISCONNECT;{self.connection};{self.seconds};"


Message = Ring | Dial | Connect | Disconnect


def _stamp(local: datetime) -> str:
    return local.strftime("%d.%m.%y %H:%M:%S")
