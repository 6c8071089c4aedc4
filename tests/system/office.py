"""A whole office: the simulators, a Valkey, and the five services as processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from services.web.rights import EVERYTHING
from services.web.tokens import mint
from simulators.fritzbox.server import FritzBoxSimulator
from simulators.limbas.server import LimbasSimulator
from tests.valkey import Valkey, free_port

SECRET = "a secret that only tests know, and 32 or longer"
SERVICES = ("ingest", "jobs", "matcher", "logger", "web")


class Office:
    """Everything there is. What a test has not started does not run."""

    def __init__(self, folder: Path, valkey: Valkey | None = None, **settings: str) -> None:
        """Without a `valkey` it has one that lets everybody do everything. `settings`: more, for all services."""
        self.box = FritzBoxSimulator(port=free_port())
        self.limbas = LimbasSimulator(port=free_port())
        self.valkey = valkey or Valkey()
        self.web_port = free_port()
        self.token = mint(SECRET, user="tester", seconds=3600, rights=EVERYTHING)
        self._folder = folder
        self.logins: dict[str, dict[str, str]] = {}
        """Of each service, and of the command line (`operator`): further settings."""
        self._services: dict[str, list[subprocess.Popen[bytes]]] = {}
        self._environment = os.environ | {
            "CALLMONITOR_CONFIG": os.devnull,
            "FRITZBOX_HOST": "127.0.0.1",
            "FRITZBOX_PORT": str(self.box.port),
            "FRITZBOX_NAME": "office",
            "FRITZBOX_AREA_CODE": "06221",
            "LIMBAS_URL": self.limbas.url,
            "LIMBAS_USER": "callmonitor",
            "LIMBAS_PASSWORD": "callmonitor",
            "LIMBAS_TIMEOUT": "5",
            "REDIS_URL": self.valkey.url,
            "SPOOL_DIR": str(folder / "spool"),
            "WEB_PORT": str(self.web_port),
            "WEB_SECRET": SECRET,
            **settings,
        }

    def start(self, service: str, *, workers: int = 1) -> None:
        """Start so many processes of a service."""
        for _ in range(workers):
            log = (self._folder / f"{service}.log").open("ab")
            with log:
                process = subprocess.Popen(
                    [sys.executable, "-m", f"services.{service}"],
                    env=self._environment | self.logins.get(service, {}),
                    stderr=log,
                    stdout=log,
                )
            self._services.setdefault(service, []).append(process)

    def callmonitor(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as a person does, in English."""
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self._environment | self.logins.get("operator", {}) | {"LANG": "en_GB.UTF-8", "LANGUAGE": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def new_contact(self, **fields: str) -> int:
        """Somebody makes a record in Limbas. Returns its id."""
        address = f"{self.limbas.url}/_simulator/records/KUNDEN"
        return int(requests.post(address, json=fields, timeout=5).json()["id"])

    def configure(self, toml: str) -> None:
        """Write the configuration file, for the services that are started from now on."""
        file = self._folder / "callmonitor.toml"
        file.write_text(toml)
        self._environment["CALLMONITOR_CONFIG"] = str(file)

    def kill(self, service: str) -> None:
        """`kill -9`."""
        for process in self._services.pop(service):
            process.kill()
            process.wait()

    def stop(self) -> dict[str, list[int]]:
        """SIGTERM to all; their exit codes. Fails when one needs more than 5 s."""
        processes = self._services
        for process in (one for several in processes.values() for one in several):
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 5
        codes = {
            name: [process.wait(max(0.01, until - time.monotonic())) for process in several]
            for name, several in processes.items()
        }
        self._services = {}
        return codes

    def close(self) -> None:
        """End everything, whatever state it is in. A test that fails shows what the services had to say."""
        for service in list(self._services):
            self.kill(service)
        self.valkey.stop()
        for log in sorted(self._folder.glob("*.log")):
            sys.stdout.write(f"--- {log.name}\n{log.read_text()}")

    def says(self, line: str) -> None:
        """The box writes a line, with the time it has now."""
        now = datetime.now(ZoneInfo("Europe/Berlin"))
        self.box.send(f"{now:%d.%m.%y %H:%M:%S};{line}")

    def records(self) -> dict[str, dict[str, Any]]:
        """The calls in Limbas by their other side's number; fails when a call has two records."""
        rows = requests.get(f"{self.limbas.url}/_simulator/records/ANRUFE", timeout=5).json()
        found = {row["fields"]["RUFNUMMER"]: row["fields"] | row["links"] for row in rows}
        assert len(found) == len(rows) == len({row["fields"]["CALLID"] for row in rows}), "a call has two records"
        return found

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The records of a table in Limbas, with their ids."""
        rows = requests.get(f"{self.limbas.url}/_simulator/records/{table}", timeout=5).json()
        return [row["fields"] | {"ID": row["id"]} for row in rows]

    def log_of(self, service: str) -> str:
        """What a service wrote on its standard error."""
        return (self._folder / f"{service}.log").read_text()
