"""How every service connects to Redis or Valkey."""

from __future__ import annotations

from typing import Any, Final

from pydantic import SecretStr
from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

SOCKET_TIMEOUT: Final = 10.0
"""Seconds. Above every BLOCK of ours: redis-py 8's default of 5 s would end a longer BLOCK with an error."""

CONNECT_TIMEOUT: Final = 3.0


def connect(
    url: str, password: SecretStr | None = None, username: str = "", *, timeout: float = SOCKET_TIMEOUT
) -> Redis:
    """A client that has not connected yet; it connects, and connects again, when it is used.

    `password` and `username` win over those that stand in the URL; without a name Redis' default user is meant.
    `timeout` is that of one answer, in seconds.

    One quick retry covers a connection that a restarted server has closed. Everything longer is the caller's to wait
    for, who can say what is waiting.
    """
    options: dict[str, Any] = {}
    if not url.startswith("unix://"):  # whose connection class does not know TCP's options
        options["socket_keepalive"] = True
    client = Redis.from_url(
        url,
        **options,
        socket_timeout=timeout,
        socket_connect_timeout=min(CONNECT_TIMEOUT, timeout),
        health_check_interval=30,
        retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.2), retries=1),
        retry_on_error=[RedisConnectionError],
    )
    # Afterwards: what stands in the URL would win.
    login = {"username": username, "password": password.get_secret_value() if password else ""}
    client.connection_pool.connection_kwargs.update({name: value for name, value in login.items() if value})
    return client
