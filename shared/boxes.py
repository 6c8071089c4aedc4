"""The FRITZ!Boxes and where they stand: what turns a local number and a local time into one the world understands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

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
    user: str = ""
    """Of the box, with the right to its telephony, for TR-064. Empty: TR-064 is not used, so the box's phonebook is not
    either."""
    password: SecretStr | None = None
    password_file: Path | None = None
    """Read when it is needed: a service that does not use TR-064 need not be able to."""
    tls: bool = False
    """Use TR-064 over TLS. The certificate is not checked: a box signs its own."""
    tr064_port: Port | None = None
    """None: the one that all boxes have, 49000, or 49443 with TLS."""

    @model_validator(mode="after")
    def _one_password_for_the_user(self) -> Self:
        if self.user and (self.password is None) == (self.password_file is None):
            raise ValueError("a user needs password or password_file, and not both")
        return self


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

    def place_of(self, box: str) -> Place:
        """Where the box of that name is; the office's place when there is none of that name."""
        return next((known for known in self.boxes if known.name == box), self.office())


class BoxSettings(PlaceSettings):
    """The boxes: one by flat names, or any number of them as `[[boxes]]` in the TOML file; the flat names win."""

    fritzbox_host: str | None = None
    fritzbox_name: BoxName = "fritzbox"

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        names = [box.name for box in self.every_box()]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"Two boxes are called {name!r}: give each of the [[boxes]] a name of its own.")
        return self

    def every_box(self) -> tuple[Box, ...]:
        """All boxes there are: those of the TOML file, or else the one of the flat names."""
        if self.boxes or not self.fritzbox_host:
            return self.boxes
        box = Box(
            name=self.fritzbox_name,
            host=self.fritzbox_host,
            country=self.fritzbox_country,
            area_code=self.fritzbox_area_code,
            timezone=self.fritzbox_timezone,
            **self._flat(),
        )
        return (box,)

    def _flat(self) -> dict[str, Any]:
        """What a service knows besides of the box that is set by flat names."""
        return {}


class Tr064Settings(BoxSettings):
    """The boxes, and how to log in to them."""

    fritzbox_user: str = ""
    fritzbox_password: SecretStr | None = None
    fritzbox_tls: bool = False
    fritzbox_tr064_port: Port | None = None

    @model_validator(mode="after")
    def _password_for_the_user(self) -> Self:
        if self.fritzbox_user and not self.fritzbox_password:
            raise ValueError(
                "FRITZBOX_PASSWORD is missing: set it, or FRITZBOX_PASSWORD_FILE, to the password of FRITZBOX_USER; "
                "without FRITZBOX_USER the box's phonebook is not read."
            )
        return self

    def _flat(self) -> dict[str, Any]:
        if not (self.fritzbox_user and self.fritzbox_password):
            return {}
        return {
            "user": self.fritzbox_user,
            "password": self.fritzbox_password,
            "tls": self.fritzbox_tls,
            "tr064_port": self.fritzbox_tr064_port,
        }
