"""The FRITZ!Boxes' own phonebooks as a source of names: read by TR-064, kept by number in Redis.

    {callmonitor:events}:phonebook         hash: E.164 number -> names, what matcher looks up
    {callmonitor:events}:phonebook:<box>   hash of the same form, what was last read of one box

A value is the names of all contacts with that number, mostly one, separated by ASCII's record separator (0x1e), which
XML does not allow in a name. Both hashes are built aside and renamed, so that a reader sees an old or a new one, and
never a half. `<box>` is there so that a box that is away keeps its names.

`fritzconnection` asks for the books; their contents are read here. Its own reader (1.15, `get_all_numbers`) keeps one
contact of those with the same name, and can be broken by what stands in a book.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from xml.parsers import expat

from shared.boxes import Box, Place
from shared.contacts.packing import RECORD
from shared.event_log import EventLog
from shared.numbers import to_e164
from shared.tr064 import SECONDS, BadAnswer, Tr064

SERVICE: Final = "X_AVM-DE_OnTel1"
LONGEST_NAME: Final = 200
"""Characters. The rest of a name is left out."""
LONGEST_NUMBER: Final = 64
"""Characters. What is longer is no number."""
MOST_NAMES: Final = 20
"""With one number. A box's own limit for a phonebook is 300 contacts, an online phonebook's is a few thousand."""
CHUNK: Final = 1000
"""Numbers that are written in one round trip."""
KEPT_SECONDS: Final = 30 * 24 * 3600
"""How long the names of a box are kept that is away, or is ours no more."""
UNFINISHED_SECONDS: Final = 600
"""A hash whose builder died is forgotten after this time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact in a phonebook."""

    name: str
    numbers: tuple[str, ...]
    """As they were typed."""


def read_phonebooks(box: Box, *, seconds: float = SECONDS) -> list[Entry]:
    """Every contact of every phonebook of a box, also contacts of one name. `seconds` is for each answer.

    Raises `shared.tr064.Tr064Error`.
    """
    with Tr064(box, seconds=seconds) as tr064:
        return [entry for address in _addresses(tr064) for entry in parse(tr064.download(address), box.host)]


def check(box: Box, *, seconds: float = SECONDS) -> None:
    """Ask a box for its phonebooks, without reading them.

    Raises `shared.tr064.Tr064Error` with the reason if it does not give them to us.
    """
    with Tr064(box, seconds=seconds) as tr064:
        _addresses(tr064)


def parse(document: bytes, host: str) -> list[Entry]:
    """The contacts in a phonebook as the box exports it; those without a name or a number are left out.

    Raises `BadAnswer`, which names `host`, if it is none.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, _NoPhonebook, LookupError, ValueError):  # the last two: an encoding nobody knows
        raise BadAnswer(f"What the FRITZ!Box at {host} sends is no phonebook.") from None
    return reader.entries


def names_by_number(entries: Iterable[Entry], place: Place) -> dict[str, tuple[str, ...]]:
    """Whose each E.164 number is. Internal numbers, service numbers and patterns (`0123*`) are nobody's."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for written in entry.numbers:
            # What stands in a phonebook is what the box dials: a carrier prefix may be ahead.
            if number := to_e164(written, place, outbound=True):
                found.setdefault(number, {})[entry.name] = None
    return {number: tuple(names)[:MOST_NAMES] for number, names in found.items()}


class Phonebook:
    """The names by number that one event log's Redis holds."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self.key = event_log.keys.beside("phonebook")
        """Of the hash that matcher looks in."""

    def replace(self, box: str, names: Mapping[str, Sequence[str]]) -> None:
        """Put what was just read of a box in the place of what was read of it before."""
        self._swap(self._of(box), {number: RECORD.join(each) for number, each in names.items()})
        self._redis.expire(self._of(box), KEPT_SECONDS)

    def merge(self, boxes: Iterable[str]) -> int:
        """Make what matcher looks in of what was read of these boxes, and of no others. Returns how many numbers."""
        merged: dict[str, dict[str, None]] = {}
        for box in boxes:
            for number, packed in cast("dict[bytes, bytes]", self._redis.hgetall(self._of(box))).items():
                merged.setdefault(number.decode(), {}).update(dict.fromkeys(packed.decode().split(RECORD)))
        self._swap(self.key, {number: RECORD.join(names) for number, names in merged.items()})
        return len(merged)

    def lookup(self, numbers: Sequence[str]) -> list[tuple[str, ...]]:
        """The names of those with each E.164 number."""
        if not numbers:
            return []
        found = cast("list[bytes | None]", self._redis.hmget(self.key, list(numbers)))
        return [tuple(packed.decode().split(RECORD)) if packed else () for packed in found]

    def _of(self, box: str) -> str:
        return f"{self.key}:{box}"

    def _swap(self, key: str, rows: Mapping[str, str]) -> None:
        if not rows:
            self._redis.delete(key)
            return
        aside, pairs = f"{key}~{uuid.uuid4().hex[:12]}", list(rows.items())
        for start in range(0, len(pairs), CHUNK):
            pipe = self._redis.pipeline()
            pipe.hset(aside, mapping=cast("Any", dict(pairs[start : start + CHUNK])))
            pipe.expire(aside, UNFINISHED_SECONDS)
            pipe.execute()
        pipe = self._redis.pipeline()
        pipe.persist(aside)
        pipe.rename(aside, key)
        pipe.execute()


def _addresses(tr064: Tr064) -> list[str]:
    """Where each phonebook is to be had. A session of the box is in it: not for logs."""
    listed = tr064.call(SERVICE, "GetPhonebookList").get("NewPhonebookList", "")
    numbers = [number.strip() for number in listed.split(",") if number.strip().isdecimal()]
    books = [tr064.call(SERVICE, "GetPhonebook", NewPhonebookID=number) for number in numbers]
    return [book["NewPhonebookURL"] for book in books if book.get("NewPhonebookURL")]


class _NoPhonebook(Exception):
    """Well-formed, perhaps, but nothing that a box sends."""


class _Reader:
    """expat's handlers.

    The form is `<phonebooks><phonebook><contact>`, in it `<person><realName>` and `<telephony><number>`, the latter as
    often as the contact has numbers.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._name = ""
        self._numbers: list[str] = []

    def doctype(self, *_: object) -> None:
        # Boxes send none, and with it come entities that blow up to gigabytes.
        raise _NoPhonebook

    def start(self, element: str, _: dict[str, str]) -> None:
        if not self._path and element != "phonebooks":
            raise _NoPhonebook
        self._path.append(element)
        self._text.clear()
        if element == "contact":
            self._name, self._numbers = "", []

    def end(self, element: str) -> None:
        match self._path[-2:]:
            case ["person", "realName"]:
                self._name = " ".join("".join(self._text).split())[:LONGEST_NAME]
            case ["telephony", "number"]:
                number = "".join(self._text).strip()
                if number and len(number) <= LONGEST_NUMBER:
                    self._numbers.append(number)
        if element == "contact" and self._name and self._numbers:
            self.entries.append(Entry(self._name, tuple(self._numbers)))
        self._text.clear()
        self._path.pop()

    def text(self, data: str) -> None:
        self._text.append(data)
