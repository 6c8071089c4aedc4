"""What we are made of, and whether something known is wrong with it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.audit_report import main

ROOT = Path(__file__).parents[1]


def package(name: str, *vulnerabilities: str) -> dict[str, Any]:
    vulns = [{"id": each, "fix_versions": ["2.0"], "description": "…"} for each in vulnerabilities]
    return {"name": name, "version": "1.0", "vulns": vulns}


def judged(folder: Path, report: object) -> int:
    file = folder / "report.json"
    file.write_text(report if isinstance(report, str) else json.dumps({"dependencies": report}))
    return main(file)


def test_a_known_vulnerability_is_a_failure_and_says_what_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(tmp_path, [package("flask"), package("requests", "PYSEC-2026-1")]) == 1
    assert "requests 1.0: PYSEC-2026-1, mended in 2.0" in capsys.readouterr().out


def test_none_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(tmp_path, [package("flask"), {"name": "ours", "skip_reason": "unknown"}]) == 0
    assert capsys.readouterr().out == "not audited: ours\n1 packages audited, 0 known vulnerabilities.\n"


@pytest.mark.parametrize("report", ["", "no JSON", "[]", [{"name": "flask", "skip_reason": "not found"}]])
def test_that_nothing_could_be_asked_is_said_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report: object
) -> None:
    assert judged(tmp_path, report) == 0
    assert capsys.readouterr().out.startswith("NOT AUDITED: ")


def test_the_bill_of_materials_has_every_locked_package_with_its_hashes() -> None:
    # As scripts/sbom runs it, without looking first whether the environment is the newest.
    script = (ROOT / "scripts" / "sbom").read_text().replace("\\\n", " ")
    arguments = shlex.split(script.rpartition('cyclonedx-py"')[2])
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *arguments]
    bill = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=50).stdout)

    lock = (ROOT / "requirements.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9.-]+)==([^ \\]+)", lock, flags=re.MULTILINE))
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "limbas-callmonitor")
    assert {(each["name"], each["version"]) for each in bill["components"]} == locked
    hashes = {sha["content"] for each in bill["components"] for r in each["externalReferences"] for sha in r["hashes"]}
    assert hashes == set(re.findall(r"sha256:(\w+)", lock))
