"""What stands in the contacts' number fields and is no number: kept for the people who can put it right in Limbas.

    {callmonitor:events}:contacts:problems   list: one JSON document per problem, those of the last sync

The first entry of the list is how many there are: not all of very many are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict

from shared.event_log import EventLog
from shared.numbers import Reason

MOST_KEPT: Final = 5_000
"""Problems. Bounded: a field that holds no numbers at all must not fill the memory."""
LONGEST_TEXT: Final = 200
"""Characters that are kept of what somebody wrote."""


class Problem(BaseModel):
    """A text in a number field that is no number."""

    model_config = ConfigDict(frozen=True)

    table: str
    record_id: int
    field: str
    text: str
    """What stands there: the part of the field that this is about."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems of the last sync."""

    count: int
    """How many there are."""
    kept: Sequence[Problem]
    """The first `MOST_KEPT` of them."""


class ProblemList:
    """The problems of one event log's contacts."""

    def __init__(self, event_log: EventLog) -> None:
        self._redis = event_log.redis
        self._key = event_log.keys.beside("contacts:problems")

    def replace(self, problems: Sequence[Problem], count: int) -> None:
        """Forget the old ones, keep these, in one step. `count`: how many there are, of which these are the first."""
        kept = [
            problem.model_copy(update={"text": problem.text[:LONGEST_TEXT]}).model_dump_json()
            for problem in problems[:MOST_KEPT]
        ]
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(self._key)
        pipe.rpush(self._key, count, *kept)
        pipe.execute()

    def load(self) -> Problems:
        """Those of the last sync; none when there was none yet."""
        stored = cast("Any", self._redis.lrange(self._key, 0, -1))
        if not stored:
            return Problems(0, ())
        return Problems(int(stored[0]), tuple(Problem.model_validate_json(document) for document in stored[1:]))
