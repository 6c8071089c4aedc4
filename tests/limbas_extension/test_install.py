"""`callmonitor limbas install` and `uninstall`, on the folder of a Limbas."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.limbas.layout import CONFIGURATION, Limbas
from cli.main import callmonitor
from simulators.limbas.browser.installation import Installation
from tests.limbas_extension.limbas_folder import make_limbas

IMPORT = re.compile(r"""(?:import|from)\s*\(?\s*["'](\.[^"']+)["']""")


@pytest.fixture
def limbas(tmp_path: Path) -> Limbas:
    """A Limbas without the extension."""
    return make_limbas(tmp_path / "limbas")


def run(command: str, folder: Path, language: str = "en") -> Result:
    return CliRunner().invoke(callmonitor, ["limbas", command, str(folder), "--language", language])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_limbas_finds_what_it_runs_and_browsers_what_they_load(limbas: Limbas) -> None:
    assert run("install", limbas.folder).exit_code == 0
    installation = Installation(limbas.folder)
    found = installation.extensions()
    assert {"ext_multiframe.inc", "ext_ajax.inc", "ext_main.js"} <= set(found)
    for path in found["ext_main.js"]:
        assert installation.asset(installation.address(path).removeprefix("localassets/"))


def test_every_script_finds_what_it_imports(limbas: Limbas) -> None:
    run("install", limbas.folder)
    scripts = [path for path in limbas.assets.rglob("*.js") if path.is_file()]
    imported = [(script.parent / name).resolve() for script in scripts for name in IMPORT.findall(script.read_text())]
    assert len(imported) > 10
    assert [path for path in imported if not path.is_file()] == []
    assert {path.name for path in (limbas.assets / "client/texts").iterdir()} == {"de.json", "en.json"}


def test_nothing_that_limbas_runs_can_be_loaded_by_browsers(limbas: Limbas) -> None:
    run("install", limbas.folder)
    assert [path for path in limbas.assets.rglob("*") if path.suffix in {".php", ".inc"}] == []


def test_the_configuration_is_made_from_the_example_and_not_for_everybody_to_read(limbas: Limbas) -> None:
    run("install", limbas.folder)
    made = limbas.extension / CONFIGURATION
    assert made.read_bytes() == (limbas.extension / "callmonitor.config.example.php").read_bytes()
    assert made.stat().st_mode & 0o777 == 0o640
    assert (limbas.extension / "ext_ajax.inc").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_what_root_installs_belongs_to_whom_the_other_extensions_belong(limbas: Limbas) -> None:
    for folder in (limbas.extension.parent, limbas.assets.parent):
        os.chown(folder, 33, 33)
    run("install", limbas.folder)
    ours = [limbas.extension, *limbas.extension.rglob("*"), limbas.assets, *limbas.assets.rglob("*")]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in ours} == {(33, 33)}


def test_to_install_again_changes_nothing(limbas: Limbas) -> None:
    run("install", limbas.folder)
    before = files(limbas.folder)
    assert run("install", limbas.folder).exit_code == 0
    assert files(limbas.folder) == before


def test_a_newer_version_takes_the_place_of_an_older_one_and_the_configuration_stays(limbas: Limbas) -> None:
    run("install", limbas.folder)
    for gone in (limbas.extension / "server/Gone.php", limbas.assets / "gone.js"):
        gone.write_text("old")
    (limbas.extension / "ext_ajax.inc").write_text("old")
    (limbas.extension / CONFIGURATION).write_text("<?php return ['secret' => 'kept'];")
    (limbas.extension / CONFIGURATION).chmod(0o400)
    assert "stayed as it was" in run("install", limbas.folder).output
    assert b"old" not in files(limbas.folder).values()
    assert "kept" in (limbas.extension / CONFIGURATION).read_text()
    assert (limbas.extension / CONFIGURATION).stat().st_mode & 0o777 == 0o400


def test_other_extensions_are_not_touched(limbas: Limbas) -> None:
    for other in (limbas.extension.parent / "other/ext_main.js", limbas.assets.parent / "other/ext_main.js"):
        other.parent.mkdir()
        other.write_text("theirs")
    before = files(limbas.folder)
    run("install", limbas.folder)
    run("uninstall", limbas.folder)
    (limbas.extension / CONFIGURATION).unlink()
    assert files(limbas.folder) == before


def test_uninstalled_nothing_is_left_but_the_configuration(limbas: Limbas) -> None:
    run("install", limbas.folder)
    result = run("uninstall", limbas.folder)
    assert (result.exit_code, CONFIGURATION in result.output) == (0, True)
    assert list(files(limbas.folder)) == [f"dependent/EXTENSIONS/callmonitor/{CONFIGURATION}"]
    assert run("uninstall", limbas.folder).exit_code == 0


def test_to_uninstall_what_was_never_installed_is_no_fault(limbas: Limbas) -> None:
    result = run("uninstall", limbas.folder)
    assert (result.exit_code, CONFIGURATION in result.output) == (0, False)


def test_it_says_what_to_do_next(limbas: Limbas) -> None:
    first = run("install", limbas.folder, "de").output
    assert "Tragen Sie in" in first
    assert str(limbas.extension / CONFIGURATION) in first
    assert "reset" in run("install", limbas.folder, "de").output
    assert "Fill in at least the secret" in run("install", make_limbas(limbas.folder / "b").folder).output


def test_the_source_archive_of_limbas_has_it_all_in_src(tmp_path: Path) -> None:
    limbas = make_limbas(tmp_path / "archive" / "src")
    assert run("install", tmp_path / "archive").exit_code == 0
    assert (limbas.assets / "popup.js").is_file()


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_a_folder_that_is_no_limbas_is_refused_in_one_sentence(tmp_path: Path, command: str) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        result = run(command, folder, "de")
        assert result.exit_code == 1
        assert result.output.count("\n") == 1
        assert f"{folder} ist kein Ordner einer Limbas-Installation" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_folder_elsewhere_gives_way_to_a_folder(limbas: Limbas, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "theirs.txt").write_text("kept")
    limbas.extension.symlink_to(elsewhere)
    run("install", limbas.folder)
    assert not limbas.extension.is_symlink()
    assert files(elsewhere) == {"theirs.txt": b"kept"}


def test_a_folder_without_localassets_gets_one(limbas: Limbas) -> None:
    limbas.assets.parent.rmdir()
    assert run("install", limbas.folder).exit_code == 0
    assert (limbas.assets / "popup.js").is_file()
