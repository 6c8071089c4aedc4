"""The PHP files themselves: sound, and for every PHP from 7.4 on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "limbas" / "EXTENSIONS" / "callmonitor"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".php", ".inc"})
# What PHP 8 brought: this machine's PHP takes it, and that of an office may not.
SINCE_8 = """<?php
$tokens = PhpToken::tokenize(file_get_contents('php://stdin'));
$new = ['T_MATCH', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_ATTRIBUTE', 'T_ENUM', 'T_READONLY'];
$functions = ['str_contains', 'str_starts_with', 'str_ends_with', 'get_debug_type', 'array_is_list', 'json_validate',
              'array_any', 'array_all', 'array_find', 'mb_trim'];
foreach ($tokens as $token) {
    if (in_array($token->getTokenName(), $new) || in_array(strtolower($token->text), $functions)) {
        echo "line {$token->line}: {$token->text}\\n";
    }
}
"""


@pytest.mark.parametrize("file", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
class TestEachFile:
    def test_has_no_syntax_error(self, php: str, file: Path) -> None:
        ran = subprocess.run([php, "-d", "error_reporting=-1", "-l", file], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")

    def test_uses_nothing_that_only_php_8_has(self, php: str, file: Path, tmp_path: Path) -> None:
        (tmp_path / "since_8.php").write_text(SINCE_8)
        ran = subprocess.run([php, tmp_path / "since_8.php"], input=file.read_bytes(), capture_output=True, check=True)
        assert ran.stdout.decode() == ""

    def test_prints_nothing_before_it_is_asked(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert text.startswith("<?php\n")
        assert "?>" not in text
