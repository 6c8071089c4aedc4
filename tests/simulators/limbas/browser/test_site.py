"""What a browser gets by its address: logging in, extensions, scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from simulators.limbas.browser.site import Unable
from simulators.limbas.server import PASSWORD, LimbasSimulator
from simulators.limbas.sessions import COOKIE
from tests.simulators.limbas.browser.conftest import LogIn, Person

PAGES = ("", "main.php?action=gtab_change&gtabid=4&ID=1", "main_dyns.php?actid=mine&q=1")


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_logged_in_gets_the_login_page_instead_of_anything(
    limbas_in_browser: LimbasSimulator, path: str
) -> None:
    assert 'id="btn-login"' in Person(limbas_in_browser.url).at(path)


def test_a_wrong_password_lets_nobody_in(limbas_in_browser: LimbasSimulator) -> None:
    assert 'id="btn-login"' in Person(limbas_in_browser.url).at("", {"username": "anna", "password": "wrong"})


def test_the_sessions_cookie_is_for_no_script_and_no_other_site(limbas_in_browser: LimbasSimulator) -> None:
    form = {"username": "anna", "password": PASSWORD}
    answer = requests.post(limbas_in_browser.url, data=form, timeout=10)
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=strict" in answer.headers["Set-Cookie"]


def test_who_logs_out_is_out(log_in: LogIn) -> None:
    person = log_in()
    assert 'id="btn-login"' in person.at("?logout=1")
    assert 'id="btn-login"' in person.at("main.php")


def test_the_top_document_has_what_extensions_build_on(log_in: LogIn) -> None:
    page = log_in().at("")
    for part in (
        '<iframe id="main" name="main"',
        'id="hiddenmultiframe"',
        'id="multiframeCount_3" class="badge bg-warning rounded-2 d-none float-end mt-1"',
        '<ul id="CONTENT_3">',
        'id="limbasDivMultiframePreview3"',
        'id="multiframeAutorefresh_3"',
        "hideShowMulti(event,'3','Mine','','a=1','mine',1)",
        'class="toast-container position-fixed bottom-0 end-0 p-3"',
    ):
        assert part in page
    assert page.index('id="multiframecont"') < page.index("anna in Büro") < page.index('id="hiddenmultiframe"')


def test_limbas_calls_an_extensions_functions_by_name(log_in: LogIn) -> None:
    person = log_in()
    assert person.at("main_dyns.php?actid=mine", {"q": "id "}) == "id 4"
    asked = "main_dyns.php?actid=multiframePreview&limbasMultiframeItem=mine&id=3&a=7"
    assert person.at(asked, {}) == "<b>preview 7</b>"
    assert person.at("main_dyns.php?actid=none_such") == "function not available"


def test_dialling_is_left_to_the_engine_that_limbas_is_set_to(
    limbas_in_browser: LimbasSimulator, log_in: LogIn
) -> None:
    person = log_in()
    asked = "main_dyns.php?actid=dialNumber"
    assert person.at(asked, {"phoneNr": "030"}) == '<script>alert("no phone is installed!");</script>'
    assert limbas_in_browser.site
    limbas_in_browser.site.dial_engine = "mine"
    assert person.at(asked, {"phoneNr": "030"}) == '<script>dialled("030")</script>'
    assert person.at(asked, {}) == "<script>dialled(null)</script>"


def test_a_new_file_is_found_after_a_reset_and_an_edited_one_counts_at_once(installation: Path, log_in: LogIn) -> None:
    person = log_in()
    folder = installation / "dependent/EXTENSIONS"
    (folder / "mine/ext_multiframe.inc").write_text("<?php echo '<p>edited</p>';")
    (folder / "other").mkdir()
    (folder / "other/ext_multiframe.inc").write_text("<?php echo '<p>new</p>';")
    assert ("edited" in (page := person.at("")), "<p>new" in page) == (True, False)
    assert "<p>new" in person.at("?sess_refresh=1")
    assert "<p>new" in person.at("")


def test_folders_whose_name_begins_with_a_dot_are_passed_over(installation: Path, log_in: LogIn) -> None:
    hidden = installation / "dependent/EXTENSIONS/.mine.new"
    hidden.mkdir()
    (hidden / "ext_multiframe.inc").write_text("<?php echo '<p>hidden</p>';")
    assert "<p>hidden" not in log_in().at("")


def test_scripts_and_styles_are_loaded_on_every_page_of_the_main_frame(log_in: LogIn) -> None:
    person = log_in()
    for path in ("main.php", "main.php?action=gtab_erg&gtabid=4", "main.php?action=gtab_change&gtabid=4&ID=1"):
        page = person.at(path)
        assert '<script src="localassets/mine/ext_main.js?v=7.0.25">' in page
        assert 'href="localassets/mine/ext_main.css?v=7.0.25"' in page
    assert person.at("localassets/mine/ext_main.js?v=7.0.25") == "window.mine = true;"


@pytest.mark.parametrize(
    "path",
    [
        "localassets/../dependent/EXTENSIONS/mine/ext_ajax.inc",
        "localassets/%2e%2e/%2e%2e/dependent/EXTENSIONS/mine/ext_ajax.inc",
        "localassets/mine",
        "localassets/none.js",
        "assets/../site.py",
        "assets/vendor/none.js",
        "dependent/EXTENSIONS/mine/ext_ajax.inc",
    ],
)
def test_nothing_else_of_the_disk_is_served(log_in: LogIn, path: str) -> None:
    person = log_in()
    request = requests.Request("GET", person.url).prepare()
    request.url = f"{person.url}/{path}"
    request.headers["Cookie"] = f"{COOKIE}={person.cookies[COOKIE]}"
    assert person.send(request, timeout=10).status_code == 404


def test_what_php_has_to_complain_of_is_kept(limbas_in_browser: LimbasSimulator, log_in: LogIn) -> None:
    assert log_in().at("main_dyns.php?actid=careless") == ""
    assert limbas_in_browser.site
    (complaint,) = limbas_in_browser.site.complaints
    assert complaint.startswith('Undefined array key "none"')


def test_php_that_gives_up_is_kept_too(limbas_in_browser: LimbasSimulator, log_in: LogIn) -> None:
    log_in().at("main_dyns.php?actid=fatal")
    assert limbas_in_browser.site
    assert "none_such" in limbas_in_browser.site.complaints[0]


def test_without_php_it_says_what_to_install(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Unable, match="install php-cli"):
        LimbasSimulator(installation=installation)


def test_a_folder_that_is_no_installation_is_refused(php: str, tmp_path: Path) -> None:  # noqa: ARG001 - it is needed
    with pytest.raises(Unable, match="dependent/EXTENSIONS"):
        LimbasSimulator(installation=tmp_path / "none")
