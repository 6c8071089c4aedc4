"""A primary, a replica, and three Sentinels that watch them, on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from tests.scaling.server import Server
from tests.valkey import Valkey
from tests.waiting import eventually

NAME: Final = "callmonitor"
"""Under which the Sentinels watch the primary."""
SENTINELS: Final = 3
SILENCE: Final = 2000
"""Milliseconds. Who is silent for longer is taken for dead."""
PATIENCE: Final = 30.0


class Watched(Valkey):
    """Not started yet."""

    def __init__(self, folder: Path) -> None:
        self.servers = [Server(folder, "--appendonly", "yes", "--repl-diskless-sync-delay", "0") for _ in range(2)]
        first, second = self.servers
        second.options += ["--replicaof", "127.0.0.1", str(first.port)]
        rules = [
            f"sentinel monitor {NAME} 127.0.0.1 {first.port} {SENTINELS // 2 + 1}",
            f"sentinel down-after-milliseconds {NAME} {SILENCE}",
            f"sentinel failover-timeout {NAME} {5 * SILENCE}",
        ]
        self.sentinels = [Server(folder, "--sentinel", file="\n".join(rules)) for _ in range(SENTINELS)]
        self.url = f"redis+sentinel://{','.join(sentinel.address for sentinel in self.sentinels)}/{NAME}"

    def start(self) -> None:
        """Start them all, and wait until the Sentinels know each other and the replica."""
        for server in self.servers:
            server.start()
        eventually(lambda: self.servers[1].redis.info("replication")["master_link_status"] == "up", PATIENCE)
        for sentinel in self.sentinels:
            sentinel.start()
        eventually(lambda: all(_knows(sentinel) == (1, SENTINELS - 1) for sentinel in self.sentinels), PATIENCE)

    def stop(self) -> None:
        for server in [*self.sentinels, *self.servers]:
            server.stop()

    def cut_off_replica(self) -> None:
        """From now on it gets nothing more."""
        primary, replica = self.servers
        replica.ask("CONFIG", "SET", "primaryuser", "nobody")
        replica.ask("CONFIG", "SET", "primaryauth", "nothing")
        primary.ask("CLIENT", "KILL", "TYPE", "REPLICA")
        eventually(lambda: replica.redis.info("replication")["master_link_status"] == "down", PATIENCE)

    def primary(self) -> Server | None:
        """Who it is in the opinion of all Sentinels."""
        ports = {int(sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)[1]) for sentinel in self.sentinels}
        return next((server for server in self.servers if ports == {server.port}), None)


def _knows(sentinel: Server) -> tuple[int, int]:
    """How many replicas and other Sentinels."""
    state = cast("dict[str, Any]", sentinel.redis.sentinel_master(NAME))
    return state["num-slaves"], state["num-other-sentinels"]
