"""Each benchmark runs from end to end: with the smallest sizes, whose numbers say nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import peers
from benchmarks.__main__ import NAMES
from benchmarks.peers import ROOT


@pytest.fixture(scope="session")
def with_peers() -> None:
    """What we are compared with is installed the first time, which takes a package index."""
    try:
        peers.python()
    except subprocess.CalledProcessError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("what the benchmarks compare with could not be installed: is there a package index?")


@pytest.mark.system
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("with_peers")
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_leaves_a_table_its_rounds_and_its_charts(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", name, "--quick", "--out", f"{tmp_path}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    document = json.loads((tmp_path / f"{name}.json").read_text())
    measures = document["result"]["measures"]
    assert measures
    for measure in measures:
        assert f"{measure['title']} ({measure['unit']}, {measure['better']} is better)" in ran.stdout
        assert any(any(values or ()) for series in measure["rounds"].values() for values in series), "nothing measured"
    charts = list(tmp_path.glob(f"{name}-*.svg"))
    assert len(charts) == len(measures)
    for chart in charts:
        ElementTree.parse(chart)  # noqa: S314 - our own SVG


def test_an_unknown_name_is_told_the_known_ones() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert all(name in ran.stderr for name in NAMES)
