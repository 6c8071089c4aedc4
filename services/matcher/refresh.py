"""Keeps the contact index up to date: one matcher at a time reads the contacts from Limbas, every so often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from shared.contacts.index import ContactIndex
from shared.contacts.reading import Contact
from shared.limbas.errors import LimbasError

EVERY: Final = 600.0
"""Seconds between two readings of the contacts."""
AGAIN: Final = 5.0
"""Seconds until the next look whether it is time, or whether Limbas is back."""

log = structlog.get_logger()


def keep_fresh(
    index: ContactIndex, read: Callable[[], Iterable[Contact]], stop: StopSignal, *, again: float = AGAIN
) -> None:
    """Until `stop` is set, see to it that the index is never older than `EVERY`; look every `again` seconds."""
    told = ""
    while not stop.is_set():
        try:
            numbers = index.refresh(read, EVERY)
            if numbers is not None:
                log.info("contacts read", numbers=numbers)
            problem = ""
        except (LimbasError, RedisError) as error:
            problem = str(error)
            if problem != told:
                log.warning("the contacts cannot be read", because=problem)
        if told and not problem:
            log.info("the contacts can be read again")
        told = problem
        stop.wait(again)
