"""What a run showed, as tables for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from faults.checker import Finding

SHOWN: Final = 10
"""Findings of a kind that are written out."""


def report(findings: Sequence[Finding], faults: Mapping[str, int], *, calls: int, died: Sequence[str]) -> str:
    """Two tables in Markdown, then what is wrong, if anything is."""
    lines = [f"{calls} calls, {sum(faults.values())} faults", "", "| fault | times |", "|---|---:|"]
    lines += [f"| {name} | {times} |" for name, times in sorted(faults.items())]
    lines += [
        "",
        "| where | compared | events | lost | doubled | wrong | leaked |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.where} | {each.compared} | {each.events or ''} | {len(each.lost)} | {len(each.doubled)} "
        f"| {len(each.wrong)} | {len(each.leaked)} |"
        for each in findings
    ]
    lines += ["", f"Processes that ended by themselves, or not as they should: {len(died)}"]
    lines += [f"- {each}" for each in died]
    for each in findings:
        for what in ("lost", "doubled", "wrong", "leaked"):
            found = getattr(each, what)
            lines += [f"- {each.where}, {what}: {text}" for text in found[:SHOWN]]
            if len(found) > SHOWN:
                lines.append(f"- {each.where}, {what}: … and {len(found) - SHOWN} more")
    return "\n".join(lines)
