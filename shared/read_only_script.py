"""A Lua script that only reads, run so that Redis knows: who may not write its keys may run it all the same."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError


class ReadOnlyScript:
    """As `Redis.register_script` makes them, for `EVALSHA_RO`."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._redis = redis
        self._text = text
        self._name = sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """Run it. Raises `redis.exceptions.RedisError`."""
        given: list[Any] = [*keys, *arguments]
        try:
            return self._redis.evalsha_ro(self._name, len(keys), *given)
        except NoScriptError:
            return self._redis.eval_ro(self._text, len(keys), *given)
