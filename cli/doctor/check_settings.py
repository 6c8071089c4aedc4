"""Whether the settings of every service are complete and sound."""

from __future__ import annotations

import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

from cli.doctor.finding import Finding, ok, problem, warning
from services.ingest.settings import IngestSettings
from services.jobs.settings import JobsSettings
from services.logger.settings import LoggerSettings
from services.matcher.settings import MatcherSettings
from services.web.settings import WebSettings
from shared.settings import CONFIG_FILE, CommonSettings, SettingsError, load

S = TypeVar("S", bound=CommonSettings)

SERVICES: Final[Mapping[str, type[CommonSettings]]] = {
    "ingest": IngestSettings,
    "matcher": MatcherSettings,
    "jobs": JobsSettings,
    "logger": LoggerSettings,
    "web": WebSettings,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings that could be loaded, by service, and what all of them have in common."""

    common: CommonSettings | None
    """None: nothing can be checked."""
    by_service: Mapping[str, CommonSettings]

    def of(self, settings_class: type[S]) -> S | None:
        """The settings of that class; None when they are wrong."""
        return next((found for found in self.by_service.values() if isinstance(found, settings_class)), None)


def check() -> tuple[Loaded, list[Finding]]:
    """Load everything. A mistake that several services stumble over is found once."""
    loaded: dict[str, CommonSettings] = {}
    wrong: dict[str, list[str]] = defaultdict(list)
    for service, settings_class in SERVICES.items():
        try:
            loaded[service] = load(settings_class)
        except SettingsError as error:
            wrong[str(error)].append(service)
    findings = [ok("settings.services", services=", ".join(loaded))] if loaded else []
    findings += [
        problem("settings.services", "wrong", services=", ".join(services), sentence=sentence)
        for sentence, services in wrong.items()
    ]
    findings += _unknown_names()
    return Loaded(_common(), loaded), findings


def _common() -> CommonSettings | None:
    try:
        return load(CommonSettings)
    except SettingsError:
        return None


def _unknown_names() -> Iterator[Finding]:
    """Names in the TOML file that no service asks for. Each takes what is its own, so none would miss them."""
    path = Path(os.environ.get("CALLMONITOR_CONFIG") or CONFIG_FILE)
    try:
        names = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a file that is wrong as a whole has been found already
        return
    known = {name for settings_class in SERVICES.values() for name in settings_class.model_fields}
    for name in names.keys() - known:
        near = get_close_matches(name, known, n=1)
        values = {"name": name, "file": path.name, "near": near[0] if near else ""}
        yield warning("settings.file", "similar" if near else "unknown", **values)
