"""What of `scripts/faults --containers` needs no Docker engine: what falls over when, and what docker answers."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from faults.__main__ import main
from faults.containers.answers import (
    ENDED,
    KILLED,
    Asked,
    Container,
    Death,
    aliases,
    containers,
    deaths,
    lines_heard,
    port,
    seconds_to_check,
    texts,
    unasked,
)
from faults.containers.engine import FILES
from faults.containers.wounds import BOX, LANES, LIMBAS, NETWORKS, SCALES, How, Wound, timeline
from faults.timeline import HEARING

COMPOSE, ON_TOP = (yaml.safe_load(file.read_text()) for file in FILES)
DIE = {
    "status": "die",
    "Type": "container",
    "Actor": {"Attributes": {"name": "callmonitor-faults-redis-1", "exitCode": "137"}},
    "timeNano": 1795404500967983256,
}
STARTED, CHECKED = "2026-11-23T03:30:40.18308611Z", "2026-11-23T03:31:00.5+00:00"
CHECKED_AT = 1795404660.5


def row(**changed: str) -> str:
    fields = {"Name": "callmonitor-faults-ingest-1", "Service": "ingest", "State": "running", "Health": "healthy"}
    return json.dumps(fields | changed)


def inspected(**changed: Any) -> str:
    networks = {
        "callmonitor-faults_log": {"Aliases": ["callmonitor-faults-redis-1", "redis", "redis"]},
        "bare": {"Aliases": None},
    }
    state = {"StartedAt": STARTED} | changed
    interval = {"Interval": 10_000_000_000}
    return json.dumps(
        [{"NetworkSettings": {"Networks": networks}, "State": state, "Config": {"Healthcheck": interval}}]
    )


def test_a_seed_says_what_happens_to_which_container_and_when() -> None:
    assert timeline(7, 300) == timeline(7, 300) != timeline(8, 300)


def test_in_ten_minutes_everything_happens_and_something_lasts_a_minute() -> None:
    faults = [fault for lane in timeline(1, 600).values() for fault in lane]
    assert {fault.kind for fault in faults} == {wound for lane in LANES.values() for wound in lane}
    assert any(fault.seconds >= 60 for fault in faults)


def test_within_a_lane_one_container_falls_over_after_the_other() -> None:
    for faults in timeline(3, 600).values():
        assert all(one.at + one.seconds < other.at for one, other in pairwise(faults))


def test_every_service_falls_over_in_every_way_that_leaves_the_checker_something_to_compare() -> None:
    wounds = [wound for lane in LANES.values() for wound in lane]
    services = {name for name in COMPOSE["services"] if "people" not in COMPOSE["services"][name].get("profiles", [])}
    assert {wound.service for wound in wounds} == services - {"prepare", "page", "prometheus", "grafana"}
    everything = {wound.how for wound in wounds if wound.service == "matcher"}
    assert everything == set(How)
    assert {wound.how for wound in wounds if wound.service == LIMBAS} == {How.PAUSED, How.CUT_OFF}
    assert [wound for wound in wounds if wound.service == BOX] == [Wound(BOX, How.PAUSED)]
    assert all(wound in LANES[HEARING] for wound in wounds if wound.service in (BOX, "ingest"))
    assert {wound.service for wound in wounds if wound.how is How.SCALED} == set(SCALES)


@pytest.mark.parametrize("service", NETWORKS)
def test_a_container_can_be_cut_off_from_every_network_that_it_works_over(service: str) -> None:
    assert set(NETWORKS[service]) == set(COMPOSE["services"][service]["networks"]) - {"monitoring"}


def test_the_run_changes_nothing_of_the_deployment_but_what_it_says() -> None:
    redis = ON_TOP["services"]["redis"].pop("command").split()
    assert [word for word in redis if word != "always"] == [
        word for word in COMPOSE["services"]["redis"]["command"].split() if word != "everysec"
    ]
    box = ON_TOP["services"][BOX].pop("command").split()
    assert set(COMPOSE["services"][BOX]["command"].split()) <= set(box)
    for service, changed in ON_TOP["services"].items():
        assert changed.keys() <= {"ports"}, service
        assert all(published.startswith("127.0.0.1:") for published in changed.get("ports", ()))


def test_containers_are_read_from_lines_and_from_an_array() -> None:
    rows = [row(), row(Name="callmonitor-faults-ingest-2", State="paused")]
    expected = [
        Container("callmonitor-faults-ingest-1", "ingest", well=True),
        Container("callmonitor-faults-ingest-2", "ingest", well=False),
    ]
    assert containers("\n".join(rows)) == containers(f"[{','.join(rows)}]") == expected
    assert containers("") == []


@pytest.mark.parametrize(("health", "well"), [("healthy", True), ("", True), ("starting", False), ("unhealthy", False)])
def test_a_container_is_well_when_it_runs_and_its_check_does_not_fail(health: str, *, well: bool) -> None:
    assert [container.well for container in containers(row(Health=health))] == [well]


def test_a_containers_names_in_a_network_are_known_each_once() -> None:
    assert aliases(inspected(), "callmonitor-faults_log") == ["callmonitor-faults-redis-1", "redis"]
    assert aliases(inspected(), "bare") == []


def test_the_next_health_check_is_an_interval_after_the_last_one_or_the_start() -> None:
    checked = inspected(Health={"Log": [{"End": STARTED}, {"End": CHECKED}]})
    assert seconds_to_check(checked, now=CHECKED_AT + 4) == pytest.approx(6)
    for never in (inspected(), inspected(Health={"Log": None}), inspected(Health={"Log": []})):
        assert seconds_to_check(never, now=CHECKED_AT) == pytest.approx(40.18308611 + 10 - 60.5)


def test_a_published_port_is_read_and_one_that_is_not_published_is_an_error() -> None:
    assert port("127.0.0.1:32782\n") == 32782
    with pytest.raises(ValueError, match="invalid literal"):
        port("")


def test_deaths_are_read_up_to_the_line_that_is_being_written() -> None:
    line = json.dumps(DIE) + "\n"
    [death] = deaths(line + line[:40])
    assert (death.name, death.exit_code) == ("callmonitor-faults-redis-1", 137)
    assert death.at == pytest.approx(1795404500.967983)


def test_who_ends_without_being_asked_to_is_found() -> None:
    asked = [
        Asked(("redis-1",), KILLED, since=10, until=20),
        Asked(("web-1", "web-2"), ENDED, since=10),
    ]
    as_asked = [Death("redis-1", 137, 10), Death("web-2", 0, 99), Death("web-1", 143, 99)]
    assert unasked(as_asked, asked) == []
    assert unasked([Death("redis-1", 137, 9)], asked) == ["redis-1 ended with 137"]  # before
    assert unasked([Death("redis-1", 137, 21)], asked) == ["redis-1 ended with 137"]  # after
    assert unasked([Death("jobs-1", 1, 15)], asked) == ["jobs-1 ended with 1"]  # another one
    assert unasked([Death("web-1", 137, 15)], asked) == ["web-1 ended with 137"]  # asked to, and had to be killed


@given(st.dictionaries(st.text("abc/", min_size=1).map(lambda name: f"x{name}x".replace("//", "/")), st.binary()))
def test_files_come_out_of_an_archive_byte_by_byte(files: dict[str, bytes]) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    assert texts(archive.getvalue()) == {name: content.decode("latin-1") for name, content in files.items()}


def test_what_an_ingest_has_heard_is_read_from_its_metrics() -> None:
    metrics = """# HELP callmonitor_box_lines_total lines received
# TYPE callmonitor_box_lines_total counter
callmonitor_box_lines_total{box="office"} 41.0
callmonitor_box_lines_total{box="branch"} 1.0
callmonitor_box_lines_malformed_total{box="office"} 7.0
"""
    assert (lines_heard(metrics), lines_heard("")) == (42.0, 0.0)


def test_without_docker_the_command_says_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    done = CliRunner().invoke(main, ["--containers", "--minutes", "1"])
    assert done.exit_code == 1
    assert done.output.endswith("Error: There is no docker here.\n")
