"""What jobs needs to know: Limbas, the boxes for their phonebooks, and how often contacts are read."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.boxes import Tr064Settings
from shared.limbas.settings import LimbasSettings
from shared.redis_address import EXAMPLE, RedisAddress
from shared.settings import CommonSettings, LateLinkSettings, RedisUrl


class QueueSettings(CommonSettings):
    """Where the queue is."""

    queue_redis_url: RedisUrl | Literal[""] = ""
    """Empty: where the event log is. RQ's keys are in many hash slots, so with a cluster the queue is elsewhere."""

    @model_validator(mode="after")
    def _not_in_a_cluster(self) -> Self:
        if RedisAddress.parse(self.queue_redis_url or self.redis_url).kind == "cluster":
            found = "names a cluster" if self.queue_redis_url else "is missing, and REDIS_URL names a cluster"
            raise ValueError(f"QUEUE_REDIS_URL {found}: RQ's queue needs a Redis of its own; name it, as {EXAMPLE}.")
        return self


class JobsSettings(QueueSettings, Tr064Settings, LateLinkSettings, LimbasSettings):
    """The settings of jobs."""

    contacts_sync_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 10
    """From one reading of the contacts to the next."""
