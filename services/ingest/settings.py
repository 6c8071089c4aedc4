"""What ingest needs to know: the boxes, and what to do with some numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from services.ingest.ignoring import Ignored
from shared.boxes import BoxSettings, Port
from shared.settings import CommonSettings


class SpoolSettings(CommonSettings):
    """Where the spools are."""

    spool_dir: Path = Path("spool")
    """Where is kept what Redis has not taken yet. Holds phone numbers; nobody else may read it."""


class IngestSettings(SpoolSettings, BoxSettings):
    """The boxes, the port of the call monitor, and the numbers that are something special."""

    fritzbox_port: Port = 1012
    ignore: Ignored = Ignored()
    """Calls that are neither shown nor recorded."""
    own_numbers: dict[str, str] = Field(default_factory=dict)
    """Names of the office's own numbers: `{"4710100" = "Hotline"}`."""

    @model_validator(mode="after")
    def _some_box(self) -> Self:
        if not self.every_box():
            raise ValueError(
                "FRITZBOX_HOST is missing: set it in the environment or in .env to your FRITZ!Box's name or address "
                "(mostly fritz.box), or list [[boxes]] in the configuration file."
            )
        return self

    def _flat(self) -> dict[str, Any]:
        return {"port": self.fritzbox_port}
