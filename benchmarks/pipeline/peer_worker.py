"""What one would read a Redis stream with instead. Run by the peers' Python, which has nothing of ours.

    peer_worker.py faststream|faststream-batch|bare URL STREAM NAME

The way is the consumer group's name, too. Says `ready`, and begins when a line comes on standard input.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from typing import Any, Final, Literal

from faststream import FastStream
from faststream.redis import RedisBroker, StreamSub
from pydantic import BaseModel
from redis import Redis

BATCH: Final = 100
WAIT: Final = 100
"""Milliseconds that one read waits for events."""


class Extension(BaseModel):
    """As in `shared.events`, as is what follows."""

    code: int
    kind: str
    name: str


class RemoteNumber(BaseModel):
    """The other side's number."""

    received: str
    e164: str | None = None
    suppressed: bool = False


class Call(BaseModel):
    """One call, as far as it is known."""

    id: str
    box: str
    connection: int
    seq: int
    direction: Literal["inbound", "outbound"] | None
    state: Literal["ringing", "dialing", "connected", "ended"]
    outcome: str | None = None
    remote: RemoteNumber
    own_number: str
    own_number_name: str = ""
    line: str
    extension: Extension | None = None
    started_at: datetime | None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    duration: int | None = None
    received_at: datetime
    first_received_at: datetime | None = None
    clock: str


class Candidate(BaseModel):
    """Somebody who the other side may be."""

    source: str
    match: str
    confidence: float
    name: str
    company: str
    table: str
    record_id: int | None = None


class Event(BaseModel):
    """A call that changed, or who it is."""

    type: str
    v: Literal[1]
    call: Call | None = None
    call_id: str = ""
    candidates: tuple[Candidate, ...] = ()
    sure: bool = False


def faststream(url: str, stream: str, name: str) -> None:
    """A subscriber as in its documentation. It acknowledges each message when the handler has returned."""
    broker = RedisBroker(url, logger=None)

    @broker.subscriber(stream=StreamSub(stream, group="faststream", consumer=name, polling_interval=WAIT))  # type: ignore[untyped-decorator] # of which mypy sees nothing
    async def handle(event: Event) -> None:
        """Nothing comes of it."""

    _run(broker)


def faststream_batch(url: str, stream: str, name: str) -> None:
    """The same, a batch a call, which is acknowledged as one."""
    broker = RedisBroker(url, logger=None)
    batches = StreamSub(
        stream, group="faststream-batch", consumer=name, polling_interval=WAIT, batch=True, max_records=BATCH
    )

    @broker.subscriber(stream=batches)  # type: ignore[untyped-decorator] # as above
    async def handle(events: list[Event]) -> None:
        """Nothing comes of them."""

    _run(broker)


def bare(url: str, stream: str, name: str) -> None:
    """The least that there can be: nothing is parsed, and nothing comes of it."""
    redis = Redis.from_url(url)
    redis.ping()
    _told()
    while True:
        reply: Any = redis.xreadgroup("bare", name, {stream: ">"}, count=BATCH, block=WAIT)
        pipe = redis.pipeline(transaction=False)
        for entry_id, _ in reply[0][1] if reply else ():
            pipe.xack(stream, "bare", entry_id)
        pipe.execute()


def _run(broker: RedisBroker) -> None:
    _told()
    asyncio.run(FastStream(broker, logger=None).run())


def _told() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    ways = {"faststream": faststream, "faststream-batch": faststream_batch, "bare": bare}
    ways[sys.argv[1]](*sys.argv[2:])
