"""A logger whose long waits are short, so that a test sees many of them. All else is the real service."""

from __future__ import annotations

from services.logger import ledger
from services.logger.__main__ import work
from services.logger.settings import LoggerSettings
from shared import consumer
from shared.limbas import login_guard
from shared.service import run

if __name__ == "__main__":
    login_guard.WAIT_SECONDS = 2.0  # type: ignore[misc] # only time is played with
    consumer.LONGEST_WAIT = 1.0  # type: ignore[misc]
    ledger.HOLD_SECONDS = 4  # type: ignore[misc]
    run("logger", LoggerSettings, work)
