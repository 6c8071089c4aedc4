"""docs/limbas-extension.md: who follows it by hand has what the command makes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from cli.limbas.installing import install
from cli.limbas.layout import CONFIGURATION
from tests.limbas_extension.in_limbas import InLimbas
from tests.limbas_extension.limbas_folder import SECRET, make_limbas, write_configuration
from tests.limbas_extension.test_install import files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "limbas-extension.md").read_text(encoding="utf-8")


def block(beginning: str) -> str:
    """The indented block of the page that begins so."""
    (found,) = re.findall(rf"^ {{4}}{re.escape(beginning)}(?:.*\n(?: {{4}}.*\n)*)", PAGE, re.MULTILINE)
    return re.sub(r"^ {4}", "", found, flags=re.MULTILINE)


def test_copying_by_hand_gives_the_same_files_as_the_command(tmp_path: Path) -> None:
    by_hand, by_command = (make_limbas(tmp_path / name) for name in ("by hand", "by command"))
    commands = block("LIMBAS=").replace("LIMBAS=DIR", f'LIMBAS="{by_hand.folder}"')
    subprocess.run(["sh", "-eu", "-c", commands], cwd=ROOT, check=True)
    install(by_command)
    assert files(by_hand.folder) == files(by_command.folder)
    assert (by_hand.extension / CONFIGURATION).stat().st_mode & 0o777 == 0o640


def test_the_rights_that_it_shows_are_good_ones(in_limbas: InLimbas) -> None:
    shown = block("'who_sees' => [")
    write_configuration(in_limbas.limbas, f"<?php\nreturn ['secret' => '{SECRET}',\n{shown}];\n")
    assert "token" in in_limbas.token()


def test_it_lists_every_entry_of_the_configuration(in_limbas: InLimbas) -> None:
    text = (in_limbas.limbas.extension / "server/Configuration.php").read_text(encoding="utf-8")
    (defaults,) = re.findall(r"const DEFAULTS = \[(.*?)\n    \];", text, re.DOTALL)
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(re.findall(r"^ {8}'(\w+)' =>", defaults, re.MULTILINE))


def test_it_quotes_what_people_read() -> None:
    texts = (ROOT / "limbas/EXTENSIONS/callmonitor/texts/de.json").read_text(encoding="utf-8")
    words = (ROOT / "limbas/EXTENSIONS/callmonitor/server/Words.php").read_text(encoding="utf-8")
    quoted = re.findall(r"\*((?:Der|Die|Anrufe|Für) [^*]+)\*", PAGE)
    assert len(quoted) >= 5
    assert [sentence for sentence in quoted if sentence not in texts + words] == []
