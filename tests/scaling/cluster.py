"""A Redis Cluster on loopback: three primaries, each with a replica."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

from redis.crc import key_slot
from redis.exceptions import RedisError

from faults.office import a_port
from tests.scaling.server import Server
from tests.valkey import Valkey
from tests.waiting import eventually

SLOTS: Final = 16384
PRIMARIES: Final = 3
NODE_TIMEOUT: Final = 2000
"""Milliseconds. Who is silent for longer is taken for dead."""
PATIENCE: Final = 30.0


class Node(Server):
    """One of its servers."""

    def __init__(self, folder: Path) -> None:
        self.bus = a_port()
        timing = ["--cluster-node-timeout", str(NODE_TIMEOUT), "--cluster-replica-validity-factor", "0"]
        timing += ["--repl-diskless-sync-delay", "0"]
        # A node that is down takes its own tenants with it, and no others.
        alone = ["--cluster-require-full-coverage", "no", "--appendonly", "yes"]
        super().__init__(folder, "--cluster-enabled", "yes", "--cluster-port", str(self.bus), *timing, *alone)

    @property
    def id(self) -> str:
        """Its name in the cluster."""
        return str(self.ask("CLUSTER", "MYID"))

    @property
    def is_primary(self) -> bool:
        return bool(self.redis.info("replication")["role"] == "master")

    @property
    def is_in_step(self) -> bool:
        """Whether it is a replica that has all that its primary has."""
        state = self.redis.info("replication")
        return bool(state["role"] == "slave" and state["master_link_status"] == "up")

    @property
    def is_content(self) -> bool:
        """Whether it believes that all is well, and knows whose each slot is."""
        state = self.ask("CLUSTER INFO")
        return bool(state["cluster_state"] == "ok" and state["cluster_slots_assigned"] == str(SLOTS))

    def knows(self) -> int:
        """How many nodes it has met, itself counted."""
        return len(self.ask("CLUSTER NODES"))


class Cluster(Valkey):
    """Not started yet."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [Node(folder) for _ in range(2 * PRIMARIES)]
        self.url = f"redis+cluster://{','.join(node.address for node in self.nodes)}"

    def start(self) -> None:
        """Start the nodes, have them meet, and give each primary its slots and its replica."""
        for node in self.nodes:
            node.start()
        first, *others = self.nodes
        for node in others:
            first.ask("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus)
        eventually(lambda: {node.knows() for node in self.nodes} == {len(self.nodes)}, PATIENCE)
        borders = [SLOTS * number // PRIMARIES for number in range(PRIMARIES + 1)]
        primaries, replicas = self.nodes[:PRIMARIES], self.nodes[PRIMARIES:]
        for primary, replica, (start, end) in zip(primaries, replicas, pairwise(borders), strict=True):
            primary.ask("CLUSTER", "ADDSLOTSRANGE", start, end - 1)
            replica.ask("CLUSTER", "REPLICATE", primary.id)
        eventually(lambda: all(node.is_content for node in self.nodes), PATIENCE)
        eventually(lambda: all(replica.is_in_step for replica in replicas), PATIENCE)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def holder(self, key: str) -> Node | None:
        """The primary that has the slot of a key, if all who live agree on one who lives."""
        slot, named = key_slot(key.encode()), set()
        for node in self.nodes:
            with suppress(RedisError):
                ranges = node.ask("CLUSTER", "SLOTS")
                named.add(next((who[1] for start, end, who, *_ in ranges if start <= slot <= end), None))
        return next((node for node in self.nodes if named == {node.port} and node.is_running), None)

    def wait_for_holder(self, key: str, other_than: Node | None = None) -> Node:
        """As `holder`, once they agree."""

        def agreed() -> Node | None:
            found = self.holder(key)
            return None if found is other_than else found

        found = eventually(agreed, PATIENCE)
        assert found
        return found

    def move(self, key: str, halfway: Callable[[], object]) -> None:
        """Give the slot of a key to another primary, one key after the other."""
        slot, source = key_slot(key.encode()), self.wait_for_holder(key)
        target = next(node for node in self.nodes if node is not source and node.is_primary)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        _move_keys(source, target, source.ask("CLUSTER", "GETKEYSINSLOT", slot, 2))
        halfway()
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            _move_keys(source, target, keys)
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)
        self.wait_for_holder(key, other_than=source)


def _move_keys(source: Server, target: Server, keys: list[str]) -> None:
    source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
