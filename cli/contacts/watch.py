"""Watches a sync from the terminal: a progress bar while records are read, a sentence where it has to wait."""

from __future__ import annotations

import sys
import time
from typing import Final

import click

from cli.language import Texts
from shared.contacts.sync_state import Progress, Stage, SyncState

LOOK_SECONDS: Final = 0.1
NOBODY_SECONDS: Final = 15.0
"""After so long without a word from any sync nobody is there to do it."""
OVER: Final = frozenset({Stage.DONE, Stage.FAILED})


def watch(state: SyncState, sync: str, words: Texts) -> Progress | None:
    """Wait for the end of a sync, and show how far it is. Returns its last word, or None when nobody begins it."""
    began, last, told = time.monotonic(), None, ""
    while True:
        progress = state.progress()
        if progress and progress != last:
            began, last = time.monotonic(), progress
            if progress.sync == sync and progress.stage in OVER:
                return _end(progress)
            told = _tell(progress, told, words)
            if progress.stage is Stage.READING and progress.total:
                _draw(progress, words)
        if time.monotonic() - began > _patience(last, sync):
            return None
        time.sleep(LOOK_SECONDS)


def _patience(last: Progress | None, sync: str) -> float:
    """Seconds. Who waits for Limbas says so every half minute at least."""
    return NOBODY_SECONDS if last is None or last.sync != sync else 4 * NOBODY_SECONDS


def _tell(progress: Progress, told: str, words: Texts) -> str:
    if progress.stage is Stage.WAITING and progress.because != told:
        click.echo(words["sync.waiting"].format(because=progress.because), err=True)
        return progress.because
    return told


def _draw(progress: Progress, words: Texts) -> None:
    """One line on a terminal, drawn again and again; nothing elsewhere."""
    if sys.stderr.isatty():
        share = min(1.0, progress.read / progress.total)
        bar = "█" * round(share * 30)
        text = words["sync.reading"].format(table=progress.table, read=progress.read, total=progress.total)
        click.echo(f"\r\x1b[K{bar:░<30} {share:4.0%}  {text}", nl=False, err=True)


def _end(progress: Progress) -> Progress:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return progress
