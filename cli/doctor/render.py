"""Findings for people and for machines. Pure."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import click

from cli.doctor.finding import Finding, Status
from cli.language import Texts
from cli.table import printable
from shared.logs import mask

MARKS: Final = {Status.OK: "✓", Status.WARNING: "!", Status.PROBLEM: "✗", Status.SKIPPED: "·"}
COLOURS: Final = {Status.OK: "green", Status.WARNING: "yellow", Status.PROBLEM: "red", Status.SKIPPED: "bright_black"}
NARROWEST: Final = 40


def as_text(findings: Sequence[Finding], texts: Texts, width: int) -> str:
    """A paragraph for each part of the system, a line for each finding, below it what to do. Styled for a terminal."""
    margin = max(len(_title(finding, texts)) for finding in findings) + 6
    lines: list[str] = []
    for heading, group in groupby(findings, lambda finding: _heading(finding, texts)):
        lines += [click.style(heading, bold=True)]
        for finding in group:
            lines += _lines(finding, texts, margin, max(NARROWEST, width - margin))
        lines += [""]
    return "\n".join([*lines, _summary(findings, texts)])


def as_json(findings: Sequence[Finding], texts: Texts, exit_code: int) -> str:
    """One document: the exit code, how many findings of each kind there are, and all of them in words."""
    counts = Counter(finding.status for finding in findings)
    document = {
        "exit_code": exit_code,
        "counts": {status.value: counts[status] for status in Status},
        "findings": [
            {
                "check": finding.check,
                "outcome": finding.outcome,
                "status": finding.status.value,
                "about": finding.values.get("box") or finding.values.get("table") or "",
                "title": _title(finding, texts),
                "finding": _sentence(finding, texts),
                "advice": _advice(finding, texts),
            }
            for finding in findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _lines(finding: Finding, texts: Texts, margin: int, width: int) -> Iterator[str]:
    mark, colour = MARKS[finding.status], COLOURS[finding.status]
    first, *rest = _wrapped(_sentence(finding, texts), width)
    yield f"  {click.style(mark, fg=colour, bold=True)} {_title(finding, texts).ljust(margin - 4)}{first}"
    yield from (" " * margin + line for line in rest)
    if advice := _advice(finding, texts):
        first, *rest = _wrapped(advice, width - 2)
        yield " " * margin + click.style("→ ", fg=colour) + first
        yield from (" " * (margin + 2) + line for line in rest)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _heading(finding: Finding, texts: Texts) -> str:
    box = finding.values.get("box")
    return texts[f"{finding.section}.heading"] + (f" {box}" if box else "")


def _title(finding: Finding, texts: Texts) -> str:
    return texts[f"{finding.check}.title"]


def _sentence(finding: Finding, texts: Texts) -> str:
    if finding.status is Status.SKIPPED:
        because = finding.values["because"]
        heading, title = texts[f"{because.partition('.')[0]}.heading"], texts[f"{because}.title"]
        return texts["skipped"].format(heading=heading, title=title)
    return _fill(texts[f"{finding.check}.{finding.outcome}.finding"], finding)


def _advice(finding: Finding, texts: Texts) -> str:
    return _fill(texts.get(f"{finding.check}.{finding.outcome}.advice", ""), finding)


def _fill(text: str, finding: Finding) -> str:
    """The text with the values in it, which may be a person's number in a setting that is wrong."""
    return text.format(**{name: printable(mask(value)) for name, value in finding.values.items()})


def _summary(findings: Sequence[Finding], texts: Texts) -> str:
    counts = Counter(finding.status for finding in findings)
    if not counts[Status.WARNING] and not counts[Status.PROBLEM]:
        return click.style(texts["summary.well"], fg="green", bold=True)
    worst = Status.PROBLEM if counts[Status.PROBLEM] else Status.WARNING
    counted = texts["summary.counted"].format(problems=counts[Status.PROBLEM], warnings=counts[Status.WARNING])
    return click.style(counted, fg=COLOURS[worst], bold=True)
