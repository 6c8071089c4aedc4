"""The way from one ingest to a real Redis, on which what a step sends can be refused, delayed, or lost with its answer.

Everything happens at a round trip of the test's choice, in the test's own thread: nothing is left to chance.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from redis import Connection, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from tests.valkey import Valkey


class Weather(Enum):
    """How it is on the way."""

    FINE = "fine"
    CLOSED = "closed"
    """Nobody answers, nothing arrives."""
    ANSWERS_GET_LOST = "answers get lost"
    """What is sent is done, and nobody is told."""
    SLOW = "slow"
    """What is sent is given up, and done later, when it arrives."""


class Way:
    """From one ingest to Redis."""

    def __init__(self, valkey: Valkey) -> None:
        self.weather = Weather.FINE
        self.underway: list[bytes] = []
        """What was sent while the way was slow."""
        self.before: dict[int, Callable[[], None]] = {}
        """What happens after so many round trips, before the next one."""
        self._valkey = valkey
        self._pool: ConnectionPool | None = None

    def client(self) -> Redis:
        """As `shared.redis_client.connect` makes it, with its one quick retry."""
        pool = ConnectionPool.from_url(self._valkey.url, connection_class=_Connection, retry=Retry(NoBackoff(), 1))
        pool.connection_kwargs |= {"way": self, "retry_on_error": [RedisConnectionError]}
        self._pool = pool
        return Redis(connection_pool=pool)

    def close(self) -> None:
        """Hang up, as the end of a process does."""
        if self._pool:
            self._pool.disconnect()

    def passes(self) -> None:
        """A round trip begins."""
        due, self.before = self.before, {}
        for trips, what in due.items():
            if trips:
                self.before[trips - 1] = what
            else:
                what()

    def arrive(self) -> None:
        """What was underway reaches Redis now, whoever has given it up."""
        sent, self.underway = self.underway, []
        with Redis.from_url(self._valkey.url) as redis:
            for commands in sent:
                connection = redis.connection_pool.get_connection()
                connection.send_packed_command([commands, *connection.pack_command("ECHO", "over")], check_health=False)
                while connection.read_response() != b"over":
                    pass
                redis.connection_pool.release(connection)


class _Connection(Connection):
    """redis-py does not annotate what it calls."""

    def __init__(self, *, way: Way, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._way = way
        self._greets = self._given_up = False

    def connect(self) -> None:
        if self._way.weather is Weather.CLOSED:
            raise RedisConnectionError("refused")
        self._greets = True
        try:
            super().connect()  # type: ignore[no-untyped-call]
        finally:
            self._greets = False

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        if not self._greets:
            self._way.passes()
            if self._way.weather is Weather.CLOSED:
                self.disconnect()  # type: ignore[no-untyped-call]
                raise RedisConnectionError("gone")
            if self._way.weather is Weather.SLOW:
                self._way.underway.append(command if isinstance(command, bytes) else b"".join(command))
                self._given_up = True
                return
        super().send_packed_command(command, check_health)  # type: ignore[no-untyped-call]

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        if self._given_up:
            self._given_up = False
            self.disconnect()  # type: ignore[no-untyped-call]
            raise RedisTimeoutError("no answer")
        answer = super().read_response(*arguments, **options)
        if self._way.weather is Weather.ANSWERS_GET_LOST and not self._greets:
            self.disconnect()  # type: ignore[no-untyped-call]
            raise RedisTimeoutError("no answer")
        return answer
