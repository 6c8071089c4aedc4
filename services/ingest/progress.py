"""How far the event log is with the lines of a box, and what of a spool is not in it yet. Pure.

Several readers of one box hear the same lines, each perhaps not all of them. A line's identity is the same for all of
them (`Record.identity`), and the log has those of the latest lines, each with the spool and the number it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.ingest.spool_record import NO_CONNECTION, Content, Record
from shared.event_log import LATEST_LINES

SLACK: Final = 60_000_000
"""Microseconds. So much may two machines' clocks differ, and two readers be apart."""


@dataclass(frozen=True)
class Published:
    """A line that is in the log."""

    spool: str
    """From which it came,"""
    number: int
    """and which one of it."""
    identity: str

    @classmethod
    def read(cls, entry: str) -> Self:
        """As the log keeps it: `spool:number identity`."""
        position, _, identity = entry.partition(" ")
        return cls(*_parts(position), identity)


@dataclass(frozen=True)
class Progress:
    """What the log said at one moment."""

    owner: str = ""
    """The spool from which the last record came that is in the log. Empty: none ever was."""
    number: int = 0
    """Of that record."""
    latest: tuple[Published, ...] = ()
    """The last lines that are in the log, oldest first, `LATEST_LINES` at most."""

    @classmethod
    def read(cls, position: str, latest: Iterable[str]) -> Self:
        """As the log keeps it."""
        return cls(*_parts(position), tuple(map(Published.read, latest)))

    def done(self, spool: str) -> int:
        """All up to this number of a spool is in the log, as far as that says so."""
        if spool == self.owner:
            return self.number
        return max((line.number for line in self.latest if line.spool == spool), default=0)

    @property
    def stale(self) -> int:
        """What is up to this number in a spool that nobody writes any more is in the log, or far too late for it."""
        return self.number - SLACK

    def elsewhere(self, spool: str) -> set[str]:
        """The identities of the lines that came from other spools."""
        return {line.identity for line in self.latest if line.identity and line.spool != spool}

    def missing(self, spool: str, records: Iterable[Record]) -> list[Record]:
        """What of a spool is to be published.

        Not what came from another one, and not what is too late: an older line must not follow a newer one of its
        connection. What is no line, and came before one that others have published, they have heard, too.
        """
        return self._missing(spool, records, self.elsewhere(spool))

    def missing_of(self, content: Content) -> list[Record]:
        """What of another process' file is to be published. It says itself how far that is, a second late.

        What it has taken in has other numbers in the log than in its file, if its disk is full. So no line of its own
        that is in the log is missing either, whatever number it has.
        """
        spool, known = (content.mark.spool, content.mark.published) if content.mark else ("", 0)
        known = 0 if spool == self.owner else max(known, self.stale)
        records = [record for record in content.records if record.number > known]
        return self._missing(spool, records, {line.identity for line in self.latest if line.identity})

    def _missing(self, spool: str, records: Iterable[Record], known: set[str]) -> list[Record]:
        done = self.done(spool)
        waiting = [record for record in records if record.number > done]
        missing, over = list[Record](), set[int]()
        for record in reversed(_within(waiting, known) if self._may_reach_back(spool) else waiting):
            if record.identity in known:
                over |= {record.connection, NO_CONNECTION}
            elif record.connection not in over:
                missing.append(record)
        return missing[::-1]

    def _may_reach_back(self, spool: str) -> bool:
        """Whether more of a spool may be in the log than the latest lines tell."""
        return len(self.latest) >= LATEST_LINES and all(line.spool != spool for line in self.latest)


def _parts(position: str) -> tuple[str, int]:
    """Whose spool, and which number of it."""
    owner, _, number = position.rpartition(":")
    return owner, int(number) if number.isdecimal() else 0


def _within(records: Sequence[Record], known: set[str]) -> Sequence[Record]:
    """From the first known one on."""
    first = next((place for place, record in enumerate(records) if record.identity in known), 0)
    return records[first:]
