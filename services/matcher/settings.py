"""What matcher needs to know: Limbas, for its contacts, and where the office is, for numbers without an area code."""

from __future__ import annotations

from shared.boxes import PlaceSettings
from shared.limbas.settings import LimbasSettings


class MatcherSettings(PlaceSettings, LimbasSettings):
    """The settings of matcher."""
