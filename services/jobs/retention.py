"""What has been kept long enough goes, also where nothing new comes that would push it out.

Everything else in Redis ends by itself (`EXPIRE`), or is a copy that the next sync renews; `docs/privacy.md` has all.
"""

from __future__ import annotations

import time
from threading import Event as StopSignal
from typing import Final

import structlog
from redis.exceptions import RedisError

from shared.event_log import EventLog
from shared.unknown_calls import DAY, UnknownCalls

EVERY_SECONDS: Final = 3600
AGAIN_SECONDS: Final = 60
"""When Redis was away."""
TROUBLE_DAYS: Final = 30
"""How long dead letters and malformed lines wait for somebody to look at them."""

log = structlog.get_logger()


def keep_retention(event_log: EventLog, unknown: UnknownCalls, stop: StopSignal) -> None:
    """Until `stop` is set, look every hour."""
    wait = 0.0
    while not stop.wait(wait):
        try:
            sweep(event_log, unknown)
            wait = EVERY_SECONDS
        except RedisError:  # which the schedule says
            wait = AGAIN_SECONDS


def sweep(event_log: EventLog, unknown: UnknownCalls) -> None:
    """Remove what is too old. Raises `redis.exceptions.RedisError`."""
    oldest = f"{round((time.time() - TROUBLE_DAYS * DAY) * 1000)}-0"
    event_log.trim()
    for key in (event_log.keys.dead, event_log.keys.quarantine):
        if removed := event_log.redis.xtrim(key, minid=oldest, approximate=False):
            log.warning("trouble that nobody looked at for too long was removed", key=key, count=removed)
    unknown.trim()
