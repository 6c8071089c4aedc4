"""What `REDIS_URL` may say: one Redis, a cluster, or a primary that Sentinels watch. Pure.

    redis://host:6379/0                              one; rediss:// with TLS, unix:///path for a socket
    redis+cluster://host:6379,other:6379             some nodes of a cluster; they know the others
    redis+sentinel://host:26379,other:26379/name     Sentinels, and the name under which they watch the primary

With TLS the last two begin with `rediss+`. `?…` takes options of redis-py, as with one Redis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

PLAIN: Final = ("redis", "rediss", "unix")
EXAMPLE: Final = "redis://127.0.0.1:6379/0"
CLUSTER_EXAMPLE: Final = "redis+cluster://10.0.0.1:6379,10.0.0.2:6379"
SENTINEL_EXAMPLE: Final = "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """Where a Redis is."""

    kind: str
    """`""` one Redis, `"cluster"` or `"sentinel"`."""
    servers: tuple[str, ...]
    """To ask: the Redis itself, nodes or Sentinels, each as a URL that redis-py reads."""
    service: str = ""
    """What the Sentinels call the primary."""

    @classmethod
    def parse(cls, url: str) -> RedisAddress:
        """Raises `ValueError`, whose text says what an address looks like."""
        scheme, _, kind = urlsplit(url).scheme.partition("+")
        if kind not in ("", "cluster", "sentinel") or scheme not in (PLAIN[:2] if kind else PLAIN):
            raise ValueError(f"it must be the address of a Redis, as {EXAMPLE}")
        if not kind:
            _check(url, EXAMPLE)
            return cls("", (url,))
        return _several(url, scheme, kind)


def _several(url: str, scheme: str, kind: str) -> RedisAddress:
    parts = urlsplit(url)
    example, path = (SENTINEL_EXAMPLE if kind == "sentinel" else CLUSTER_EXAMPLE), unquote(parts.path.strip("/"))
    login, at, hosts = parts.netloc.rpartition("@")
    servers = [urlunsplit((scheme, f"{login}{at}{host}", "", parts.query, "")) for host in hosts.split(",")]
    for server in servers:
        _check(server, example)
        if not urlsplit(server).hostname:
            raise ValueError(f"a host is missing in it; write it as {example}")
    if kind == "cluster" and path not in ("", "0"):
        raise ValueError(f"a cluster has only the database 0; write it as {example}")
    if kind == "sentinel" and (not path or "/" in path):
        raise ValueError(f"it must end in the name under which the Sentinels watch the primary, as {example}")
    return RedisAddress(kind, tuple(servers), path if kind == "sentinel" else "")


def _check(url: str, example: str) -> None:
    """Raises `ValueError` where no port can be read."""
    try:
        fine = urlsplit(url).port != 0
    except ValueError:
        fine = False
    if not fine:
        raise ValueError(f"it must be the address of a Redis, as {example}")
