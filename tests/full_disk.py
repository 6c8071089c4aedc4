"""A Redis whose disk is full, without filling one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from tests.waiting import eventually

PATIENCE = 60.0


@contextmanager
def full_disk(redis: Redis) -> Iterator[None]:
    """Something is in the way of its snapshots: so it refuses to write, and says what it says when the disk is full."""
    settings = {name: value or "" for name, value in redis.config_get("save", "dir").items()}
    in_the_way = Path(settings["dir"]) / "dump.rdb"
    in_the_way.mkdir()
    redis.config_set("save", "3600 1")
    try:
        _save(redis, "err")
        yield
    finally:
        in_the_way.rmdir()
        _save(redis, "ok")
        redis.config_set("save", settings["save"])
        in_the_way.unlink()


def _save(redis: Redis, outcome: str) -> None:
    redis.execute_command("BGSAVE", "SCHEDULE")
    eventually(lambda: redis.info("persistence")["rdb_last_bgsave_status"] == outcome, within=PATIENCE)
