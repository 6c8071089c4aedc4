"""All checks at once, in a time that a person waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from time import monotonic
from typing import Final

from cli.doctor import check_boxes, check_clocks, check_limbas, check_phonebooks, check_redis, check_web
from cli.doctor.check_settings import Loaded
from cli.doctor.finding import Finding, problem, skipped
from services.ingest.settings import IngestSettings
from services.jobs.settings import JobsSettings
from services.web.settings import WebSettings
from shared.limbas.settings import LimbasSettings

MOST_SECONDS: Final = 9.0
"""For everything. Looking up a name may hang for longer than any timeout of ours."""

Check = Callable[[], Iterable[Finding]]


def examine(loaded: Loaded, seconds: float = MOST_SECONDS) -> list[Finding]:
    """What all checks but that of the settings find, in a fixed order."""
    running = [_Running(name, check) for name, check in _checks(loaded)]
    deadline = monotonic() + seconds
    for each in running:
        each.thread.join(max(0.0, deadline - monotonic()))
    return [finding for each in running for finding in each.results(seconds)]


def _checks(loaded: Loaded) -> Iterator[tuple[str, Check]]:
    """Each part of the system, and what can be checked of it with the settings that could be loaded."""
    ingest, limbas, web = loaded.of(IngestSettings), loaded.of(LimbasSettings), loaded.of(WebSettings)
    if loaded.common:
        yield "redis", partial(check_redis.check, loaded.common)
    if ingest:
        for box in ingest.every_box():
            yield f"box {box.name}", partial(check_boxes.check, box)
    else:
        yield "box", _not_without_settings("box.address")
    jobs = loaded.of(JobsSettings)
    if jobs:
        for box in jobs.every_box():
            yield f"phonebook {box.name}", partial(check_phonebooks.check, box)
    else:
        yield "phonebook", _not_without_settings("box.phonebook")
    yield "limbas", partial(check_limbas.check, limbas) if limbas else _not_without_settings("limbas.reach")
    yield "web", partial(check_web.check, web) if web else _not_without_settings("web.secret")
    if loaded.common:
        yield "clocks", partial(check_clocks.check_redis, loaded.common)
    yield "clocks", partial(check_clocks.check_limbas, limbas) if limbas else _not_without_settings("clocks.limbas")


def _not_without_settings(check: str) -> Check:
    return lambda: [skipped(check, "settings.services")]


@dataclass
class _Running:
    """A check in a thread of its own, which dies with the process should it hang."""

    name: str
    check: Check
    thread: Thread = field(init=False)
    _found: list[Finding] = field(default_factory=list)
    _broke: str = ""

    def __post_init__(self) -> None:
        self.thread = Thread(target=self._run, daemon=True, name=f"doctor {self.name}")
        self.thread.start()

    def results(self, seconds: float) -> Sequence[Finding]:
        """What it found so far, and why that is not all."""
        found = list(self._found)
        if self.thread.is_alive():
            return [*found, problem("doctor.checks", "late", about=self.name, seconds=f"{seconds:g}")]
        if self._broke:
            return [*found, problem("doctor.checks", "broken", about=self.name, error=self._broke)]
        return found

    def _run(self) -> None:
        try:
            for finding in self.check():
                self._found += [finding]  # one by one: what is found counts, should the rest be late
        except Exception as error:  # noqa: BLE001 - one check that breaks must not cost the others
            self._broke = type(error).__name__  # without its text, which may hold anything
