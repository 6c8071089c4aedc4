"""Flask-SSE on gunicorn and gevent, as its documentation has it: run by the peers' Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import requests
from redis import Redis

from benchmarks.bench import Bench
from benchmarks.processes import FILES, running
from tests.valkey import free_port
from tests.waiting import eventually

SCRIPT: Final = Path(__file__).with_name("scripted.py")
CHANNEL: Final = "sse"
REQUEST: Final = b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
_PATIENCE: Final = 30.0


@contextmanager
def flask_sse(bench: Bench) -> Iterator[tuple[int, int]]:
    """The server's port, and its process id."""
    port = free_port()
    options = f"--worker-class gevent --worker-connections {FILES} --chdir {SCRIPT.parent} --bind 127.0.0.1:{port}"
    with running(
        [bench.peers, "-m", "gunicorn", *options.split(), f"{SCRIPT.stem}:app"], {"REDIS_URL": bench.redis_url}
    ) as pid:
        eventually(lambda: _answers(port), within=_PATIENCE)
        yield port, pid


def subscribers(redis: Redis) -> int:
    """How many subscribe to something in Redis. Flask-SSE answers a client only when there is something to tell."""
    # Not NUMSUB: of more than some hundred Valkey 9.1.2 says hundreds of millions.
    return int(cast("Mapping[str, int]", redis.info("clients"))["pubsub_clients"])


def all_have_left(redis: Redis) -> bool:
    """Whether nobody is subscribed. To be asked until it is so: Flask-SSE notices who left by sending something."""
    redis.publish(CHANNEL, '{"data": "."}')
    return subscribers(redis) == 0


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=1).status_code == 404
    except OSError:
        return False
