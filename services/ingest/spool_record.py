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
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

CRC_LENGTH: Final = 8


class Kind(StrEnum):
    """What a record is."""

    LINE = "line"
    """A call monitor line."""
    MALFORMED = "malformed"
    """What is no call monitor line."""
    IGNORED = "ignored"
    """An ignored call took a connection: nothing but that connection's id."""
    FREED = "freed"
    """The ignored call on a connection has ended."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that was read from a box."""

    number: int
    """Grows from record to record, in one spool."""
    at: datetime
    """When it was received, UTC."""
    kind: Kind
    content: bytes
    """The line without its end, or the digits of a connection id."""
    reason: str = ""
    """Of a malformed line: why."""

    @property
    def digest(self) -> str:
        """The same for whoever read it."""
        return sha256(self.kind.encode() + b"\0" + self.content).hexdigest()[:12]


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


def published_by_others(latest: Iterable[str], mine: Iterable[Record]) -> int:
    """How many of the first of `mine` another reader of the box has published, given the digests of its `latest` lines.

    Both heard the same lines in the same order, though each may have missed some. So all up to the last common one are
    done. Where the same line came several times, that one is meant before which the most agree.
    """
    theirs = list(latest)
    lines = [(place, record.digest) for place, record in enumerate(mine) if record.kind is Kind.LINE]
    ours = [digest for _, digest in lines]
    places: dict[str, list[int]] = {}
    for place, digest in enumerate(ours):
        places.setdefault(digest, []).append(place)
    while theirs:
        if candidates := places.get(theirs[-1]):
            last = max(candidates, key=lambda place: _agreement(theirs, ours[: place + 1]))
            return lines[last][0] + 1
        theirs.pop()
    return 0


def merged(*spools: Iterable[Record]) -> list[Record]:
    """The records of several readers of one box on one machine as one reader would have them, in order of receipt."""
    seen: set[tuple[str, int]] = set()
    ordered: list[Record] = []
    for records in spools:
        counts: dict[str, int] = {}
        for record in records:
            nth = counts[record.digest] = counts.get(record.digest, 0) + 1
            if (record.digest, nth) not in seen:
                seen.add((record.digest, nth))
                ordered.append(record)
    return sorted(ordered, key=lambda record: record.number)


def _agreement(theirs: list[str], ours: list[str]) -> tuple[bool, int]:
    """Whether nothing speaks against both being at the same place, and how many lines speak for it."""
    longest = min(len(theirs), len(ours))
    agreeing = next((n for n in range(longest) if theirs[-1 - n] != ours[-1 - n]), longest)
    return agreeing == longest, agreeing


def _followed(mark: Mark | None, record: Record) -> Mark | None:
    if mark is None or record.kind not in (Kind.IGNORED, Kind.FREED):
        return mark
    connection = frozenset({int(record.content)})
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
        if kind in (Kind.IGNORED, Kind.FREED):
            int(content)
        at = datetime.fromisoformat(values["at"])
        return Record(int(values["n"]), at, kind, content, str(values.get("why", "")))
    except (ValueError, TypeError, KeyError, StopIteration):  # whole, but of a version that this one does not know
        return None
