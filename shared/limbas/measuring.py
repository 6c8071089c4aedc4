"""What is measured of the requests to Limbas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import Counter, Histogram

from shared.limbas.errors import LimbasUnavailable

REQUEST_SECONDS: Final = Histogram(
    "callmonitor_limbas_request_seconds",
    "How long Limbas took to answer, properly or not.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
ERRORS: Final = Counter(
    "callmonitor_limbas_errors", "Requests to Limbas without a proper answer, by what was wrong.", ["kind"]
)


def begin() -> None:
    """Have all kinds of errors counted from 0, so that the first one is seen as a change."""
    kinds = [LimbasUnavailable]
    for kind in kinds:
        kinds += kind.__subclasses__()
        ERRORS.labels(_label(kind))


@contextmanager
def measured() -> Iterator[None]:
    """Measure one request."""
    try:
        with REQUEST_SECONDS.time():
            yield
    except LimbasUnavailable as error:
        count(error)
        raise


def count(error: LimbasUnavailable) -> None:
    """Count an error that shows only when the answer is read."""
    ERRORS.labels(_label(type(error))).inc()


def _label(kind: type[LimbasUnavailable]) -> str:
    """`LoginRefused` -> `login_refused`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
