"""The FRITZ!Boxes and where they stand: what turns a local number and a local time into one the world understands."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.settings import CommonSettings


class Place(BaseModel):
    """Where a telephone line is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    """ISO 3166-1, two capital letters."""
    area_code: Annotated[str, Field(pattern=r"^\d{0,7}$")] = ""
    """With or without the leading 0; empty: numbers dialled without one stay unknown."""
    timezone: str = "Europe/Berlin"

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name} is no time zone; write it as Europe/Berlin") from error
        return name


class Box(Place):
    """One FRITZ!Box."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = "fritzbox"
    """Part of every call's id: small letters, digits and hyphens."""
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1012
    extensions: dict[int, str] = Field(default_factory=dict)
    """Names of extensions by their code: `{1 = "Reception", 10 = "Workshop"}`."""


class PlaceSettings(CommonSettings):
    """Where the office is: by flat names for one box, or by `[[boxes]]` in the TOML file."""

    fritzbox_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "DE"
    fritzbox_area_code: Annotated[str, Field(pattern=r"^\d{0,7}$")] = ""
    fritzbox_timezone: str = "Europe/Berlin"
    boxes: tuple[Box, ...] = ()

    def office(self) -> Place:
        """The place that numbers without country and area code belong to: the first box's."""
        if self.boxes:
            return self.boxes[0]
        return Place(country=self.fritzbox_country, area_code=self.fritzbox_area_code, timezone=self.fritzbox_timezone)
