"""What ingest needs to know: the boxes."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from shared.boxes import BoxSettings, Port


class IngestSettings(BoxSettings):
    """The boxes, and the port of the call monitor."""

    fritzbox_port: Port = 1012

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
