"""Whether the settings of every service are complete and sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from cli.doctor.finding import Finding, ok, problem
from services.ingest.settings import IngestSettings
from services.jobs.settings import JobsSettings
from services.logger.settings import LoggerSettings
from services.matcher.settings import MatcherSettings
from services.web.settings import WebSettings
from shared.settings import CommonSettings, SettingsError, load

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
    return Loaded(_common(), loaded), findings


def _common() -> CommonSettings | None:
    try:
        return load(CommonSettings)
    except SettingsError:
        return None
