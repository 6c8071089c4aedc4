"""What can happen to Redis, done to the real server."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from faults.timeline import Fault, Kind
from tests.full_disk import full_disk
from tests.valkey import Valkey

PATIENCE: Final = 60.0
"""Seconds for a command that Redis does not answer at once."""


class RedisInjuries:
    """For one thread."""

    def __init__(self, valkey: Valkey, stream: str, wait: Callable[[float], object]) -> None:
        """`wait`: for so many seconds, or until the run is over."""
        self._valkey = valkey
        self._stream = stream
        self._wait = wait
        self._by_kind: Mapping[Kind, Callable[[Fault], None]] = {
            Kind.REDIS_RESTARTED: self._restart,
            Kind.REDIS_KILLED: self._kill,
            Kind.REDIS_STOPPED: self._stop,
            Kind.REDIS_CUT: self._cut,
            Kind.REDIS_READ_ONLY: self._read_only,
            Kind.REDIS_FULL: self._full,
            Kind.REDIS_DISK_FULL: self._fill_disk,
            Kind.GROUP_LOST: self._delete_group,
        }

    def happen(self, fault: Fault) -> None:
        """Let it begin, last, and end. Raises `RedisError` when Redis does not come back."""
        self._by_kind[fault.kind](fault)

    def _restart(self, fault: Fault) -> None:
        self._valkey.stop()
        self._wait(fault.seconds)
        self._valkey.start()

    def _kill(self, fault: Fault) -> None:
        self._valkey.kill()
        self._wait(fault.seconds)
        self._valkey.start()

    def _stop(self, fault: Fault) -> None:
        process = int(self._ask("INFO", "server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        self._wait(fault.seconds)
        os.kill(process, signal.SIGCONT)

    def _cut(self, _: Fault) -> None:
        self._ask("CLIENT", "KILL", "TYPE", "normal")

    def _read_only(self, fault: Fault) -> None:
        self._ask("REPLICAOF", "127.0.0.1", "1")
        self._wait(fault.seconds)
        self._ask("REPLICAOF", "NO", "ONE")

    def _full(self, fault: Fault) -> None:
        self._ask("CONFIG", "SET", "maxmemory", "1mb")
        self._wait(fault.seconds)
        self._ask("CONFIG", "SET", "maxmemory", "0")

    def _fill_disk(self, fault: Fault) -> None:
        """If its append-only file cannot be written it ends, `appendfsync` being `always`: that is `_kill`."""
        with Redis.from_url(self._valkey.url, socket_timeout=PATIENCE) as redis, full_disk(redis):
            self._wait(fault.seconds)

    def _delete_group(self, fault: Fault) -> None:
        self._ask("XGROUP", "DESTROY", self._stream, fault.target)

    def _ask(self, *command: str) -> Any:
        """What Redis says to a command, however often it has to be asked."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with Redis.from_url(self._valkey.url, socket_timeout=5.0) as redis:
                    return cast("Any", redis).execute_command(*command)
            except ResponseError:
                raise
            except RedisError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
