"""`python -m tests.shared.frozen_worker URL`: a worker that freezes in the middle of one call, as a laptop does."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from shared.consumer import Consumer, Done, Entry, Rejected
from shared.event_log import EventLog
from shared.events import ContactResolved
from shared.redis_client import connect
from shared.service import set_by

FROZEN_CALL = "freezes"


def freeze(entries: Sequence[Entry]) -> list[Done | Rejected]:
    """Handles an event of that call with a stop in between: until somebody says SIGCONT."""
    calls = [entry for entry in entries if entry.event.type == "call.ringing"]
    if any(entry.event.call_id == FROZEN_CALL for entry in calls):
        os.kill(os.getpid(), signal.SIGSTOP)
    found: list[Done | Rejected] = [Done(entry) for entry in entries if entry not in calls]
    return found + [Done(entry, [ContactResolved(call_id=entry.event.call_id)]) for entry in calls]


if __name__ == "__main__":
    log = EventLog(connect(sys.argv[1]), "callmonitor:events", 3600)
    Consumer(log, "matcher", "sleeper", freeze, take_over_seconds=0.5).run(set_by(signal.SIGTERM))
