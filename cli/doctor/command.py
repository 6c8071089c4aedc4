"""The command: checks everything, prints what was found, and tells by its exit code."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Sequence
from typing import Final

import click
import structlog

from cli.doctor import check_settings
from cli.doctor.examine import examine
from cli.doctor.finding import Finding, Status
from cli.doctor.render import as_json, as_text
from cli.language import language_option, texts

NOTHING_TO_CHECK: Final = 2
"""The exit code when not even the settings that all services share could be loaded."""


@click.command(short_help="Check everything, and say what to do.")
@click.option("--json", "for_machines", is_flag=True, help="Print one JSON document instead.")
@language_option
def doctor(*, for_machines: bool, language: str) -> None:
    """Check settings, Redis, FRITZ!Boxes, Limbas, secret and clocks, and say what to do.

    Exit code 0: no problem, warnings at most. 1: a problem. 2: settings so wrong that nothing can be checked.
    Writes nothing anywhere, and never prints a secret.
    """
    # What the Limbas client would log, the findings say.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    loaded, findings = check_settings.check()
    if loaded.common:
        findings += examine(loaded)
    exit_code = _exit_code(findings) if loaded.common else NOTHING_TO_CHECK
    words = texts("doctor", language)
    if for_machines:
        click.echo(as_json(findings, words, exit_code))
    else:
        # What goes into a file or to another program keeps one line for one sentence.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
        click.echo(as_text(findings, words, width))
    sys.exit(exit_code)


def _exit_code(findings: Sequence[Finding]) -> int:
    return int(any(finding.status is Status.PROBLEM for finding in findings))
