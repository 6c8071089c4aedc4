"""`callmonitor contacts`: what it prints, in both languages, and how it watches a sync."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from string import Formatter

import pytest

from cli.contacts import watch as watching
from cli.contacts.command import _person
from cli.contacts.render import as_candidates, as_pins, as_problems
from cli.contacts.watch import watch
from cli.language import LANGUAGES, texts
from shared.contacts.pins import Pin
from shared.contacts.problems import Problem
from shared.contacts.sync_state import Progress, Stage, SyncState
from shared.event_log import EventLog
from shared.events import Candidate, Match, Source
from shared.numbers import Reason

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
START = Progress(sync="mine", stage=Stage.READING, started_at=NOW, at=NOW, table="KUNDEN", total=10)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    german, english = texts("contacts", "de"), texts("contacts", "en")
    assert {key: placeholders(text) for key, text in german.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_source_and_match_has_words(language: str) -> None:
    words = texts("contacts", language)
    problems = [Problem(table="KUNDEN", record_id=1, field="TELEFON", text="?", reason=reason) for reason in Reason]
    candidates = [Candidate(source=source, match=match, name="A") for source in Source for match in Match]
    assert len(as_problems(problems, words).splitlines()) == 1 + len(problems)
    assert len(as_candidates(candidates, words, language).splitlines()) == 1 + len(candidates)


def test_what_stands_in_limbas_cannot_steer_the_terminal() -> None:
    problem = Problem(table="KUNDEN", record_id=1, field="TELEFON", text="\x1b[2J", reason=Reason.NO_NUMBER)
    pin = Pin(table="KUNDEN", record_id=1, name="\x1b]0;x\x07", at=NOW, by="eva")
    words = texts("contacts", "en")
    assert "\x1b" not in as_problems([problem], words) + as_pins({"+4930": pin}, words)


def test_in_a_container_whose_user_has_no_name_the_operator_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert _person() == "operator"
    monkeypatch.setenv("LOGNAME", "eva")
    assert _person() == "eva"


def test_a_place_has_its_name_in_the_language_of_the_reader() -> None:
    place = Candidate(source=Source.NUMBERING_PLAN, match=Match.PLACE, confidence=0, name="Köln", name_en="Cologne")
    shown = {language: as_candidates([place], texts("contacts", language), language) for language in LANGUAGES}
    assert ("Köln" in shown["de"], "Cologne" in shown["en"]) == (True, True)


def test_a_sync_is_watched_to_its_end_with_a_word_when_it_has_to_wait(
    event_log: EventLog, capsys: pytest.CaptureFixture[str]
) -> None:
    state = SyncState(event_log)
    state.take("mine")
    steps = [
        START,
        START.model_copy(update={"stage": Stage.WAITING, "because": "Limbas is away."}),
        START.model_copy(update={"read": 5}),
        START.model_copy(update={"read": 10, "stage": Stage.DONE}),
    ]

    def happen() -> None:
        for step in steps:
            state.report(step)
            time.sleep(0.3)

    thread = threading.Thread(target=happen)
    thread.start()
    done = watch(SyncState(event_log), "mine", texts("contacts", "en"))
    thread.join()
    assert done == steps[-1]
    assert capsys.readouterr().err == "Waiting: Limbas is away.\n"


def test_the_end_of_another_sync_is_not_the_end_of_ones_own_and_nobody_is_waited_for_for_ever(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NOBODY_SECONDS", 0.3)
    state = SyncState(event_log)
    state.take("another")
    state.report(START.model_copy(update={"sync": "another", "stage": Stage.DONE}))
    assert watch(state, "mine", texts("contacts", "en")) is None
