"""What the demo itself wants to know. Everything else goes through to the services as it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.boxes import Box
from shared.settings import CommonSettings


class DemoSettings(CommonSettings):
    """Which parts are real, and how the simulated ones behave."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Of the page; 0: a free one."""
    seed: int = 1
    """Of the simulated office: the same seed, the same calls."""
    fritzbox_host: str | None = None
    boxes: tuple[Box, ...] = ()
    limbas_url: str | None = None

    @property
    def simulates_box(self) -> bool:
        """Whether no real FRITZ!Box is set."""
        return not (self.fritzbox_host or self.boxes)

    @property
    def simulates_limbas(self) -> bool:
        """Whether no real Limbas is set."""
        return not self.limbas_url
