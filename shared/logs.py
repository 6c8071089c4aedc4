"""Logs: structured, for people on a terminal and as JSON elsewhere.

Phone numbers are masked, always. What comes from outside cannot begin a line of its own, or steer a terminal.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from functools import partial
from io import StringIO
from typing import Any, Final, TextIO, cast

import structlog

_NUMBER: Final = re.compile(
    r"(?=[+\d])"  # first of all: what is no number at all is passed over in half the time
    r"(?:(?<![\w.:-])|(?<=sip:)|(?<=tel:))"
    r"(?:(\+?\d{3})\d{2,}(\d{2})|(\+\d{2,3}|0\d{1,2})[\d ()/.-]{4,}(\d{2}))(?!\w|[.:-]\w)"
)
"""Seven digits or more that stand alone: not a part of an id, a time or an address. A sentence may end after them.
Or as people write them, from a `+` or a `0` on.
"""


def configure(service: str, log_format: str) -> None:
    """Set up logging for this process. `log_format` is `auto`, `json` or `console`."""
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    # Tracebacks without the local variables: those hold numbers and secrets.
    no_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    renderer: list[structlog.typing.Processor] = (
        [structlog.processors.ExceptionRenderer(no_locals), structlog.processors.JSONRenderer()]
        if as_json
        else [_make_printable, structlog.dev.ConsoleRenderer(exception_formatter=_printable_traceback)]
    )
    shared: list[structlog.typing.Processor] = [
        partial(_name, service),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *renderer, _mask_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    # Libraries say what matters by exceptions; of their own logging only warnings are let through.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskingFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def mask(text: str) -> str:
    """`text` with every phone number in it shortened to its ends: `+49…67`."""
    return _NUMBER.sub(lambda found: f"{found[1] or found[3]}…{found[2] or found[4]}", text)


class _Unfailing:
    """A stream that may stand on a full disk. A line of the log that is lost must not cost a call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


class _MaskingFormatter(logging.Formatter):
    """For what libraries log."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return _printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - as above
        return _within(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def _name(service: str, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["service"] = service
    return event


def _make_printable(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Before the renderer, whose own colours have to stay. In JSON such characters are escaped anyway."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _printable(value)
    return event


def _printable_traceback(stream: TextIO, error: structlog.typing.ExcInfo) -> None:
    rendered = StringIO()
    structlog.dev.plain_traceback(rendered, error)
    stream.write(_within(rendered.getvalue()))


def _within(traceback: str) -> str:
    """Indented, so that a line of an error's text is none of the log's."""
    return "\n".join(f"  {_printable(line)}" for line in traceback.rstrip().split("\n"))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _mask_line(_: Any, __: str, line: MutableMapping[str, Any]) -> str:
    """Last of all, so that nothing gets past it: not a list, not an error's text. By now the event is a line."""
    return mask(str(line))
