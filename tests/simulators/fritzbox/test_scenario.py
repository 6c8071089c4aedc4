from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from simulators.fritzbox.planned_call import PlannedCall
from simulators.fritzbox.scenario import LONGEST_PAUSE, ScenarioError, bundled_names, load_scenario
from simulators.fritzbox.timetable import Verbatim
from tests.corpus import FOLDER, load_file

CORPUS = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_scenarios_are_played_by_name(name: str) -> None:
    scenario = load_scenario(name)

    assert scenario.items
    assert len(scenario.title) > len(name)
    assert 0 <= scenario.lasts < 180


def test_the_bundled_scenarios_show_what_an_office_knows() -> None:
    assert {"answered", "missed", "outbound", "suppressed", "voicemail", "parallel", "self_call"} <= {*bundled_names()}


def test_a_scenario_is_calls_with_their_starts(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[call]]\nafter = 5\n[[call]]\nremote = "03023125201"\ntalks = 60\n')

    scenario = load_scenario(str(path))

    assert scenario.items == ((0.0, PlannedCall(remote="03023125201", talks=60)), (5.0, PlannedCall()))
    assert scenario.title == "mine"


def test_speed_shortens_the_times_but_not_what_the_box_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[[call]]\nafter = 10\nrings = 5\ntalks = 60\n")

    [(at, call)] = load_scenario(str(path)).at_speed(10, start=3)

    assert isinstance(call, PlannedCall)
    assert (at, call.rings, call.talks, call.said_duration) == (4.0, 0.5, 6.0, 60)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus_files_are_played_as_they_stand(path: Path) -> None:
    scenario = load_scenario(str(path))

    assert [item for _, item in scenario.items] == [Verbatim(line) for case in load_file(path) for line in case.wire()]
    starts = [at for at, _ in scenario.items]
    assert all(0 <= after - before <= LONGEST_PAUSE for before, after in pairwise(starts))


def test_lines_of_a_case_come_as_far_apart_as_they_say(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(
        '[[case]]\nlines = ["03.11.16 13:17:08;x", "03.11.16 13:17:16;x", "no time", "04.11.16 00:00:00;x"]\n'
    )

    assert [at for at, _ in load_scenario(str(path)).items] == [1.0, 9.0, 10.0, 11.0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", r"no \[\[call\]\]"),
        ("[[call]]\nrings = -1\n", "greater than or equal to 0"),
        ("[[call]]\nremote = '030;1'\n", "pattern"),
        ("[[call]]\nringing = 1\n", r"call\.0\.ringing: extra inputs"),
        ("[[case]]\nlines = []\n", r"case\.0\.lines"),
        ("[[case]]\nencoding = 'latin-1'\nlines = ['\u20ac']\n", "latin-1"),
        ("[[call", "no scenario"),
    ],
)
def test_what_is_no_scenario_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ScenarioError, match=reason):
        load_scenario(str(path))


def test_a_missing_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"No such file.*answered, blocked"):
        load_scenario("nowhere.toml")
