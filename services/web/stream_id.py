"""Stream ids as Redis gives them, in a form that can be compared: `1732300000000-0`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

StreamId = tuple[int, int]
"""Milliseconds since 1970, and a count within them."""

_WRITTEN: Final = re.compile(r"(\d{1,20})-(\d{1,20})", re.ASCII)
_LARGEST: Final = 2**64 - 1


@lru_cache(maxsize=1024)  # each is asked for by everybody who takes in its event
def parse_stream_id(written: str) -> StreamId:
    """Raises `ValueError` when `written` is no complete stream id."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError("no stream id")
    milliseconds, count = int(match[1]), int(match[2])
    if max(milliseconds, count) > _LARGEST:
        raise ValueError("no stream id: Redis counts to 2^64 - 1")
    return milliseconds, count


def successor(written: str) -> str:
    """The smallest id that is greater."""
    milliseconds, count = parse_stream_id(written)
    return f"{milliseconds}-{count + 1}" if count < _LARGEST else f"{milliseconds + 1}-0"
