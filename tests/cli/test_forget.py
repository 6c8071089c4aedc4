"""`callmonitor forget`, as a person runs it: what it asks, what it says, and whom it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cli.forget.person import Person
from cli.main import callmonitor
from shared.boxes import Place
from shared.event_log import EventLog
from shared.events import Direction, RemoteNumber, State
from simulators.limbas.server import LimbasSimulator
from tests.shared.making import a_call, an_event
from tests.valkey import Valkey, free_port

Run = Callable[..., Result]
ANNA = "+493023125201"
BERLIN, HEIDELBERG = Place(country="DE", area_code="030"), Place(country="DE", area_code="06221")


@pytest.fixture
def limbas() -> Iterator[LimbasSimulator]:
    with LimbasSimulator() as simulator:
        yield simulator


@pytest.fixture
def run(valkey: Valkey, limbas: LimbasSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `callmonitor forget`, in English."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "REDIS_URL": valkey.url,
        "LIMBAS_URL": limbas.url,
        "LIMBAS_USER": "callmonitor",
        "LIMBAS_PASSWORD": "callmonitor",
        "LANG": "en_GB.UTF-8",
        **dict.fromkeys(["LANGUAGE", "LC_ALL", "LC_MESSAGES"], ""),
    }

    def run(*arguments: str, answer: str | None = None, **settings: str) -> Result:
        return CliRunner().invoke(callmonitor, ["forget", *arguments], env=environment | settings, input=answer)

    return run


def ended_call(log: EventLog, call_id: str, number: str) -> None:
    remote = RemoteNumber(received=number.replace("+49", "0"), e164=number)
    event = an_event(call_id, state=State.ENDED, remote=remote)
    log.publish_lines("office", [([event], b"{}")])


@pytest.mark.parametrize(
    ("arguments", "answer", "left", "said"),
    [
        ([], "n\n", 2, "Nothing was erased."),
        ([], "\n", 2, "Nothing was erased."),
        ([], "y\n", 1, "Erased."),
        (["--yes"], None, 1, "Erased."),
        (["--language", "de"], "nein\n", 2, "Es wurde nichts gelöscht."),
        (["--language", "de"], "ja\n", 1, "Gelöscht."),
    ],
)
def test_it_shows_what_there_is_and_asks(
    run: Run, event_log: EventLog, arguments: list[str], answer: str | None, left: int, said: str
) -> None:
    ended_call(event_log, "one", ANNA)
    ended_call(event_log, "two", "+493023125100")

    result = run("03023125201", *arguments, answer=answer)

    assert event_log.redis.xlen(event_log.keys.stream) == left
    assert said in result.output
    assert "1  events of calls" in result.output or "1  Ereignisse von Anrufen" in result.output
    assert result.exit_code == left - 1


def test_what_limbas_holds_is_listed_and_stays(run: Run) -> None:
    result = run("03023125201", "--yes")

    assert result.exit_code == 0
    assert "Redis holds nothing of +493023125201." in result.output
    assert "whether they go is decided there:\n  KUNDEN: 3\n" in result.output
    assert "KUNDEN: 3" in run("03023125201", "--yes").output


def test_who_is_in_no_record_is_said_to_be_in_none(run: Run) -> None:
    assert "Limbas holds no record with this number." in run("03023125999", "--yes").output


def test_redis_forgets_although_limbas_is_away(run: Run, event_log: EventLog) -> None:
    ended_call(event_log, "one", ANNA)

    result = run("03023125201", "--yes", LIMBAS_URL=f"http://127.0.0.1:{free_port()}/")

    assert event_log.redis.xlen(event_log.keys.stream) == 0
    assert (result.exit_code, "What Limbas holds could not be asked: " in result.output) == (1, True)


def test_what_is_no_number_is_refused_in_a_sentence(run: Run) -> None:
    result = run("**610")

    assert result.exit_code == 1
    assert result.output.startswith("Error: **610 is no telephone number")


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 23125201",
        "030/23125-201",
        "0049 (0)30 231 25 201",
        "Tel. +49 (0) 30 23125-201 (neu)",
        "22.11.26 18:00:00;RING;0;03023125201;4710100;SIP0;",
        "22.11.26 18:00:00;RING;0;23125201;4710100;SIP0;",
        "23125-201",
    ],
)
def test_a_number_is_found_in_any_spelling(text: str) -> None:
    assert Person(ANNA, BERLIN).named_in(text)


@pytest.mark.parametrize("text", ["", "22.11.26 18:00:00;RING;0;03023125202;4710100;SIP0;", "+43 1 23125201"])
def test_another_number_is_not_taken_for_it(text: str) -> None:
    assert not Person(ANNA, BERLIN).named_in(text)


def test_a_local_number_is_somebody_elses_in_another_town() -> None:
    assert not Person(ANNA, HEIDELBERG).named_in("23125201")
    assert "23125201" in Person(ANNA, BERLIN).spellings()
    assert "23125201" not in Person(ANNA, HEIDELBERG).spellings()


@pytest.mark.parametrize(
    ("direction", "received"), [(Direction.INBOUND, "03023125201"), (Direction.OUTBOUND, "03023125201")]
)
def test_a_call_whose_number_could_not_be_read_then_is_found_by_what_the_box_sent(
    direction: Direction, received: str
) -> None:
    call = a_call(direction=direction, remote=RemoteNumber(received=received))

    assert Person(ANNA, HEIDELBERG).called(call)
    assert not Person("+493023125202", HEIDELBERG).called(call)


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    assert Person(ANNA, BERLIN).named_in(f"{text}+493023125201")
