"""Says to everyone whether calls get into Limbas."""

from __future__ import annotations

from collections.abc import Callable

from shared.consumer import Unavailable
from shared.event_log import EventLog
from shared.limbas.errors import LoginRefused
from shared.limbas_state import LimbasState, tell


def teller(event_log: EventLog) -> Callable[[Unavailable | None], None]:
    """What a consumer calls when its handler cannot work, and when it can."""

    def on_wait(problem: Unavailable | None) -> None:
        refused = problem is not None and isinstance(problem.__cause__, LoginRefused)
        away = LimbasState.LOGIN_REFUSED if refused else LimbasState.AWAY
        tell(event_log, away if problem else LimbasState.FINE)

    return on_wait
