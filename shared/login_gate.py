"""One gate for all processes that log in to Limbas, in Redis.

Each alone would try a refused login again after a while. But many of them, one after the other, would keep alive the
lock-out that Limbas answers wrong logins with.
"""

from __future__ import annotations

from redis.exceptions import RedisError

from shared.event_log import EventLog


class RedisGate:
    """Closed while a key is there."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._key = event_log.keys.beside("limbas:login-refused")

    def closed(self) -> bool:
        """Whether somebody's login was refused a short while ago. Open when Redis does not say: it may be away."""
        try:
            return bool(self._redis.exists(self._key))
        except RedisError:
            return False

    def close(self, seconds: float) -> None:
        """Let nobody try for so long."""
        try:
            self._redis.set(self._key, 1, px=round(seconds * 1000))
        except RedisError:
            return  # then each process waits for itself
