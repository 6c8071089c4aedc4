"""Queries and forms as PHP reads them: `gs[4][5][0]=030` is an array in an array in an array."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl

from simulators.limbas.soap import PhpArray

_KEYS: Final = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST: Final = 8


def parse(text: str) -> PhpArray:
    """The variables of a query or a form."""
    found: PhpArray = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        head, bracket, rest = name.partition("[")
        keys = [head, *(_KEYS.findall(bracket + rest)[:_DEEPEST])]
        _put(found, [int(key) if key.isascii() and key.isdigit() and len(key) < 18 else key for key in keys], value)
    return found


def _put(into: PhpArray, keys: list[int | str], value: str) -> None:
    *outer, last = keys
    for key in outer:
        inner = into.get(key)
        if not isinstance(inner, dict):
            inner = into[key] = {}
        into = inner
    into[len(into) if last == "" else last] = value
