"""A simulated Limbas with an extension of the test's own in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from simulators.limbas.server import PASSWORD, LimbasSimulator

EXTENSION = {
    "dependent/EXTENSIONS/mine/ext_multiframe.inc": (
        "<?php\n$melements = ['id' => $elid++, 'name' => 'Mine', 'link' => 'main.php?action=intro', 'target' => 'main',"
        " 'preview' => 'mine', 'params' => 'a=1', 'gicon' => 'lmb-phone'];\n$menu[0][] = $melements;\n"
        "$group = $groupdat['name'][$session['group_id']];\n"
        "echo '<p id=\"printed\">' . $session['username'] . ' in ' . $group . '</p>';\n"
    ),
    "dependent/EXTENSIONS/mine/ext_ajax.inc": (
        "<?php\nfunction dyns_mine($params) { global $gtab; echo $params['q'], $gtab['argresult_id']['KUNDEN']; }\n"
        "function LmbExt_mine($params) { echo '<b>preview ' . $params['a'] . '</b>'; }\n"
        "function LmbDialNumber_mine($number) { return '<script>dialled(' . json_encode($number) . ')</script>'; }\n"
        "function dyns_careless($params) { echo $params['none']; }\n"
        "function dyns_fatal($params) { none_such(); }\n"
    ),
    "dependent/EXTENSIONS/mine/ext_main.js": "",
    "dependent/EXTENSIONS/mine/ext_main.css": "",
    "public/localassets/mine/ext_main.js": "window.mine = true;",
    "public/localassets/mine/ext_main.css": "",
}

LogIn = Callable[..., "Person"]


class Person(requests.Session):
    """Somebody's browser, as far as HTTP goes."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def at(self, path: str, form: dict[str, str] | None = None) -> str:
        """The page at an address; `form` is sent to it."""
        answer = self.request("GET" if form is None else "POST", f"{self.url}/{path}", data=form, timeout=30)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    for name, text in EXTENSION.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def limbas_in_browser(php: str, installation: Path) -> Iterator[LimbasSimulator]:  # noqa: ARG001 - it is needed
    with LimbasSimulator(installation=installation) as simulator:
        yield simulator


@pytest.fixture
def log_in(limbas_in_browser: LimbasSimulator) -> LogIn:
    def enter(user: str = "anna") -> Person:
        person = Person(limbas_in_browser.url)
        assert "multiframecont" in person.at("", {"username": user, "password": PASSWORD})
        return person

    return enter
