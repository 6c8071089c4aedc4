"""What jobs needs to know: Limbas, the boxes for their phonebooks, and how often contacts are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.boxes import Tr064Settings
from shared.limbas.settings import LimbasSettings
from shared.settings import LateLinkSettings


class JobsSettings(Tr064Settings, LateLinkSettings, LimbasSettings):
    """The settings of jobs."""

    contacts_sync_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 10
    """From one reading of the contacts to the next."""
