"""The names of an event log's keys.

All keys of one log share a hash slot, because the stream's name is their hash tag:

    callmonitor:events                   the stream
    {callmonitor:events}:active          hash: the calls in progress, what is known of them
    {callmonitor:events}:seq:<call id>   the newest `seq` that was published, kept for a day
    {callmonitor:events}:box:<name>      ingest's memory of one box, written in the same step as its events
    {callmonitor:events}:box:<name>:lease    hash: which ingest publishes for a box, and how far it is
    {callmonitor:events}:box:<name>:lines    which lines were published last, for another ingest
    {callmonitor:events}:dead            dead letters: what a consumer gave up on, with the reason
    {callmonitor:events}:quarantine      lines that are not call monitor lines
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of a log's keys."""

    stream: str

    @property
    def active(self) -> str:
        """Hash of the calls in progress."""
        return self._beside("active")

    @property
    def dead(self) -> str:
        """Stream of dead letters."""
        return self._beside("dead")

    @property
    def quarantine(self) -> str:
        """Stream of malformed lines."""
        return self._beside("quarantine")

    def seq(self, call_id: str) -> str:
        """The newest published `seq` of a call."""
        return self._beside(f"seq:{call_id}")

    def box(self, name: str) -> str:
        """What ingest remembers of a box."""
        return self._beside(f"box:{name}")

    def lease(self, box: str) -> str:
        """Which ingest publishes for a box, and how far it is."""
        return self._beside(f"box:{box}:lease")

    def lines(self, box: str) -> str:
        """The latest lines of a box that were published: the position after each, a space, and its identity."""
        return self._beside(f"box:{box}:lines")

    def beside(self, name: str) -> str:
        """A further key in the same hash slot, for one service's own state."""
        return self._beside(name)

    def _beside(self, name: str) -> str:
        return f"{{{self.stream}}}:{name}"
