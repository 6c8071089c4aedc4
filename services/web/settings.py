"""What the web service needs to know."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from services.web.origins import origin
from shared.boxes import PlaceSettings
from shared.settings import LateLinkSettings

SHORTEST_SECRET: Final = 32
"""Characters. RFC 7518, 3.2 asks for as many bytes as the hash of the signature has."""


def _origins(value: Any) -> Any:
    """Origins from a list, or from one text with spaces or commas between, as one writes it in the environment."""
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    are_texts = isinstance(words, list) and all(isinstance(word, str) for word in words)
    return frozenset(map(origin, words)) if are_texts else words


class WebSettings(PlaceSettings, LateLinkSettings):
    """Where to listen, and what tokens are signed with. Numbers are shown as people where the office is write them."""

    web_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    web_port: Annotated[int, Field(ge=1, le=65535)] = 8080
    web_workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes. One serves hundreds of browsers; each further one follows the event log by itself."""
    web_secret: SecretStr
    """Signs the tokens. Whoever knows it can see every call."""
    web_heartbeat_seconds: Annotated[float, Field(ge=0.05, le=60)] = 15
    """How long a stream may be silent. Proxies close what is silent for longer than they like: nginx after 60 s."""
    web_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(_origins)] = frozenset()
    """Whose pages besides our own may use the event stream and the API, as `https://limbas.example`: Limbas' own."""
    limbas_links: dict[str, str] = Field(default_factory=dict)
    """How to open a record of a Limbas table, `{id}` standing for the record: in the TOML file

        [limbas_links]
        KUNDEN = "https://limbas.example/main.php?action=gtab_change&gtabid=4&ID={id}"
    """

    @field_validator("web_secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"it has fewer than {SHORTEST_SECRET} characters; `openssl rand -hex 32` makes a good one")
        return secret

    @field_validator("limbas_links")
    @classmethod
    def _are_links(cls, links: dict[str, str]) -> dict[str, str]:
        for table, link in links.items():
            if not link.startswith(("https://", "http://")) or "{id}" not in link:
                raise ValueError(f"the link for {table} has to start with https:// and to contain {{id}}")
        return links
