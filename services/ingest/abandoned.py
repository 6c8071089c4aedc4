"""The calls in progress of boxes that nobody reads any more: renamed, or taken out of the settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from threading import Event as StopSignal
from typing import Final, cast

import structlog
from redis.exceptions import RedisError

from services.ingest.ages import Ages
from services.ingest.call_life import CallLife, Memory
from services.ingest.lease import calls_by_box
from shared.boxes import Box
from shared.event_log import EventLog

CHECK_SECONDS: Final = 30.0

log = structlog.get_logger()


class Abandoned:
    """Ends such calls as lost, when they are as old as any call that the box forgot."""

    def __init__(
        self,
        event_log: EventLog,
        served: Collection[str],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`served`: the names of the boxes that this ingest reads."""
        self._log = event_log
        self._served = served
        self._now = now
        self._ages: dict[str, Ages] = {}
        self._beats: dict[str, bytes | None] = {}

    def run(self, stop: StopSignal) -> None:
        """Look after them until `stop` is set."""
        while not stop.wait(CHECK_SECONDS):
            try:
                self.check()
            except RedisError as error:  # the publishers wait for Redis, and say so
                log.debug("abandoned calls are left for later", error=str(error))

    def check(self) -> None:
        """End what is too old. A box whose lease was renewed since the last time belongs to another ingest."""
        active = cast("dict[bytes, bytes]", self._log.redis.hgetall(self._log.keys.active))
        boxes = {name: calls for name, calls in calls_by_box(active).items() if name not in self._served}
        beats = {name: self._beat(name) for name in boxes}
        for name, calls in boxes.items():
            if name not in self._beats or beats[name] != self._beats[name]:
                continue
            ages = self._ages.setdefault(name, Ages())
            ages.see(calls, self._now(), time.monotonic())
            memory = self._log.memory_of(name) or Memory().dump()
            life = CallLife(Box(name=name, host="-"), calls, Memory.model_validate_json(memory))
            if events := life.expire(ages.over(time.monotonic()), self._now()):
                log.info("calls ended of a box that nobody reads any more", box=name, count=len(events))
                for event in self._log.publish_lines(name, [(events, memory)]):
                    log.info(event.type.replace(".", " "), call=event.call_id, box=name)
        self._beats = beats

    def _beat(self, box: str) -> bytes | None:
        return cast("bytes | None", self._log.redis.hget(self._log.keys.lease(box), "beat"))
