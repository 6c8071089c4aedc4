"""Everything that a Redis holds, whatever the type of its keys."""

from __future__ import annotations

from typing import Any

from redis import Redis


def dump(client: Redis) -> dict[str, str]:
    """Each key with what it holds, as one text: for looking whether something is in it."""
    redis: Any = client  # whose annotations mix in awaitables
    read = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": redis.xrange,
    }
    return {key.decode(): repr(read[redis.type(key)](key)) for key in redis.scan_iter(count=10_000)}
