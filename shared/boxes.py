"""The FRITZ!Boxes and where they stand: what turns a local number and a local time into one the world understands."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from shared.settings import CommonSettings, ZoneName

Country: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1, two capital letters."""
AreaCode: TypeAlias = Annotated[str, Field(pattern=r"^\d{0,7}$")]
"""With or without the leading 0; empty: numbers dialled without one stay unknown."""
BoxName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Part of every call's id: small letters, digits and hyphens."""
Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]


class Place(BaseModel):
    """Where a telephone line is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: Country = "DE"
    area_code: AreaCode = ""
    timezone: ZoneName = "Europe/Berlin"


class Box(Place):
    """One FRITZ!Box."""

    name: BoxName = "fritzbox"
    host: Annotated[str, Field(min_length=1)]
    port: Port = 1012
    extensions: dict[int, str] = Field(default_factory=dict)
    """Names of extensions by their code: `{1 = "Reception", 10 = "Workshop"}`."""


class PlaceSettings(CommonSettings):
    """Where the office is: by flat names for one box, or by `[[boxes]]` in the TOML file."""

    fritzbox_country: Country = "DE"
    fritzbox_area_code: AreaCode = ""
    fritzbox_timezone: ZoneName = "Europe/Berlin"
    boxes: tuple[Box, ...] = ()

    def office(self) -> Place:
        """The place that numbers without country and area code belong to: the first box's."""
        if self.boxes:
            return self.boxes[0]
        return Place(country=self.fritzbox_country, area_code=self.fritzbox_area_code, timezone=self.fritzbox_timezone)
