"""What Limbas makes of a value: on the way into a field, and on the way out of it.

Accepting is where Limbas loses data without a word: a value that does not fit its field's pattern is dropped. The
recorded cases are 24 to 29 and 32. Where no recording shows a thing, the source of Limbas 7.0.25 was read:
`gtab_type_update.lib` (in) and `gtab_type_erg.lib` (out).
"""

from __future__ import annotations

import html.entities
import re
import string
from datetime import datetime
from typing import Final, Literal

from simulators.limbas.tables import Field, Kind

Value = str | int | datetime | None
"""A stored value. None is the database's NULL: nothing was ever written, or a date or number was cleared."""

_DATE_IN: Final = "%Y-%m-%d %H:%M:%S"
_DATE_OUT: Final = "%d.%m.%Y %H:%M"
_DATE_SHAPE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_NUMERIC: Final = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")

_ENTITIES: Final = {code: f"&{name};" for code, name in html.entities.codepoint2name.items()} | {ord("'"): "&#039;"}


_SMALL: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Refused(Exception):
    """The value does not fit its field. Limbas says nothing and stores nothing."""


def fits(field: Field, text: str) -> bool:
    """Whether Limbas' pattern for the field lets a text through.

    PHP matches bytes here, not characters: twenty umlauts do not fit a field of twenty.
    """
    return re.search(field.pattern.encode(), text.encode(errors="replace")) is not None


def lower(text: str) -> str:
    """`lower()` of a database with C locale: only ASCII letters change."""
    return text.translate(_SMALL)


def accept(field: Field, text: str) -> Value:
    """What is stored for a text.

    Raises `Refused`.
    """
    if field.kind is Kind.NUMBER:
        return _accept_number(field, text.strip())
    if field.kind is Kind.DATETIME:
        return _accept_date(text)
    if text and not fits(field, text):
        raise Refused
    return text.replace("\n", "").replace("\r", "")


def show(field: Field, value: Value, *, encoded: bool) -> str | Literal[False]:
    """How a query gives a value: everything as text, dates without their seconds, text HTML-encoded if asked for.

    An empty date is False where values are HTML-encoded, and empty where they are not.
    """
    if isinstance(value, datetime):
        return value.strftime(_DATE_OUT)
    if value is None and field.kind is Kind.DATETIME and encoded:
        return False
    text = "" if value is None else str(value)
    return text.translate(_ENTITIES) if encoded else text


def _accept_number(field: Field, text: str) -> int | None:
    if not text:
        return None
    if not _NUMERIC.fullmatch(text):
        return 0
    if not fits(field, text):
        raise Refused
    return int(text)


def _accept_date(text: str) -> datetime | None:
    if not text:
        return None
    if not _DATE_SHAPE.fullmatch(text):
        raise Refused
    try:
        return datetime.strptime(text, _DATE_IN)  # noqa: DTZ007 - Limbas stores local times without their zone
    except ValueError:
        raise Refused from None
