"""Values on their way into Limbas and back.

Limbas drops what does not fit without a word: a text that is too long, a date in any format but one, a letter in a
number (recordings 24 to 29). So values are made to fit before they leave, and compared after they were read back.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from shared.limbas.errors import DoesNotFit
from shared.limbas.schema import Field, Kind

Value: TypeAlias = "str | int | datetime | None"
"""What a field can be given. A `datetime` knows its zone. None empties the field."""

_TEXTS: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.SELECT})
_DATES: Final = frozenset({Kind.DATETIME, Kind.DATE})
_WRITTEN: Final = "%Y-%m-%d %H:%M:%S"
"""The one format that Limbas takes whatever the user's country is."""
_READ: Final = ("%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y", "%Y-%m-%d")
"""Limbas writes dates as the user's country does, German or American; the fields of recording 11 without seconds."""
_SECONDS: Final = re.compile(r"(?<=\d\d:\d\d):\d\d(\.\d+)?$")
_INTEGER: Final = re.compile(r"-?\d{1,18}")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry."""
_COMMANDS: Final = ("#", "!", "IS NULL", "IS NOT NULL")
_LINE_BREAKS: Final = re.compile(r"[\t\r\n]+")


class Fitted(NamedTuple):
    """A value as it is sent."""

    text: str
    cut: bool = False
    """Whether the end of it is missing."""


def can_hold(field: Field, value: Value) -> bool:
    """Whether the field's kind is one that takes values like this one, whatever its size."""
    if isinstance(value, datetime):
        return field.kind in _TEXTS | _DATES
    return value is None or field.kind in _TEXTS | {Kind.NUMBER}


def fit(field: Field, value: Value, zone: ZoneInfo) -> Fitted:
    """`value` made to fit the field: texts cut to its size, times in `zone`.

    Raises `DoesNotFit` when there is no way to make it fit.
    """
    if not can_hold(field, value):
        raise DoesNotFit(f"The Limbas field {field.name} holds {field.kind.value}, which cannot take this value.")
    if value is None:
        return Fitted("")
    if field.kind is Kind.NUMBER and not isinstance(value, datetime):
        return Fitted(_number(field, value))
    text = _written(value, zone)
    return Fitted(text) if field.kind in _DATES else _text(field, text)


def can_be_asked(text: str) -> bool:
    """Whether Limbas searches for the text itself. An empty one finds everything, and these beginnings are commands."""
    beginning = text.strip()
    return bool(beginning) and not beginning.startswith(_COMMANDS) and not _NOT_XML.search(text)


def may_hold(field: Field, text: str) -> bool:
    """Whether some record may have exactly that text in the field: not if it is longer than the field."""
    return field.kind not in _TEXTS or not _text(field, text).cut


def kept(field: Field, value: Value, read: str, zone: ZoneInfo) -> bool:
    """Whether `read`, what Limbas has in the field, is what writing `value` should have left there.

    Times are compared to the minute: Limbas shows no seconds.
    """
    sent = fit(field, value, zone).text
    if field.kind is Kind.NUMBER:
        # A number column may have 0 as its empty state.
        return read == sent or (bool(_INTEGER.fullmatch(read)) and int(read) == int(sent or 0))
    if field.kind in _DATES and sent and read:
        written = datetime.strptime(sent, _WRITTEN).replace(second=0)  # noqa: DTZ007 - local time on both sides
        found = _parse_local(read)
        return found is not None and _as_precise(written, field.kind) == _as_precise(found, field.kind)
    return read == sent


def _written(value: str | int | datetime, zone: ZoneInfo) -> str:
    if not isinstance(value, datetime):
        return str(value)
    if value.tzinfo is None:
        raise ValueError("a time for Limbas needs its zone")
    return value.astimezone(zone).strftime(_WRITTEN)


def _text(field: Field, text: str) -> Fitted:
    text = _NOT_XML.sub("", text)
    if field.kind is not Kind.LONG_TEXT:
        # Limbas checks a text by `^.{0,64}$`, which no line break passes: the field would stay empty.
        text = _LINE_BREAKS.sub(" ", text)
    # The same check counts bytes, not letters: 64 umlauts do not pass it.
    cut = text.encode()[: field.size].decode(errors="ignore") if field.size else text
    return Fitted(cut, cut=cut != text)


def _number(field: Field, value: str | int) -> str:
    text = str(value).strip()
    if not _INTEGER.fullmatch(text):
        raise DoesNotFit(f"The Limbas field {field.name} holds a number, and this is none.")
    number = str(int(text))
    if field.size and len(number.lstrip("-")) > field.size:
        raise DoesNotFit(f"The Limbas field {field.name} holds {field.size} digits, and this number has more.")
    return number


def _parse_local(read: str) -> datetime | None:
    for layout in _READ:
        try:
            return datetime.strptime(_SECONDS.sub("", read), layout)  # noqa: DTZ007 - as above
        except ValueError:
            continue
    return None


def _as_precise(moment: datetime, kind: Kind) -> datetime | date:
    return moment.date() if kind is Kind.DATE else moment
