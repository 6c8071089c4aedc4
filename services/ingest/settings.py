"""What ingest needs to know: the boxes."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from shared.boxes import Box, BoxName, PlaceSettings, Port


class IngestSettings(PlaceSettings):
    """One box by flat names, or any number of them as `[[boxes]]` in the TOML file; then these count."""

    fritzbox_host: str | None = None
    fritzbox_port: Port = 1012
    fritzbox_name: BoxName = "fritzbox"

    @model_validator(mode="after")
    def _some_box_and_each_name_once(self) -> Self:
        names = [box.name for box in self.every_box()]
        if not names:
            raise ValueError(
                "FRITZBOX_HOST is missing: set it in the environment or in .env to your FRITZ!Box's name or address "
                "(mostly fritz.box), or list [[boxes]] in the configuration file."
            )
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"Two boxes are called {name!r}: give each of the [[boxes]] a name of its own.")
        return self

    def every_box(self) -> tuple[Box, ...]:
        """The boxes to read."""
        if self.boxes or not self.fritzbox_host:
            return self.boxes
        return (
            Box(
                name=self.fritzbox_name,
                host=self.fritzbox_host,
                port=self.fritzbox_port,
                country=self.fritzbox_country,
                area_code=self.fritzbox_area_code,
                timezone=self.fritzbox_timezone,
            ),
        )
