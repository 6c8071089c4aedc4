r"""The spool's file format. Pure: what goes in and out is bytes.

One record is one line: the CRC-32 of the rest as eight hex digits, a space, a JSON object, `\n`. So people can read it,
and a damaged record does not hide those after it: whatever happens to some bytes, only the records they belong to are
lost. What has no line end is torn: the process, or the machine, ended within the write.

A record is a whole line of a box with the time of its receipt. That is the earliest form that nothing is missing from:
chunks would need the connection they came over, since half a line must not survive it; and of events, which come
after it, those of the next lines depend on the calls that are open, and those are in Redis, which is away.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import merge
from typing import Any, Final

from services.ingest.wire import LEFT_OUT, stamp

CRC_LENGTH: Final = 8
NO_CONNECTION: Final = -1


class Kind(StrEnum):
    """What a record is."""

    LINE = "line"
    """A call monitor line."""
    MALFORMED = "malformed"
    """What is no call monitor line."""
    IGNORED = "ignored"
    """A line of an ignored call, of which nothing is kept but its time, the event, and the connection."""
    FREED = "freed"
    """The ignored call on a connection, of which nothing but the id is here, has ended. Earlier versions wrote it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that was read from a box."""

    number: int
    """Grows from record to record, in one spool."""
    at: datetime
    """When it was received, UTC."""
    kind: Kind
    content: bytes
    """The line without its end, or what is kept of an ignored one."""
    reason: str = ""
    """Of a malformed line: why."""
    nth: int = 0
    """How many of the same identity its reader has heard before."""

    @property
    def identity(self) -> str:
        """The same for all readers of the box, with nothing of a number in it: its time, the event, the connection.

        A connection hardly does the same thing twice in a second. Where it does, they are counted. Empty: it has none.
        """
        if self.connection == NO_CONNECTION or not self._head:
            return ""
        return f"{self._head.decode(errors='replace')}{f'#{self.nth}' if self.nth else ''}"

    @property
    def connection(self) -> int:
        """The box's id of the connection."""
        if self.kind is Kind.MALFORMED:
            return NO_CONNECTION
        field = self._head.rpartition(b";")[2] or self.content
        return int(field) if field.isdigit() else NO_CONNECTION

    @property
    def said_at(self) -> datetime:
        """The box's local time, the earliest one there is where it has none."""
        return stamp(self.content.decode(errors="replace").partition(";")[0]) or datetime.min  # noqa: DTZ901 - as the box's is

    @property
    def _head(self) -> bytes:
        fields = self.content.split(b";")
        return b";".join(fields[:3]) if len(fields) >= 3 else b""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is true at a place in the file."""

    spool: str
    """The spool's own id."""
    published: int
    """The number up to which everything is in the event log."""
    ignored: frozenset[int] = frozenset()
    """The connections of the ignored calls that are going on."""


@dataclass(slots=True)
class Content:
    """What a file holds."""

    records: list[Record] = field(default_factory=list)
    mark: Mark | None = None
    """The latest one, its `ignored` brought up to date."""
    damaged: int = 0
    """Lines that are no records any more. They were written whole, and changed later."""
    torn: bool = False
    """Whether the last write did not come to its end."""


def encode(item: Record | Mark) -> bytes:
    """As a line of the file."""
    if isinstance(item, Mark):
        values: dict[str, Any] = {"spool": item.spool, "published": item.published, "ignored": sorted(item.ignored)}
    else:
        # Latin-1 gives every byte a character, and back.
        values = {"n": item.number, "at": item.at.isoformat(), item.kind.value: item.content.decode("latin-1")}
        if item.reason:
            values["why"] = item.reason
        if item.nth:
            values["nth"] = item.nth
    document = json.dumps(values, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(document), document)


def decode(data: bytes) -> Content:
    """What is whole in a file, in order. Never fails."""
    content = Content()
    *lines, rest = data.split(b"\n")
    content.torn = bool(rest)
    for line in lines:
        item = _item(line)
        if item is None:
            content.damaged += 1
        elif isinstance(item, Mark):
            content.mark = item
        elif not content.records or item.number > content.records[-1].number:
            content.records.append(item)
            content.mark = _followed(content.mark, item)
    return content


def merged(one: Sequence[Record], other: Sequence[Record]) -> list[Record]:
    """The records of two readers of one box as one reader would have them.

    Both heard what they heard in the same order. What only one of them heard between two lines that both heard is put
    into order by the box's time, since one may have been frozen, and within a second by that of receipt.
    """
    places = {record.identity: place for place, record in reversed(list(enumerate(other))) if record.identity}
    ordered, gap, done = list[Record](), list[Record](), 0
    for record in one:
        place = places.get(record.identity)
        if place is None:
            gap.append(record)
        elif place >= done:  # else one of them heard things in another order, which no box does
            same = min(record, other[place], key=lambda each: each.number)
            ordered += [*merge(gap, other[done:place], key=_order), same]
            gap, done = [], place + 1
    return [*ordered, *merge(gap, other[done:], key=_order)]


def _order(record: Record) -> tuple[datetime, int]:
    return record.said_at, record.number


def _followed(mark: Mark | None, record: Record) -> Mark | None:
    if mark is None or record.connection == NO_CONNECTION:
        return mark
    if LEFT_OUT.encode() in record.content.split(b";"):  # nobody but the log knows whether it is the ignored call's
        return mark
    connection = frozenset({record.connection})
    ignored = mark.ignored | connection if record.kind is Kind.IGNORED else mark.ignored - connection
    return Mark(mark.spool, mark.published, ignored)


def _item(line: bytes) -> Record | Mark | None:
    start, document = line[: CRC_LENGTH + 1], line[CRC_LENGTH + 1 :]
    if start != b"%08x " % zlib.crc32(document):
        return None
    try:
        values = json.loads(document)
        if "spool" in values:
            return Mark(str(values["spool"]), int(values["published"]), frozenset(map(int, values["ignored"])))
        kind = next(kind for kind in Kind if kind.value in values)
        content = str(values[kind.value]).encode("latin-1")
        at = datetime.fromisoformat(values["at"])
        record = Record(int(values["n"]), at, kind, content, str(values.get("why", "")), int(values.get("nth", 0)))
    except (ValueError, TypeError, KeyError, StopIteration):  # whole, but of a version that this one does not know
        return None
    return None if kind in (Kind.IGNORED, Kind.FREED) and record.connection == NO_CONNECTION else record
