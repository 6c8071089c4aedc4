"""Limbas' search: `gsr`, what a query wants of its records.

Shape: `{table id: {field id: {0: value, 1: value, txt: {0: 2}, num: {0: 2}, andor: {1: 2}}}}`.

A trap that the source of 7.0.25 shows (`get_where`): a condition that Limbas does not understand is left out, and then
more records match, not fewer. An empty value is such a condition, a value longer than its field, an unknown field.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from simulators.limbas import php
from simulators.limbas.soap import PhpArray
from simulators.limbas.tables import Field, Kind, Table
from simulators.limbas.values import Value, fits, lower

Condition = Callable[[Mapping[int, Value]], bool]

_CONTAINS: Final = 1
_EQUALS: Final = 2
_SPECIAL: Final = re.compile(r"[%_\\!]|^\s")
_AROUND: Final = {_CONTAINS: ("%", "%"), _EQUALS: ("", ""), 3: ("", "%"), 5: ("%", "")}
"""`txt`: contains, equals, starts with, ends with. Without it a text only has to contain the value."""
_COMPARE: Final[Mapping[int, Callable[[Any, Any], bool]]] = {
    1: operator.eq,
    2: operator.gt,
    3: operator.lt,
    4: operator.le,
    5: operator.ge,
    6: operator.ne,
}
"""`num`: for numbers and dates."""
_OR: Final = 2
_LONGEST: Final = 250
_SHORTHAND: Final = re.compile(r"(>=|<=|!=|>|<|=|!)\s*(.*)", re.DOTALL)
_SHORT: Final = {"=": 1, ">": 2, "<": 3, "<=": 4, ">=": 5, "!=": 6, "!": 6}
_DATE_SHAPES: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def condition(table: Table, wanted: PhpArray) -> Condition:
    """The condition that a record's values have to meet. `wanted` is the table's part of `gsr`."""
    per_field = [
        found
        for key, value in wanted.items()
        if isinstance(key, int) and (field := table.field(key)) and (found := _field_condition(field, php.array(value)))
    ]
    if php.number(wanted.get("andor")) == _OR and per_field:
        return lambda values: any(met(values) for met in per_field)
    return lambda values: all(met(values) for met in per_field)


def candidates(table: Table, wanted: PhpArray) -> tuple[Field, set[Value]] | None:
    """A field that has to equal one of some values, if there is such a one: who looks these up need not look at all.

    Texts are in small letters.
    """
    if php.number(wanted.get("andor")) == _OR:
        return None
    for key, value in wanted.items():
        field = table.field(key) if isinstance(key, int) else None
        if field and (values := _equal_to(field, php.array(value))):
            return field, values
    return None


def _equal_to(field: Field, wanted: PhpArray) -> set[Value] | None:
    texts = {key: php.text(value) for key, value in wanted.items() if isinstance(key, int)}
    joined = (php.number(php.array(wanted.get("andor")).get(key)) for key in list(texts)[1:])
    if any(how != _OR for how in joined) or not all(texts.values()) or not all(fits(field, t) for t in texts.values()):
        return None
    if field.kind is Kind.ID and not wanted.get("num"):
        return {php.number(text) for text in texts.values()}
    equals = all(php.number(php.array(wanted.get("txt")).get(key)) == _EQUALS for key in texts)
    if field.kind is Kind.TEXT and equals and not any(_SPECIAL.search(text) for text in texts.values()):
        return {lower(text) for text in texts.values()}
    return None


def _field_condition(field: Field, wanted: PhpArray) -> Condition | None:
    """What one field has to meet: alternatives, each of conditions that all have to hold."""
    alternatives: list[list[Condition]] = []
    for key, value in wanted.items():
        if not isinstance(key, int) or (found := _value_condition(field, wanted, key, php.text(value))) is None:
            continue
        if not alternatives or php.number(php.array(wanted.get("andor")).get(key)) == _OR:
            alternatives.append([])
        alternatives[-1].append(found)
    if not alternatives:
        return None
    return lambda values: any(all(met(values) for met in conditions) for conditions in alternatives)


def _value_condition(field: Field, wanted: PhpArray, key: int, text: str) -> Condition | None:
    if text == "":
        return None
    if field.kind in {Kind.TEXT, Kind.PHONE}:
        return _text_condition(field, php.number(php.array(wanted.get("txt")).get(key)), text)
    if field.kind is Kind.RELATION:
        return None
    how = php.number(php.array(wanted.get("num")).get(key))
    if how is None and (short := _SHORTHAND.fullmatch(text)):
        how, text = _SHORT[short[1]], short[2].strip()
    sought = _number(text) if field.kind in {Kind.ID, Kind.NUMBER} else _date(text)
    if sought is None or not fits(field, text):
        return None
    compare = _COMPARE.get(how or 1, _COMPARE[1])
    return lambda values: (found := values.get(field.id)) is not None and compare(found, sought)


def _text_condition(field: Field, how: int | None, text: str) -> Condition | None:
    negated = re.match(r"!=|! ", text)
    text = text[negated.end() :].strip() if negated else text
    if not text or not fits(field, text):
        return None
    before, after = _AROUND.get(how or _CONTAINS, _AROUND[_CONTAINS])
    like = _like(f"{before}{text[:_LONGEST].lstrip()}{after}")

    def met(values: Mapping[int, Value]) -> bool:
        found = values.get(field.id)
        return isinstance(found, str) and (like.fullmatch(lower(found)) is None) is bool(negated)

    return met


def _like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE: `%` is anything, `_` any one character, a backslash takes their meaning away.

    What stands between two `%` is taken where it is first found, so that no pattern makes the search slow.
    """
    pieces = [""]
    for part in re.findall(r"\\.|.", lower(pattern), re.DOTALL):
        if part == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if part == "_" else re.escape(part[-1])
    first, *middle = pieces
    last = f".*{middle.pop()}" if middle else ""
    return re.compile(first + "".join(f"(?>.*?{piece})" for piece in middle) + last, re.DOTALL)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str) -> datetime | None:
    for shape in _DATE_SHAPES:
        try:
            return datetime.strptime(text, shape)  # noqa: DTZ007 - Limbas stores local times without their zone
        except ValueError:
            continue
    return None
