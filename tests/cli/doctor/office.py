"""An office in which all is well, for tests that break just one thing in it and ask the doctor."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import structlog
from click.testing import CliRunner, Result
from redis import Redis

from cli.main import callmonitor
from shared.redis_client import connect
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.fritzbox.tr064 import interface
from simulators.fritzbox.tr064.interface import Tr064Interface
from simulators.limbas import business
from simulators.limbas.endpoint import Options
from simulators.limbas.server import PASSWORD, LimbasSimulator
from simulators.limbas.tables import Field, with_field
from tests.valkey import Valkey

HEALTHY_REDIS = {"appendonly": "yes", "maxmemory": "0", "maxmemory-policy": "noeviction", "requirepass": ""}


class Seen(NamedTuple):
    """A finding, without its words."""

    check: str
    outcome: str
    status: str


@dataclass
class Office:
    """Real servers, and the environment that leads to them."""

    redis: Redis
    box: FritzBoxSimulator
    tr064: Tr064Interface
    limbas: LimbasSimulator
    environment: dict[str, str] = field(default_factory=dict)

    def field_is(self, name: str, /, **changes: Any) -> None:
        """Change a field of the calls table."""
        calls = self.limbas.store.tables.named("ANRUFE")
        assert calls
        before = calls.named(name)
        assert before
        changed: Field = replace(before, **changes)
        self.limbas.store.tables = self.limbas.store.tables.with_table(with_field(calls, changed))


@contextmanager
def healthy_office(valkey: Valkey, options: Options | None = None) -> Iterator[Office]:
    """All that there is, as `docs/` asks for it."""
    with (
        connect(valkey.url) as redis,
        FritzBoxSimulator() as box,
        Tr064Interface() as tr064,
        LimbasSimulator(store=business.store(), options=options) as limbas,
    ):
        environment = {
            "REDIS_URL": valkey.url,
            "FRITZBOX_HOST": box.host,
            "FRITZBOX_PORT": str(box.port),
            "FRITZBOX_NAME": "office",
            "FRITZBOX_USER": interface.USERS[0].name,
            "FRITZBOX_PASSWORD": interface.PASSWORD,
            "FRITZBOX_TR064_PORT": str(tr064.port),
            "LIMBAS_URL": limbas.url,
            "LIMBAS_USER": "callmonitor",
            "LIMBAS_PASSWORD": PASSWORD,
            "WEB_SECRET": secrets.token_hex(32),
        }
        try:
            yield Office(redis, box, tr064, limbas, environment)
        finally:
            for name, value in HEALTHY_REDIS.items():
                redis.config_set(name, value)


def ask(environment: dict[str, str], *arguments: str) -> Result:
    """What the doctor prints."""
    before = structlog.get_config()
    try:
        return CliRunner().invoke(callmonitor, ["doctor", *arguments], env=environment)
    finally:
        structlog.configure(**before)


def examined(environment: dict[str, str]) -> tuple[int, list[Seen]]:
    """The doctor's exit code and findings."""
    result = ask(environment, "--json")
    document = json.loads(result.output)
    assert document["exit_code"] == result.exit_code
    return result.exit_code, [Seen(each["check"], each["outcome"], each["status"]) for each in document["findings"]]
