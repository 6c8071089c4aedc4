"""A connection to Redis that counts how often it asks: a pipeline is one question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Connection, Redis


@contextmanager
def counting(url: str) -> Iterator[tuple[Redis, list[int]]]:
    """The connection, and a list that grows by one with each question."""
    sent: list[int] = []

    class Counted(Connection):
        def send_packed_command(self, command: Any, check_health: bool = True) -> None:
            sent.append(1)
            super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call] # redis-py's

    with Redis.from_url(url) as redis:
        redis.connection_pool.connection_class = Counted
        yield redis, sent
