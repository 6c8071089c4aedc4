"""Commands to the Docker engine, about one Compose project."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FILES: Final = (ROOT / "docker-compose.yml", Path(__file__).with_name("compose.yml"))
PATIENCE: Final = 300.0
"""Seconds for one command. `up` waits for everything to be healthy, and may have to build."""


class DockerFailed(Exception):
    """The engine, or Compose, would not. The text says what was wanted and what it said."""


class Engine:
    """For one Compose project, whose settings are these and no others: not the shell's, not those of `.env`."""

    def __init__(self, project: str, settings: Mapping[str, str]) -> None:
        self.project = project
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or "DOCKER" in name}
        self._environment = kept | dict(settings)

    def docker(self, *words: str) -> str:
        """`docker …`. Raises `DockerFailed`."""
        return self.bytes_of(["docker", *words]).decode(errors="replace")

    def compose(self, *words: str) -> str:
        """`docker compose …`. Raises `DockerFailed`."""
        return self.bytes_of(self.compose_command(*words)).decode(errors="replace")

    def compose_command(self, *words: str) -> list[str]:
        """What `compose` runs."""
        files = [word for file in FILES for word in ("--file", str(file))]
        options = ["--project-name", self.project, "--profile", "demo", "--env-file", os.devnull, "--progress", "quiet"]
        return ["docker", "compose", *options, *files, *words]

    def bytes_of(self, command: Sequence[str]) -> bytes:
        """What a command prints, as bytes. Raises `DockerFailed`."""
        try:
            done = subprocess.run(  # noqa: S603 - our own words, and no shell
                command, env=self._environment, capture_output=True, timeout=PATIENCE, check=False
            )
        except FileNotFoundError:
            raise DockerFailed("There is no docker here.") from None
        except subprocess.TimeoutExpired:
            raise DockerFailed(f"{' '.join(command)}: no end after {PATIENCE:g} s") from None
        if done.returncode:
            raise DockerFailed(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def follow(self, command: Sequence[str], file: Path) -> subprocess.Popen[bytes]:
        """Let a command write to a file for as long as it likes. Whoever asks for it ends it."""
        with file.open("ab") as to:
            return subprocess.Popen(  # noqa: S603 - as above
                command, env=self._environment, stdout=to, stderr=subprocess.STDOUT
            )
