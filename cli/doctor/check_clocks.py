"""Whether this machine, Redis and Limbas agree on what time it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Final, cast

from redis.exceptions import RedisError
from requests import RequestException

from cli.doctor.check_limbas import ask
from cli.doctor.check_redis import SECONDS, UNUSABLE_URL
from cli.doctor.finding import Finding, ok, skipped, warning
from shared.limbas.settings import LimbasSettings
from shared.redis_client import connect_by
from shared.settings import CommonSettings

MOST_SECONDS: Final = 5.0

Clock = Callable[[], float]
"""Seconds since 1970."""


def check_redis(settings: CommonSettings, clock: Clock = time.time) -> Iterator[Finding]:
    """Against Redis, whose clock says when an event happened."""
    try:
        with connect_by(settings, timeout=SECONDS) as redis:
            redis.ping()  # so that connecting does not count
            before = clock()
            seconds, microseconds = cast("tuple[int, int]", redis.time())
            after = clock()
    except (RedisError, *UNUSABLE_URL):
        yield skipped("clocks.redis", "redis.reach")
        return
    yield _judge("clocks.redis", seconds + microseconds / 1e6 - (before + after) / 2)


def check_limbas(settings: LimbasSettings, clock: Clock = time.time) -> Iterator[Finding]:
    """Against the web server that Limbas is on. It tells whole seconds."""
    try:
        before = clock()
        date = ask(settings).headers.get("Date", "")
        after = clock()
    except RequestException:
        yield skipped("clocks.limbas", "limbas.reach")
        return
    try:
        told = parsedate_to_datetime(date).timestamp()
    except ValueError:
        yield warning("clocks.limbas", "silent")
        return
    yield _judge("clocks.limbas", told + 0.5 - (before + after) / 2)


def _judge(check: str, ahead: float) -> Finding:
    if abs(ahead) <= MOST_SECONDS:
        return ok(check)
    return warning(check, "ahead" if ahead > 0 else "behind", seconds=f"{abs(ahead):.0f}")
