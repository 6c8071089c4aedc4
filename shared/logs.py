"""Logs: structured, for people on a terminal and as JSON elsewhere. Phone numbers are masked, always."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import partial
from typing import Any, Final

import structlog

_NUMBER: Final = re.compile(r"(?<![\w.:-])(\+?\d{3})\d{2,}(\d{2})(?!\w|[.:-]\w)")
"""Seven digits or more that stand alone: not a part of an id, a time or an address. A sentence may end after them."""
_NOT_NUMBERS: Final = frozenset(
    {"entry", "call", "timestamp", "event", "level", "service", "duration", "count", "port"}
)


def configure(service: str, log_format: str) -> None:
    """Set up logging for this process. `log_format` is `auto`, `json` or `console`."""
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    # Tracebacks without the local variables: those hold numbers and secrets.
    no_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    renderer: list[structlog.typing.Processor] = (
        [structlog.processors.ExceptionRenderer(no_locals), structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    shared: list[structlog.typing.Processor] = [
        partial(_name, service),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask_numbers,
    ]
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries say what matters by exceptions; of their own logging only warnings are let through.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def mask(text: str) -> str:
    """`text` with every phone number in it shortened to its ends: `+49…67`."""
    return _NUMBER.sub(r"\1…\2", text)


def _name(service: str, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["service"] = service
    return event


def _mask_numbers(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in _NOT_NUMBERS and isinstance(value, str):
            event[key] = mask(value)
    return event
