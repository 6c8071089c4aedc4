"""Scenario files: calls that people wrote down, and the line corpus, which is played as it stands.

A scenario is TOML: a `title` and one `[[call]]` per call, `after` so many seconds from the start, with the fields of
`PlannedCall`. A corpus file has `[[case]]` tables instead, of which `lines` (and `encoding`) are read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.fritzbox.planned_call import PlannedCall, Seconds
from simulators.fritzbox.timetable import Item, Verbatim

BUNDLED: Final = Path(__file__).parent / "scenarios"
LONGEST_PAUSE: Final = 60.0
"""Between two lines of a case; some of them are hours apart, or out of order."""


class ScenarioError(Exception):
    """A scenario cannot be played. The text is one sentence that says why."""


class Scenario(BaseModel):
    """What there is to play, in order of time."""

    model_config = ConfigDict(frozen=True)

    title: str
    items: tuple[tuple[float, PlannedCall | Verbatim], ...]

    def at_speed(self, speed: float, start: float = 0.0) -> Iterator[tuple[float, Item]]:
        """The items in `1 / speed` of their time, from `start` on."""
        for at, item in self.items:
            yield start + at / speed, item.faster(speed) if isinstance(item, PlannedCall) else item

    @property
    def lasts(self) -> float:
        """Seconds until its last line."""
        return max((at + (item.lasts if isinstance(item, PlannedCall) else 0) for at, item in self.items), default=0.0)


def bundled_names() -> list[str]:
    """The scenarios that come with the simulator."""
    return sorted(path.stem for path in BUNDLED.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """The scenario in a file, or the bundled one of that name.

    Raises `ScenarioError`.
    """
    path = BUNDLED / f"{name}.toml" if name in bundled_names() else Path(name)
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).scenario(path.stem)
    except OSError as error:
        bundled = ", ".join(bundled_names())
        raise ScenarioError(f"Cannot read {path}: {error.strerror}. Bundled scenarios: {bundled}.") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise ScenarioError(f"{path} is no scenario: {where}: {problem['msg'].lower()}.") from None
    except ValueError as error:  # no TOML, no UTF-8, or a line that its encoding cannot write
        raise ScenarioError(f"{path} is no scenario: {error}.") from None


class _ScenarioCall(PlannedCall):
    after: Seconds = 0

    def planned(self) -> PlannedCall:
        return PlannedCall.model_validate(self.model_dump(exclude={"after"}))


class _CorpusCase(BaseModel):
    lines: tuple[str, ...] = Field(min_length=1)
    encoding: Literal["utf-8", "latin-1"] = "utf-8"


class _File(BaseModel):
    title: str = ""
    call: tuple[_ScenarioCall, ...] = ()
    case: tuple[_CorpusCase, ...] = ()

    def scenario(self, name: str) -> Scenario:
        if not self.call and not self.case:
            raise ValueError("it has no [[call]] and no [[case]]")
        items: list[tuple[float, PlannedCall | Verbatim]] = [(call.after, call.planned()) for call in self.call]
        return Scenario(title=self.title or name, items=(*sorted(items, key=lambda item: item[0]), *_lines(self.case)))


def _lines(cases: tuple[_CorpusCase, ...]) -> Iterator[tuple[float, Verbatim]]:
    """Each line as long after the one before it as their own times say."""
    at = 0.0
    for case in cases:
        last = None
        for line in case.lines:
            stamped = _time(line)
            pause = (stamped - last).total_seconds() if stamped and last else 1.0
            at += pause if 0 <= pause <= LONGEST_PAUSE else 1.0
            last = stamped or last
            yield at, Verbatim(line.encode(case.encoding))


def _time(line: str) -> datetime | None:
    try:
        return datetime.strptime(line.partition(";")[0], "%d.%m.%y %H:%M:%S")  # noqa: DTZ007 - only for differences
    except ValueError:
        return None
