"""What of the things that a box's reader delivers is kept, and in which form: decided before anything is written.

Of an ignored call nothing with a number gets past here. Of malformed lines only so many: a box that sends nothing else
must fill neither the disk, nor the quarantine, nor the log.
"""

from __future__ import annotations

import time
from typing import Final, assert_never

import structlog

from services.ingest.box_reader import Received
from services.ingest.framing import Garbage
from services.ingest.ignoring import Ignored, Ignoring, Keep
from services.ingest.metrics import MALFORMED
from services.ingest.spool import Spool
from services.ingest.spool_record import Kind
from services.ingest.wire import LEFT_OUT, Malformed, parse
from shared.boxes import Box

NOT_KEPT: Final = b"(not kept: some numbers are to be ignored)"
"""In place of a malformed line."""
MALFORMED_PER_MINUTE: Final = 60
"""So many are kept. A box that is well sends none."""
MINUTE: Final = 60.0

log = structlog.get_logger()


class Intake:
    """Between the reader of one box and its spool; runs in the reader's thread."""

    def __init__(self, box: Box, ignored: Ignored, spool: Spool) -> None:
        self._box = box
        self._anybody = ignored.anybody
        self._spool = spool
        self._ignoring = Ignoring(ignored, box, spool.ignored)
        self._minute = float("-inf")
        self._malformed = 0

    def deliver(self, received: Received) -> None:
        """Keep what came from the box; waits when far too much is waiting already."""
        raw = received.line
        if isinstance(raw, Garbage):
            self._keep_malformed(received, raw.start, raw.reason)
            return
        message = parse(raw)
        if isinstance(message, Malformed):
            self._keep_malformed(received, raw, message.reason)
            return
        fields = raw.split(b";")
        match self._ignoring.keeps(message):
            case Keep.LINE:
                self._spool.append(Kind.LINE, raw, received.at)
            case Keep.LINE_WITHOUT_NUMBER:
                self._spool.append(Kind.LINE, b";".join((*fields[:4], LEFT_OUT.encode(), b"")), received.at)
            case Keep.IDENTITY:
                self._spool.append(Kind.IGNORED, b";".join(fields[:3]), received.at)
            case keep:
                assert_never(keep)

    def _keep_malformed(self, received: Received, line: bytes, reason: str) -> None:
        if time.monotonic() - self._minute > MINUTE:
            if self._malformed > MALFORMED_PER_MINUTE:
                dropped = self._malformed - MALFORMED_PER_MINUTE
                log.warning("so many malformed lines came that some were not kept", box=self._box.name, count=dropped)
            self._minute, self._malformed = time.monotonic(), 0
        self._malformed += 1
        MALFORMED.labels(self._box.name).inc()
        if self._malformed > MALFORMED_PER_MINUTE:
            return
        log.warning("malformed line put into quarantine", box=self._box.name, reason=reason, length=len(line))
        # It may be what is left of a line of an ignored call, and nobody can tell.
        self._spool.append(Kind.MALFORMED, NOT_KEPT if self._anybody else line, received.at, reason)
