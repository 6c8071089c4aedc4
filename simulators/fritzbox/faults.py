"""What goes wrong on the way: when and how, from a seed. Pure: `player` and `server` do it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

FLOOD_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Drop:
    """All connections end, by a reset, as when the box restarts, or in order."""

    reset: bool


@dataclass(frozen=True, slots=True)
class GoHalfOpen:
    """All connections stay, but nothing comes over them any more."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no call monitor line. They end with a line end, so that the next line is whole."""

    data: bytes


Fault = Drop | GoHalfOpen | Garbage


@dataclass(frozen=True, slots=True)
class FaultRates:
    """Seconds from one fault of a kind to the next, on average; None: never."""

    drop: float | None = None
    half_open: float | None = None
    garbage: float | None = None
    flood: float | None = None


def fault_schedule(seed: int, rates: FaultRates) -> Iterator[tuple[float, Fault]]:
    """Endless, in order of time, unless there are no faults at all."""
    kinds: tuple[tuple[float | None, Callable[[Random], Fault]], ...] = (
        (rates.drop, lambda chance: Drop(reset=chance.random() < 0.5)),
        (rates.half_open, lambda _: GoHalfOpen()),
        (rates.garbage, garbage),
        (rates.flood, flood),
    )
    # Each kind has its own chances, so that a further kind does not move the others.
    schedules = [
        _every(seconds, make, Random(f"{seed} {number}"))  # noqa: S311 - play, not secrets
        for number, (seconds, make) in enumerate(kinds)
        if seconds
    ]
    return heapq.merge(*schedules, key=lambda scheduled: scheduled[0])


def garbage(chance: Random) -> Garbage:
    """One malformed line."""
    return Garbage(chance.choice(_MALFORMED)(chance) + b"\r\n")


def flood(chance: Random) -> Garbage:
    """One line that is a million bytes long."""
    return Garbage(chance.randbytes(1000).replace(b"\n", b" ") * (FLOOD_BYTES // 1000) + b"\r\n")


class Chunker:
    """Cuts and glues a stream of bytes anew, as a network may."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._held = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The chunks that go out now. The end may be held back, to be glued to what comes next."""
        stream, self._held, chunks = self._held + data, b"", []
        while stream:
            length = self._chance.choice((1, 2, 7, 20, 60, 400))
            if length >= len(stream) and self._chance.random() < 0.5:
                self._held = stream
                break
            chunks.append(stream[:length])
            stream = stream[length:]
        return chunks

    def flush(self) -> list[bytes]:
        """What was held back."""
        held, self._held = self._held, b""
        return [held] if held else []


def _every(seconds: float, make: Callable[[Random], Fault], chance: Random) -> Iterator[tuple[float, Fault]]:
    at = 0.0
    while True:
        at += chance.expovariate(1 / seconds)
        yield at, make(chance)


_MALFORMED: Final[tuple[Callable[[Random], bytes], ...]] = (
    lambda chance: chance.randbytes(chance.randint(1, 80)).replace(b"\n", b"").replace(b"\r", b""),
    lambda chance: b"x" * chance.randint(501, 5000),
    lambda _: b"HTTP/1.1 400 Bad Request",
    lambda _: b"12.10.26 09:00:00;RING;0;0302312",
    lambda _: b"12.10.26 09:00:00;HOLD;0;10;",
    lambda _: b"12.10.26 09:00:00;DISCONNECT;zero;0;",
    lambda _: b"12.10.26 09:00:00;RING;0;\x00\x1b[2J;4710100;SIP0;",
    lambda _: b";;;;;;",
)
