"""Whether Redis is there, new enough, and set up to lose nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from cli.doctor.finding import Finding, ok, problem, skipped, warning
from shared.redis_client import connect_by
from shared.settings import CommonSettings

SECONDS: Final = 1.5
"""For one answer. A Redis that takes longer is of no use to a telephone."""
OLDEST: Final = {"Redis": (7, 0), "Valkey": (8, 0)}
"""The oldest versions that the services are made for."""
UNUSABLE_URL: Final = (ValueError, TypeError)
"""What redis-py raises at an address that it cannot read, or that asks for an option that there is not."""
NO_EVICTION: Final = "noeviction"


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself."""

    product: str
    version: str
    append_only: bool
    max_memory: int
    """Bytes; 0: no limit."""
    memory_policy: str

    @classmethod
    def parse(cls, info: Mapping[str, Any]) -> Server:
        """From the answer to INFO. Valkey's `redis_version` is that of the Redis it is compatible with."""
        product = "Valkey" if "valkey_version" in info else "Redis"
        return cls(
            product=product,
            version=str(info.get("valkey_version") or info.get("redis_version") or "?"),
            append_only=str(info.get("aof_enabled")) == "1",
            max_memory=int(info.get("maxmemory") or 0),
            memory_policy=str(info.get("maxmemory_policy") or NO_EVICTION),
        )


def check(settings: CommonSettings) -> Iterator[Finding]:
    """Connect, and look at what the server says of itself."""
    where = address(settings.redis_url)
    try:
        info = _info(settings)
    except AuthenticationError:
        failed = problem("redis.reach", "refused", where=where)
    except NoPermissionError:
        failed = warning("redis.reach", "forbidden", where=where)
    except (RedisConnectionError, RedisTimeoutError):
        failed = problem("redis.reach", "away", where=where)
    except UNUSABLE_URL:
        failed = problem("redis.reach", "url")
    except RedisError:
        # Not with its own words: a server that does not know AUTH repeats what came after it.
        failed = problem("redis.reach", "odd", where=where)
    else:
        yield ok("redis.reach", where=where)
        yield from judge(Server.parse(info))
        return
    yield failed
    yield from (skipped(f"redis.{name}", "redis.reach") for name in ("version", "persistence", "memory"))


def judge(server: Server) -> Iterator[Finding]:
    """What to think of a server."""
    named = {"product": server.product, "version": server.version}
    if _numbers(server.version) >= OLDEST[server.product]:
        yield ok("redis.version", **named)
    else:
        yield problem("redis.version", "too-old", **named)
    if server.append_only:
        yield ok("redis.persistence")
    else:
        yield problem("redis.persistence", "off")
    if not server.max_memory:
        yield ok("redis.memory", "unlimited")
    elif server.memory_policy == NO_EVICTION:
        yield ok("redis.memory")
    else:
        yield problem("redis.memory", "evicts", policy=server.memory_policy)


def address(url: str) -> str:
    """Where a Redis is, without the password that its URL may hold."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    host = parts.netloc.rpartition("@")[2]
    return host or "localhost"


def _info(settings: CommonSettings) -> Mapping[str, Any]:
    with connect_by(settings, timeout=SECONDS) as redis:
        return cast("Mapping[str, Any]", redis.info())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
