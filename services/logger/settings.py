"""What logger needs to know: Limbas, and the names of its tables and fields."""

from __future__ import annotations

from shared.limbas.settings import LimbasSettings


class LoggerSettings(LimbasSettings):
    """The settings of logger."""
