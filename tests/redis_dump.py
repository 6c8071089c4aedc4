"""Everything that a Redis holds, whatever the type of its keys."""

from __future__ import annotations

from typing import Any

from redis import Redis


def dump(redis: Redis) -> dict[str, str]:
    """Each key with what it holds, as one text: for looking whether something is in it."""
    commands: dict[bytes, tuple[Any, ...]] = {
        b"string": ("GET",),
        b"hash": ("HGETALL",),
        b"list": ("LRANGE", 0, -1),
        b"set": ("SMEMBERS",),
        b"zset": ("ZRANGE", 0, -1),
        b"stream": ("XRANGE", "-", "+"),
    }
    found: dict[str, str] = {}
    for key in redis.scan_iter(count=10_000):
        command, *arguments = commands[redis.type(key)]  # type: ignore[index] # redis-py's union with awaitables
        found[key.decode()] = repr(redis.execute_command(command, key, *arguments))
    return found
