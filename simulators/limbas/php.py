"""How PHP sees values, where that is not how Python sees them."""

from __future__ import annotations

from typing import Any


def array(value: Any) -> dict[int | str, Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, dict) else {}


def is_true(value: Any) -> bool:
    """PHP's idea of true. The text "0" is not."""
    return bool(value) and value != "0"


def number(value: Any) -> int | None:
    """The whole number that an int or a text is, or None."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 18 and value.strip().removeprefix("-").isdecimal():
        return int(value)
    return None


def text(value: Any) -> str:
    """A scalar as text; an array has none."""
    if value is None or value is False or isinstance(value, dict):
        return ""
    return "1" if value is True else str(value)


def listed(value: Any) -> list[Any]:
    """The values of an array, or of a text with commas."""
    if isinstance(value, dict):
        return list(value.values())
    return [part.strip() for part in text(value).split(",")] if is_true(value) else []
