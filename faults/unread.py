"""What was sent over TCP within this machine, and nobody has read yet: the kernel knows. Linux only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_TABLE: Final = Path("/proc/net/tcp")
"""As in `man 5 proc`: after the row's number come both addresses, the state, and both queues, all in hexadecimal."""
_LISTENING: Final = "0A"


def unread(port: int) -> int:
    """Bytes that are on their way over connections from or to a port of this machine, in either direction."""
    rows = [line.split() for line in _TABLE.read_text().splitlines()[1:]]
    return sum(
        int(sent, 16) + int(received, 16)
        for _, here, there, state, queues, *_ in rows
        if state != _LISTENING and port in (_port(here), _port(there))
        for sent, _, received in [queues.partition(":")]
    )


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
