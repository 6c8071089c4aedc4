"""The box's local time, and what becomes of it: an instant with an offset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.events import Clock

FARTHEST: Final = timedelta(days=1)
"""A box's clock may be wrong by minutes, or by hours of a time zone. What is farther off was never set."""


def instant(stamp: datetime | None, zone: ZoneInfo, received_at: datetime) -> tuple[datetime, Clock]:
    """When a line was written, with the offset of `zone`, and whose clock says so.

    Where the clocks went back, one local time means two instants: the one nearer to `received_at` is meant.
    """
    if stamp is not None:
        readings = (stamp.replace(tzinfo=zone, fold=0), stamp.replace(tzinfo=zone, fold=1))
        # Compared in UTC: Python compares two times of one zone by their wall clocks, and ignores the fold.
        distances = [abs(reading.astimezone(UTC) - received_at) for reading in readings]
        nearest = min(distances)
        if nearest <= FARTHEST:
            return readings[distances.index(nearest)], Clock.BOX
    return received_at.astimezone(zone).replace(microsecond=0), Clock.RECEIPT
