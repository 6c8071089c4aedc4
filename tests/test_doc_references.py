"""The pages name files and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", page.read_text(encoding="utf-8")))
    ours = {path for path in named if path.partition("/")[0] in FOLDERS}

    assert {path for path in ours if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert {link for link in links if "://" not in link and not (page.parent / link).exists()} == set()


@pytest.mark.parametrize(
    ("page", "heading"),
    [("reliability.md", "What happens, and what shows it"), ("operations.md", "What keeps this page true")],
)
def test_every_claim_in_the_table_names_a_test(page: str, heading: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|.*\|$", text, re.MULTILINE)[2:]

    assert len(rows) > 5
    assert [row for row in rows if "`tests/" not in row] == []


def test_the_page_on_security_names_a_test_for_nearly_every_claim() -> None:
    claims = re.findall(r"^\| (?!who|port|---).*\|$", (ROOT / "docs" / "security.md").read_text(), re.MULTILINE)

    without = [claim for claim in claims if "`tests/" not in claim and "docker-compose.yml" not in claim]
    assert len(claims) > 15
    assert len(without) <= 3
