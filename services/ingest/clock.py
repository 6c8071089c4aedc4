"""The box's local time, and what becomes of it: an instant with an offset."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.events import Clock

FARTHEST: Final = timedelta(days=1)
"""A box's clock may be wrong by minutes, or by hours of a time zone. What is farther off was never set."""
NEAR: Final = timedelta(minutes=10)
"""Where one local time means two instants, they are half an hour apart at least: one so near is the nearer one."""


def instant(stamp: datetime | None, zone: ZoneInfo, received_at: datetime) -> tuple[datetime, Clock]:
    """When a line was written, with the offset of `zone`, and whose clock says so. `received_at` is in UTC.

    Where the clocks went back, one local time means two instants: the one nearer to `received_at` is meant.
    """
    if stamp is not None:
        # Compared with UTC: Python compares two times of one zone by their wall clocks, and ignores the fold.
        reading = stamp.replace(tzinfo=zone)
        if abs(reading - received_at) <= NEAR:
            return reading, Clock.BOX
        readings = (reading, reading.replace(fold=1))
        distances = [abs(reading - received_at) for reading in readings]
        nearest = min(distances)
        if nearest <= FARTHEST:
            return readings[distances.index(nearest)], Clock.BOX
    return received_at.astimezone(zone).replace(microsecond=0), Clock.RECEIPT
