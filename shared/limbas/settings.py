"""The settings for Limbas: how to get there, and what its tables and fields are called.

The defaults fit the tables that people are shown how to make in Limbas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from shared.events import Call, Direction, Outcome, State
from shared.limbas.template import Template
from shared.settings import CommonSettings, ZoneName

PAGE: Final = "main_soap.php"


class _Section(BaseModel):
    """A section of the TOML file. A name that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class CallFields(_Section):
    """The fields of the calls table. An empty name: that field is not filled."""

    call_id: Annotated[str, Field(min_length=1)] = "CALLID"
    """Text, 64 characters. Finds a call's record again; should be marked unique in Limbas."""
    direction: str = "RICHTUNG"
    remote_number: str = "RUFNUMMER"
    own_number: str = "EIGENE_NUMMER"
    extension: str = "NEBENSTELLE"
    started: str = "BEGINN"
    connected: str = "VERBUNDEN"
    ended: str = "ENDE"
    duration: str = "DAUER"
    """In seconds."""
    status: str = "STATUS"
    contact_name: str = "KONTAKT_NAME"


class CallSpellings(_Section):
    """How directions and states are written in Limbas."""

    inbound: str = "inbound"
    outbound: str = "outbound"
    ringing: str = "ringing"
    dialing: str = "dialing"
    connected: str = "connected"
    answered: str = "answered"
    missed: str = "missed"
    voicemail: str = "voicemail"
    not_reached: str = "not reached"
    lost: str = "lost"

    def direction(self, direction: Direction | None) -> str:
        """The spelling of a direction; empty when nobody knows it."""
        return getattr(self, direction.value) if direction else ""

    def status(self, call: Call) -> str:
        """The spelling of a call's outcome once it has ended, of its state before that."""
        if call.state is State.ENDED:
            outcome = call.outcome or Outcome.LOST
            return str(getattr(self, outcome.value.replace(" ", "_")))
        return str(getattr(self, call.state.value))


class CallsTable(_Section):
    """The table that gets one record per call."""

    table: Annotated[str, Field(min_length=1)] = "ANRUFE"
    fields: CallFields = CallFields()
    values: CallSpellings = CallSpellings()


class ContactsTable(_Section):
    """A table of people or companies with their numbers."""

    table: Annotated[str, Field(min_length=1)]
    relation: str = ""
    """The field of the calls table that links to this one; empty: calls are not linked to it."""
    numbers: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """The fields that hold numbers, the one to prefer first."""
    name: Template
    company: Template = Template("")

    @field_validator("name")
    @classmethod
    def _names_a_field(cls, name: Template) -> Template:
        if not name.fields:
            raise ValueError("it names no field; write it as {VORNAME} {NAME}")
        return name

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that are read of this table, each once."""
        return tuple(dict.fromkeys([*self.numbers, *self.name.fields, *self.company.fields]))


CUSTOMERS: Final = ContactsTable(
    table="KUNDEN",
    relation="KUNDE",
    numbers=("TELEFON", "MOBIL"),
    name=Template("{VORNAME} {NAME}"),
    company=Template("{FIRMA}"),
)


def _base_url(url: str) -> str:
    """The address of the folder that Limbas is in, ending in `/`."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("it must be the address of Limbas, as https://limbas.example/")
    if parts.username or parts.password:
        raise ValueError("name and password go into LIMBAS_USER and LIMBAS_PASSWORD")
    if parts.query or parts.fragment:
        raise ValueError("it must end before the ? or #")
    return f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix(PAGE).rstrip('/')}/"


def _user(name: str) -> str:
    # Limbas cuts names at 30 characters and doubles quotes before it looks them up: such a user can never log in.
    if len(name) > 30 or set(name) & set("':"):
        raise ValueError("a user with more than 30 characters, or with ' or :, cannot log in to Limbas")
    return name


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


class LimbasSettings(CommonSettings):
    """What a service needs that talks to Limbas."""

    limbas_url: Annotated[str, AfterValidator(_base_url)]
    """With or without `main_soap.php` at the end."""
    limbas_user: Annotated[str, Field(min_length=1), AfterValidator(_user)]
    limbas_password: Annotated[SecretStr, Field(min_length=1)]
    limbas_ca_file: Annotated[Path, AfterValidator(_file)] | None = None
    """The certificates to trust, as PEM, in place of the usual ones."""
    limbas_timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds for one answer."""
    limbas_soap_base64: bool = False
    """As the Limbas setting `soap_base64`."""
    limbas_timezone: ZoneName = "Europe/Berlin"
    """The zone in which times stand in Limbas, which stores none with them."""
    calls: CallsTable = CallsTable()
    contacts: Annotated[tuple[ContactsTable, ...], Field(min_length=1)] = (CUSTOMERS,)

    @property
    def soap_address(self) -> str:
        """Where `runlmb` answers."""
        return self.limbas_url + PAGE

    @model_validator(mode="after")
    def _one_relation_each(self) -> Self:
        relations = [contacts.relation.upper() for contacts in self.contacts if contacts.relation]
        if len(set(relations)) < len(relations):
            raise ValueError("Each of the [[contacts]] needs a relation field of its own in the calls table.")
        return self
