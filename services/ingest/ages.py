"""How long the open calls have been as they are, whatever happens to the machine's clock. Pure: the clocks come in.

A machine that starts without the right time sets its clock by hours later on. No call that is going on may end by that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.events import Call, State

LONGEST_UNANSWERED: Final = timedelta(minutes=15)
LONGEST_CALL: Final = timedelta(hours=24)
"""An open call that is older has ended while nobody listened: the box went down, or we did."""


class Ages:
    """The ages of some calls, each counted from its latest line."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, int], float] = {}
        """When each version of a call is too old, in monotonic seconds."""

    def see(self, calls: Iterable[Call], now: datetime, monotonic: float) -> None:
        """These calls are open, and no others. To be told soon after each change: `now` counts for what is new."""
        ends = {}
        for call in calls:
            limit = LONGEST_CALL if call.state is State.CONNECTED else LONGEST_UNANSWERED
            left = limit - max(timedelta(0), now - call.received_at)
            ends[call.id, call.seq] = self._ends.get((call.id, call.seq), monotonic + left.total_seconds())
        self._ends = ends

    def over(self, monotonic: float) -> set[str]:
        """The ids of the calls that cannot still be going on."""
        return {call_id for (call_id, _), end in self._ends.items() if monotonic > end}
