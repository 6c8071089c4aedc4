"""Settings: flat names in the environment or `.env`, and one TOML file for what has structure.

Each service has a class of its own, made of the parts below: it asks for what it needs, and for no more. In order of
precedence: environment, `.env`, the TOML file. A secret may stand in a file that the name with `_FILE` appended names
(`LIMBAS_PASSWORD_FILE`), as Docker and Kubernetes mount them.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableSource

from shared.redis_address import RedisAddress

CONFIG_FILE: Final = "callmonitor.toml"
"""The TOML file, in the working directory, unless `CALLMONITOR_CONFIG` names another one."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("it is no time zone; write it as Europe/Berlin") from error
    return name


def _redis_url(url: str) -> str:
    RedisAddress.parse(url)
    return url


ZoneName: TypeAlias = Annotated[str, AfterValidator(_zone)]
"""A time zone, as `Europe/Berlin`."""

RedisUrl: TypeAlias = Annotated[str, AfterValidator(_redis_url)]
"""One of the forms that `shared.redis_address` lists."""

_CREDENTIALS: Final = re.compile(r"//[^/\s]*@")
"""User and password in a URL."""

S = TypeVar("S", bound="CommonSettings")


class SettingsError(Exception):
    """A setting is wrong or missing. The text is one sentence that names it and says what to do."""


class CommonSettings(BaseSettings):
    """What every service needs."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, str_strip_whitespace=True, env_ignore_empty=True
    )

    redis_url: RedisUrl = "redis://127.0.0.1:6379/0"
    redis_username: str = ""
    """Empty: Redis' default user, or the one in the URL."""
    redis_password: SecretStr | None = None
    event_stream: Annotated[str, Field(pattern=r"^[^{}\s]+$")] = "callmonitor:events"
    retention_days: Annotated[float, Field(gt=0, le=3650)] = 7
    """How long the event log reaches back."""
    log_format: Literal["auto", "json", "console"] = "auto"
    """`auto`: for reading on a terminal, JSON elsewhere."""
    health_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Where the service answers `/healthz`, `/readyz` and `/metrics`: nobody else's business, unless said otherwise."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0: nowhere."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - ours name their file themselves
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of precedence."""
        if named := os.environ.get("CALLMONITOR_CONFIG"):
            Path(named).stat()  # pydantic-settings passes over a file that is not there; one that is named has to be
        toml = TomlConfigSettingsSource(settings_cls, Path(named or CONFIG_FILE))
        files = _SecretFiles(settings_cls, dotenv_settings, env_settings)
        return init_settings, env_settings, files, dotenv_settings, toml


class LateLinkSettings(CommonSettings):
    """How far back a contact that comes later is linked."""

    late_link_days: Annotated[float, Field(ge=0, le=3650)] = 30
    """Calls that are older stay as they are; 0: all do."""


def load(settings: type[S]) -> S:
    """The settings of a service.

    Raises `SettingsError` at the first wrong or missing one.
    """
    try:
        return settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The configuration file is not valid TOML: {error}.") from None
    except UnreadableSource as error:
        named = re.search(r'field "(\w+)"', str(error))
        name = named[1].upper() if named else "A setting in the environment"
        raise SettingsError(f"{name} is no valid JSON: such things are easier to write in the TOML file.") from None
    except UnicodeDecodeError:
        raise SettingsError("The configuration file, .env or a secret's file is not UTF-8: save it as such.") from None
    except OSError as error:
        raise SettingsError(f"Cannot read {error.filename}: {error.strerror}.") from None


def load_or_exit(settings: type[S]) -> S:
    """As `load`, but a wrong setting ends the process: one sentence on standard error, exit code 2."""
    try:
        return load(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


class _SecretFiles(PydanticBaseSettingsSource):
    """`NAME_FILE` in the environment or in `.env`: the setting `name` is what stands in that file."""

    def __init__(self, settings: type[BaseSettings], *environments: PydanticBaseSettingsSource) -> None:
        """Of two `environments` that name a file the later one wins."""
        super().__init__(settings)
        sources = [source for source in environments if isinstance(source, EnvSettingsSource)]
        self._paths = {name: path for source in sources for name, path in source.env_vars.items()}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's signature
        path = self._paths.get(f"{field_name}_file")
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def _sentence(error: ValidationError) -> str:
    """The first problem, as a sentence for the person at the keyboard."""
    problem = error.errors(include_url=False)[0]
    where = [str(part) for part in problem["loc"]]
    name = where[0].upper() if len(where) == 1 else ".".join(where)
    if problem["type"] == "missing":
        where_to = "in the environment, in .env or in the configuration file"
        return (
            f"{name or 'A setting'} is missing: set it {where_to} (.env.example and callmonitor.example.toml show how)."
        )
    if not where:  # a validator of ours, which speaks for itself
        return problem["msg"].removeprefix("Value error, ")
    found = "" if _may_hold_a_secret(problem, where) else f" is {_short(problem['input'])}, which"
    return f"{name}{found} is wrong: {_uncapitalised(problem['msg'].removeprefix('Value error, '))}."


def _may_hold_a_secret(problem: Mapping[str, Any], where: Sequence[str]) -> bool:
    return isinstance(problem["input"], SecretStr | Mapping) or any(
        word in name.lower() for name in where for word in ("passw", "secret")
    )


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]


def _short(value: object) -> str:
    text = _CREDENTIALS.sub("//…@", repr(value))
    return text if len(text) <= 60 else f"{text[:57]}..."
