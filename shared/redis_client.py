"""How every service connects to Redis or Valkey: one, a cluster, or one that Sentinels watch.

Everything of one event log is in one hash slot, so on one node of a cluster. Hence a plain client, whose connections go
to that node, is all it takes, and batches, transactions and scripts work as with one Redis. (redis-py's `RedisCluster`
allows no `EVALSHA` in a pipeline, and asks any node what time it is.) Connections that ask first where to go are
what redis-py has for Sentinel; those to a cluster are the same but for whom they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr
from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.connection import BlockingConnectionPool, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from shared.redis_address import RedisAddress
from shared.redis_cluster import ClusterMap, NodeConnection, SecureNodeConnection
from shared.settings import CommonSettings

SOCKET_TIMEOUT: Final = 10.0
"""Seconds. Above every BLOCK of ours: redis-py 8's default of 5 s would end a longer BLOCK with an error."""

CONNECT_TIMEOUT: Final = 3.0
"""Seconds, also for the answer of who is asked where the primary or the node is."""

MOST_CONNECTIONS: Final = 50
"""Of one client. Who wants one when so many are in use waits: an ingest has a thread for each box, and in web every
browser that comes back reads what it missed. (redis-py's usual pool would say "Too many connections".)"""


def connect_by(settings: CommonSettings, *, timeout: float = SOCKET_TIMEOUT) -> Redis:
    """The client for the event log that the settings name. As `connect`."""
    login = (settings.redis_password, settings.redis_username)
    return connect(settings.redis_url, *login, key=settings.event_stream, timeout=timeout)


def connect(
    url: str, password: SecretStr | None = None, username: str = "", *, key: str = "", timeout: float = SOCKET_TIMEOUT
) -> Redis:
    """A client that has not connected yet; it connects, and connects again, when it is used.

    `url` as `shared.redis_address` reads it. `password` and `username` win over those that stand in it; without a name
    Redis' default user is meant. Those in the address of Sentinels are for the Sentinels. In a cluster the client is
    for `key`, and for what shares its hash slot. `timeout` is that of one answer, in seconds.

    One quick retry covers a connection that a restarted server has closed. Everything longer is the caller's to wait
    for, who can say what is waiting.
    """
    address = RedisAddress.parse(url)
    given = {"username": username, "password": password.get_secret_value() if password else ""}
    login = {name: value for name, value in given.items() if value}
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": min(CONNECT_TIMEOUT, timeout),
        "health_check_interval": 30,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.2), retries=1),
        "retry_on_error": [RedisConnectionError],
        "max_connections": MOST_CONNECTIONS,
        "timeout": timeout,
    }
    if not url.startswith("unix://"):  # whose connection class does not know TCP's options
        options["socket_keepalive"] = True
    if address.kind:
        return _following(address, options, login, key)
    return _with_login(Redis.from_pool(BlockingConnectionPool.from_url(url, **options)), login)


class _FollowingPool(SentinelConnectionPool, BlockingConnectionPool):
    """Asks where to connect to, and has its callers wait."""


def _following(address: RedisAddress, options: Mapping[str, Any], login: Mapping[str, str], key: str) -> Redis:
    """A client whose connections ask the address' servers where to go."""
    asking = {**options, "socket_timeout": options["socket_connect_timeout"]}
    servers = [Redis.from_pool(BlockingConnectionPool.from_url(server, **asking)) for server in address.servers]
    target = {**options, **parse_url(address.servers[0])}  # what stands in the URL wins, as in `Redis.from_url`
    secure = "connection_class" in target
    for name in ("connection_class", "host", "port"):
        target.pop(name, None)
    who: Sentinel | ClusterMap
    if address.kind == "cluster":
        who, name = ClusterMap([_with_login(server, login) for server in servers]), key
        kind: type[SentinelManagedConnection] = SecureNodeConnection if secure else NodeConnection
    else:
        who, name = Sentinel([]), address.service
        who.sentinels = servers
        target = {name: value for name, value in target.items() if name not in ("username", "password")}
        kind = SentinelManagedSSLConnection if secure else SentinelManagedConnection
    pool = _FollowingPool(name, who, connection_class=kind, **target)  # type: ignore[no-untyped-call] # theirs
    return _with_login(Redis.from_pool(pool), login)


def _with_login(client: Redis, login: Mapping[str, str]) -> Redis:
    """Afterwards: what stands in the URL would win."""
    client.connection_pool.connection_kwargs.update(login)
    return client
