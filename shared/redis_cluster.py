"""Connections to the node of a cluster that holds a key, wherever the key's hash slot moves.

redis-py's connections for Sentinel ask where to go before they connect, and ask again when they find themselves at the
wrong server. In a cluster it is the same, but for whom they ask and how they find out. While a slot is on its way key
by key the cluster refuses what cannot be done on one node; who asked waits, as for a Redis that is away.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, cast

from redis import Redis
from redis.connection import SSLConnection
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.sentinel import SentinelManagedConnection


class ClusterMap:
    """Which node holds a key. Stands where `redis.sentinel.Sentinel` would."""

    def __init__(self, nodes: Sequence[Redis]) -> None:
        """`nodes`: those that may be asked."""
        self._nodes = nodes

    def discover_master(self, key: str) -> tuple[str, int]:
        """Host and port of the primary that has the slot of `key`, as the first node says that answers.

        Not always the same is asked: one that is cut off from the others may be wrong. Raises
        `redis.exceptions.ConnectionError` when none answers, or none has the slot.
        """
        slot, trouble = key_slot(key.encode()), "none is named"
        for node in random.sample(self._nodes, len(self._nodes)):
            try:
                ranges = cast("Any", node.execute_command("CLUSTER SLOTS"))
            except RedisError as error:
                trouble = str(error)
                continue
            for first, last, primary, *_ in ranges:
                if first <= slot <= last:
                    asked = node.connection_pool.connection_kwargs["host"]
                    return primary[0].decode() or asked, primary[1]
            trouble = "the hash slot of the event log belongs to nobody"
        raise RedisConnectionError(f"No node of the cluster tells where the event log is: {trouble}.")


class NodeConnection(SentinelManagedConnection):
    """A connection to wherever the pool's map says."""

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        """As any connection. Raises `redis.exceptions.ConnectionError` also at the wrong node, and leaves it."""
        try:
            return super().read_response(*arguments, **options)
        except (AskError, ClusterDownError) as error:  # `MOVED` is the former, too
            self.disconnect()  # type: ignore[no-untyped-call]
            raise RedisConnectionError(f"The node does not serve the event log now: {error}") from None


class SecureNodeConnection(NodeConnection, SSLConnection):
    """With TLS."""
