"""Judges what pip-audit found: `python -m tools.audit_report REPORT`, where REPORT is its JSON. For `scripts/audit`.

Exit code 1 for a known vulnerability. Where no advisory service can be reached (pip-audit then writes nothing, or knows
no single package) nothing was audited: that is said, and is no failure.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(report: Path) -> int:
    """Print the judgement. Returns the exit code."""
    packages = _packages(report.read_text())
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        print("NOT AUDITED: no advisory service can be reached from here. Run scripts/audit where one can.")
        return 0
    found = [(package, problem) for package in audited for problem in package["vulns"]]
    for package, problem in found:
        fixed = ", ".join(problem["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {problem['id']}, mended in {fixed}")
    for package in packages:
        if "skip_reason" in package:
            print(f"not audited: {package['name']}")
    print(f"{len(audited)} packages audited, {len(found)} known vulnerabilities.")
    return int(bool(found))


def _packages(text: str) -> list[dict[str, Any]]:
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return []
    return packages


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
