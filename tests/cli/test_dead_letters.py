"""`callmonitor dead-letters`, as a person runs it, on a real Valkey with real workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli.dead_letters.letters import DeadLetters, Letter, Retried
from cli.dead_letters.render import as_document, as_table
from cli.language import texts
from cli.main import callmonitor
from shared.consumer import Consumer, Done, Entry, Rejected
from shared.event_log import ORIGIN, EventLog
from shared.events import CallRecorded, RemoteNumber, dump_event
from tests.shared.making import a_call, an_event
from tests.shared.test_consumer import working
from tests.valkey import Valkey
from tests.waiting import eventually

Run = Callable[..., Result]
NUMBER = "+493023125123"


@pytest.fixture
def run(valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `callmonitor dead-letters`, in English."""
    monkeypatch.chdir(tmp_path)
    environment = {"REDIS_URL": valkey.url, "LANG": "en_GB.UTF-8", "LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": ""}

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(callmonitor, ["dead-letters", *arguments], env=environment, input=answer)

    return run


class Office:
    """A group that rejects calls as long as it is told to."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.rejecting = True
        self.handled: list[Entry] = []
        self.worker = Consumer(log, "logger", "worker", self._handle, take_over_seconds=0.2)

    def _handle(self, entries: Sequence[Entry]) -> list[Done | Rejected]:
        if self.rejecting:
            return [Rejected(entry, f"Limbas refuses {NUMBER}.") for entry in entries]
        self.handled += entries
        return [Done(entry, _announcement(entry)) for entry in entries]

    def give_up(self, *call_ids: str) -> list[str]:
        """Let calls become dead letters. Returns the letters' ids."""
        before = len(letters(self.log))
        with working(self.worker):
            self.log.publish_lines("office", [([an_event(call_id)], b"") for call_id in call_ids])
            eventually(lambda: len(letters(self.log)) == before + len(call_ids))
        self.rejecting = False
        return [letter.id for letter in letters(self.log)][before:]


def _announcement(entry: Entry) -> list[CallRecorded]:
    if isinstance(entry.event, CallRecorded):
        return []
    return [CallRecorded(call_id=entry.event.call_id, table="ANRUFE", record_id=1)]


@pytest.fixture
def office(event_log: EventLog) -> Office:
    return Office(event_log)


def letters(log: EventLog) -> list[Letter]:
    return list(DeadLetters(log))


def recorded(log: EventLog) -> list[str]:
    events = log.read(ORIGIN, count=1000, block_seconds=0.01)
    return [logged.event.call_id for logged in events if isinstance(logged.event, CallRecorded)]


def test_without_any_they_say_so(run: Run) -> None:
    assert run("list").output == "There are no dead letters.\n"
    assert run("retry", "--all").output == "There are no dead letters.\n"
    assert run("drop", "--all", "--language", "de").output == "Es gibt keine unzustellbaren Ereignisse.\n"


def test_the_list_shows_what_was_given_up_by_whom_and_why(run: Run, office: Office) -> None:
    first, second = office.give_up("call-1", "call-2")

    header, *rows = run("list").output.splitlines()

    assert header.split() == ["ID", "Age", "Service", "Call", "Reason"]
    assert [row.split()[0] for row in rows] == [first, second]
    assert [row.split()[3:5] for row in rows] == [["logger", "call-1"], ["logger", "call-2"]]
    assert all(row.endswith("Limbas refuses +493…23.") for row in rows)


def test_one_can_be_shown_whole_with_or_without_its_numbers(run: Run, office: Office) -> None:
    (letter_id,) = office.give_up("call-1")

    masked, revealed = json.loads(run("show", letter_id).output), json.loads(run("show", letter_id, "--reveal").output)

    assert (masked["group"], masked["deliveries"], masked["event"]["call"]["id"]) == ("logger", 1, "call-1")
    assert masked["event"]["call"]["remote"] == {"received": "030…01", "e164": "+49…01", "suppressed": False}
    assert masked["reason"] == "Limbas refuses +493…23."
    assert revealed["event"]["call"]["remote"]["e164"] == "+49302312501"
    assert revealed["reason"] == f"Limbas refuses {NUMBER}."


def test_a_retried_event_is_handled_once_by_the_service_that_gave_up(run: Run, office: Office) -> None:
    letter_id, other = office.give_up("call-1", "call-2")
    others: list[str] = []

    def watch(entries: Sequence[Entry]) -> list[Done]:
        others.extend(entry.event.type for entry in entries)
        return [Done(entry) for entry in entries]

    watching = Consumer(office.log, "matcher", "other", watch)
    with working(watching):
        eventually(lambda: len(others) == 2)

    result = run("retry", letter_id)

    assert (result.exit_code, result.output.split()[:2]) == (0, ["✓", letter_id])
    assert [letter.id for letter in letters(office.log)] == [other]
    with working(office.worker, watching):
        eventually(lambda: "call.recorded" in others)
    assert recorded(office.log) == ["call-1"]
    assert others == ["call.ringing", "call.ringing", "call.recorded"]


def test_a_retried_event_keeps_its_place_in_the_story(run: Run, office: Office) -> None:
    """Its id says which of two answers about a call is the later one."""
    (letter_id,) = office.give_up("call-1")
    (letter,) = letters(office.log)
    run("retry", letter_id)
    with working(office.worker):
        eventually(lambda: office.handled)

    assert (office.handled[0].id, office.handled[0].deliveries) == (letter.entry, 2)


def test_a_retried_event_that_fails_again_is_a_dead_letter_again(run: Run, office: Office) -> None:
    (letter_id,) = office.give_up("call-1")
    office.rejecting = True
    run("retry", letter_id)
    with working(office.worker):
        (again,) = eventually(lambda: letters(office.log))

    assert again.id != letter_id
    assert (again.event, again.deliveries) == (an_event("call-1"), 2)


