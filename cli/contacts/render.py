"""Problems, pins and candidates for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cli.language import Texts
from cli.table import table
from shared.contacts.pins import Pin
from shared.contacts.problems import Problem
from shared.events import Candidate


def as_problems(problems: Sequence[Problem], words: Texts) -> str:
    """A line for each."""
    rows = [
        [f"{problem.table}:{problem.record_id}", problem.field, problem.text, words[f"reason.{problem.reason.value}"]]
        for problem in problems
    ]
    return table(["record", "field", "text", "reason"], rows, words)


def as_pins(pins: Mapping[str, Pin], words: Texts) -> str:
    """A line for each."""
    rows = [
        [number, pin.name, f"{pin.table}:{pin.record_id}", f"{pin.at.astimezone():%Y-%m-%d %H:%M}", pin.by]
        for number, pin in pins.items()
    ]
    return table(["number", "name", "record", "since", "by"], rows, words)


def as_candidates(candidates: Sequence[Candidate], words: Texts, language: str) -> str:
    """A line for each, the best first."""
    rows = [
        [
            _name(candidate, language),
            f"{candidate.table}:{candidate.record_id}" if candidate.record_id else "–",
            words[f"source.{candidate.source.value.replace(' ', '-')}"],
            words[f"match.{candidate.match.value.replace(' ', '-')}"],
            f"{candidate.confidence:.0%}",
        ]
        for candidate in candidates
    ]
    return table(["name", "record", "source", "match", "confidence"], rows, words)


def _name(candidate: Candidate, language: str) -> str:
    name = candidate.name_en if language == "en" and candidate.name_en else candidate.name
    return f"{name} ({candidate.company})" if candidate.company and candidate.company != name else name
