"""What logger needs to know: Limbas, the names of its tables and fields, and how far back contacts are linked."""

from __future__ import annotations

from shared.limbas.settings import LimbasSettings
from shared.settings import LateLinkSettings


class LoggerSettings(LateLinkSettings, LimbasSettings):
    """The settings of logger."""