def test_a_retried_event_outlives_the_worker_that_takes_it(run: Run, office: Office) -> None:
    (letter_id,) = office.give_up("call-1")
    run("retry", letter_id)
    log = office.log
    taken: Any = log.redis.xautoclaim(log.keys.stream, "logger", "killed", min_idle_time=1000, start_id="0-0")
    assert len(taken[1]) == 1

    with working(office.worker):
        eventually(lambda: recorded(log) == ["call-1"])
    assert office.handled[0].deliveries == 2


def test_all_can_be_retried_and_twice_does_no_harm(run: Run, office: Office) -> None:
    letter_ids = office.give_up(*(f"call-{number}" for number in range(5)))

    assert run("retry", "--all").exit_code == 0
    again = run("retry", *letter_ids)

    assert again.exit_code == 1
    assert again.output.count("There is no dead letter") == 5
    with working(office.worker):
        eventually(lambda: sorted(recorded(office.log)) == [f"call-{number}" for number in range(5)])


def test_what_is_no_event_stays_and_says_why(run: Run, event_log: EventLog) -> None:
    entry: Any = event_log.redis.xadd(event_log.keys.stream, {"event": "\x1b[2Jnoise"})
    event_log.ensure_group("logger")
    event_log.redis.xreadgroup("logger", "worker", {event_log.keys.stream: ">"})
    event_log.bury("logger", entry.decode(), b"\x1b[2Jnoise", "not an event \x1b[2J", 1)
    (letter,) = letters(event_log)

    result = run("retry", letter.id)

    assert (result.exit_code, "holds no event" in result.output) == (1, True)
    assert letters(event_log) == [letter]
    assert "\x1b" not in run("list").output
    assert "\x1b" not in run("show", letter.id).output


def test_an_event_that_has_left_the_log_cannot_come_back(run: Run, office: Office) -> None:
    (letter_id,) = office.give_up("call-1")
    office.log.redis.xtrim(office.log.keys.stream, maxlen=0, approximate=False)

    result = run("retry", letter_id)

    assert (result.exit_code, "older than the event log reaches back" in result.output) == (1, True)
    assert len(letters(office.log)) == 1


def test_a_group_that_is_gone_gets_nothing_back(run: Run, office: Office) -> None:
    (letter_id,) = office.give_up("call-1")
    office.log.redis.xgroup_destroy(office.log.keys.stream, "logger")

    assert "has never run on this event log" in run("retry", letter_id).output
    assert len(letters(office.log)) == 1


@pytest.mark.parametrize(
    ("arguments", "answer", "left"),
    [
        (["--yes"], None, 0),
        ([], "y\n", 0),
        ([], "n\n", 1),
        ([], "\n", 1),
        (["--language", "de"], "ja\n", 0),
        (["--language", "de"], "nein\n", 1),
    ],
)
def test_dropping_asks_first(run: Run, office: Office, arguments: list[str], answer: str | None, left: int) -> None:
    (letter_id,) = office.give_up("call-1")

    result = run("drop", letter_id, *arguments, answer=answer)

    assert len(letters(office.log)) == left
    assert result.exit_code == left


def test_dropping_all_drops_all(run: Run, office: Office) -> None:
    office.give_up("call-1", "call-2")

    assert run("drop", "--all", "--yes").output == "Removed: 2.\n"
    assert letters(office.log) == []


@pytest.mark.parametrize(
    "arguments", [("retry",), ("drop",), ("retry", "--all", "1-0"), ("show", "yesterday"), ("show",)]
)
def test_what_makes_no_sense_is_refused_in_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Error: " in result.output


def test_one_that_is_not_there_is_refused_in_a_sentence(run: Run) -> None:
    result = run("show", "1-0")

    assert (result.exit_code, result.output) == (1, "Error: There is no dead letter 1-0.\n")


def test_more_than_a_page_of_them_is_read(event_log: EventLog) -> None:
    for number in range(1201):
        event_log.redis.xadd(event_log.keys.dead, {"group": "logger", "entry": f"{number}-0", "event": "{}"})

    assert [letter.entry for letter in letters(event_log)] == [f"{number}-0" for number in range(1201)]
    assert DeadLetters(event_log).retry("1-0") is Retried.GONE


NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "shown"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=59.9), "59 min"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=8), "8 d"),
    ],
)
def test_the_age_is_told_in_its_largest_unit(age: timedelta, shown: str) -> None:
    letter = Letter(f"{round((NOW - age).timestamp() * 1000)}-0", "logger", "1-0", b"", "odd", 1)

    assert shown in as_table([letter], texts("dead_letters", "en"), NOW)


@given(st.text("0123456789", min_size=4, max_size=20), st.text("0123456789", min_size=4, max_size=20))
def test_no_number_is_shown_unmasked_unless_it_is_to_be_revealed(remote: str, own: str) -> None:
    call = a_call(remote=RemoteNumber(received=remote, e164=f"+49{remote}"), own_number=own)
    letter = Letter("1-0", "logger", "1-0", dump_event(an_event().model_copy(update={"call": call})), "odd", 1)

    masked = json.loads(as_document(letter, reveal=False))["event"]["call"]
    assert len(masked["remote"]["received"]) <= 6
    assert len(masked["remote"]["e164"]) <= 6
    assert len(masked["own_number"]) <= 6
    revealed = json.loads(as_document(letter, reveal=True))["event"]["call"]
    assert (revealed["remote"]["received"], revealed["own_number"]) == (remote, own)
