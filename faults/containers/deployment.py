"""The whole system in containers, as docker-compose.yml has it, with the simulators: `--profile demo`."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import requests

from faults.announced import Said
from faults.browser import HERE, Browser
from faults.callers import IGNORED
from faults.checker import Evidence
from faults.containers.answers import Asked, Container, containers, deaths, lines_heard, port, texts, unasked
from faults.containers.engine import DockerFailed, Engine
from faults.containers.wounds import BOX, INGESTS, LIMBAS
from faults.event import Event, parse_id
from faults.invitation import EVERYTHING, Invitation
from faults.office import STREAM, a_port

PATIENCE: Final = 240.0
"""Seconds until everything is well again. An ingest finds a connection that is no more within 90 s."""
_CONTROL_PORT: Final = 11013
_LIMBAS_PORT: Final = 8088
_METRICS: Final = """
from urllib.request import urlopen
print(urlopen("http://127.0.0.1:8081/metrics", timeout=5).read().decode())
"""
_EVENTS: Final = f"""
import json, os, redis
login = [open(os.environ["REDIS_" + what + "_FILE"]).read().strip() for what in ("USERNAME", "PASSWORD")]
log = redis.Redis.from_url(os.environ["REDIS_URL"], username=login[0], password=login[1])
for at, fields in log.xrange({STREAM!r}): print(json.dumps([at.decode(), json.loads(fields[b"event"])]))
"""
"""With web's login, which may read the event log."""


class Deployment:
    """Up for as long as its `with` block lasts. May be used from several threads."""

    def __init__(self, folder: Path, seed: int) -> None:
        """`folder`: for settings, logs, and what the engine says."""
        self.web_port = a_port()
        self.asked: list[Asked] = []
        """What was made to end, and may."""
        self._folder = folder
        self._following: list[subprocess.Popen[bytes]] = []
        settings = folder / "callmonitor.toml"
        settings.write_text(f'[ignore]\nnumbers = ["{IGNORED}"]\n')
        folder.chmod(0o755)  # the containers' user reads it
        self.engine = Engine(
            f"callmonitor-faults-{self.web_port}",  # what runs for real on this machine has nothing to do with this
            {
                "CALLMONITOR_CONFIG": str(settings),
                "FRITZBOX_AREA_CODE": "0221",
                "FRITZBOX_NAME": "office",
                "LIMBAS_TIMEOUT": "3",
                "SEED": str(seed),
                "WEB_HEARTBEAT_SECONDS": "1",
                "WEB_PORT": str(self.web_port),
            },
        )

    def __enter__(self) -> Self:
        """Build and start everything, and wait until it is healthy. Raises `DockerFailed`."""
        try:
            self.engine.compose("up", "--detach", "--build", "--wait", "--scale", f"ingest={INGESTS}")
            label = f"label=com.docker.compose.project={self.engine.project}"
            events = ["docker", "events", "--filter", label, "--filter", "event=die", "--format", "{{json .}}"]
            self._following += [
                self.engine.follow(events, self._folder / "deaths.txt"),
                self.engine.follow(self.engine.compose_command("logs", "--follow"), self._folder / "containers.log"),
            ]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Remove everything: containers, networks, volumes."""
        try:
            self.engine.compose("down", "--volumes", "--remove-orphans", "--timeout", "1")
        finally:
            for process in self._following:
                process.terminate()
                process.wait()

    def token(self, user: str, invitation: Invitation | None) -> str:
        """As somebody who runs the system gets one. Without an invitation: one that is signed with another secret."""
        claims = (invitation or EVERYTHING).claims()
        options = [f"--user={user}", f"--calls={claims['calls']}"]
        options += [f"--own-number={number}" for number in claims["own_numbers"]]
        options += [f"--extension={code}" for code in claims["extensions"]]
        token = self.engine.compose("exec", "-T", "web", "callmonitor", "token", *options).strip()
        return token if invitation else f"{token.rpartition('.')[0]}.{secrets.token_urlsafe(32)}"

    def containers(self, service: str = "") -> list[Container]:
        """A service's, or all, in the order of their names."""
        answer = self.engine.compose("ps", "--all", "--format", "json", *filter(None, [service]))
        return sorted(containers(answer), key=lambda container: container.name)

    def box(self, path: str) -> str:
        """The address of the simulated box's control."""
        return f"http://{HERE}:{port(self.engine.compose('port', BOX, str(_CONTROL_PORT)))}{path}"

    def sent(self) -> list[dict[str, Any]]:
        """What the box said: `{"at": …, "line": …, "clients": …}`."""
        answer: dict[str, list[dict[str, Any]]] = requests.get(self.box("/sent"), timeout=30).json()
        return answer["lines"]

    def both_listen(self) -> bool:
        """Wait until each ingest is told what the box says. Returns whether it is: not if that takes far too long.

        Somebody has to be calling. An ingest itself does not know: its connection may be half-open.
        """
        until, before = time.monotonic() + PATIENCE, dict[str, float]()
        while time.monotonic() < until:
            heard = {each.name: lines for each in self.containers("ingest") for lines in self._heard(each.name)}
            before = {name: min(lines, before.get(name, lines)) for name, lines in heard.items()}
            if len(heard) == INGESTS and all(lines > before[name] for name, lines in heard.items()):
                return True
            time.sleep(0.5)
        return False

    def wait_until_well(self) -> None:
        """Until every container is healthy. Raises `TimeoutError`."""
        until = time.monotonic() + PATIENCE
        while ill := [each.name for each in self.containers() if each.service != "prepare" and not each.well]:
            if time.monotonic() > until:
                raise TimeoutError(f"after {PATIENCE:g} s not healthy: {', '.join(ill)}")
            time.sleep(1.0)

    def died(self) -> list[str]:
        """The containers that ended though nobody asked them to, or not as they should."""
        return unasked(deaths((self._folder / "deaths.txt").read_text()), self.asked)

    def evidence(self, browsers: Sequence[Browser]) -> Evidence:
        """Everything as it is now."""
        events = self.engine.compose("exec", "-T", "web", "python", "-c", _EVENTS)
        followed = {file.name: file.read_text(errors="replace") for file in self._folder.glob("*.log")}
        limbas = port(self.engine.compose("port", LIMBAS, str(_LIMBAS_PORT)))
        return Evidence(
            said=[Said(entry["line"], entry["clients"]) for entry in self.sent()],
            records=requests.get(f"http://{HERE}:{limbas}/_simulator/records/ANRUFE", timeout=30).json(),
            events=[Event.of(parse_id(at), document) for at, document in map(json.loads, events.splitlines())],
            browsers=[browser.watched() for browser in browsers],
            logs=followed | {"logs at the end": self.engine.compose("logs", "--no-color")},
            storage=self._files("redis", "/data") | self._files("ingest", "/spool"),
        )

    def _heard(self, name: str) -> Iterator[float]:
        """How many lines an ingest has heard since its start, unless it has only just been started."""
        with suppress(DockerFailed):
            yield lines_heard(self.engine.docker("exec", name, "python", "-c", _METRICS))

    def _files(self, service: str, folder: str) -> dict[str, str]:
        pack = f"tar -c -C {folder} . || [ $? = 1 ]"  # 1: something was written meanwhile
        return texts(self.engine.bytes_of(self.engine.compose_command("exec", "-T", service, "sh", "-c", pack)))
