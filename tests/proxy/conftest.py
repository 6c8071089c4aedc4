"""A web service behind the real nginx with our example configuration."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.proxy.nginx import Nginx
from tests.web.conftest import Start, start
from tests.web.web_process import WebProcess

__all__ = ["start"]

Behind = Callable[..., Nginx]


@pytest.fixture(scope="session")
def nginx_program() -> str:
    """Where nginx is."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("there is no nginx in PATH")
    assert path, "there is no nginx in PATH"
    return path


@pytest.fixture(scope="session")
def trusting_chromium(chromium: Browser) -> Iterator[Browser]:
    """A Chromium that takes every certificate: in shared workers, too, where Playwright's own switch does not reach."""
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--ignore-certificate-errors"]
    )
    yield browser
    browser.close()


@pytest.fixture
def behind(nginx_program: str, tmp_path: Path, certificate: Path) -> Iterator[Behind]:
    """Puts a web service behind an nginx."""
    running: list[Nginx] = []

    def begin(web: WebProcess, **changes: str) -> Nginx:
        nginx = Nginx(nginx_program, tmp_path, certificate, web.port, **changes)
        running.append(nginx)
        nginx.start()
        return nginx

    yield begin
    for nginx in running:
        nginx.close()


@pytest.fixture
def web(start: Start) -> WebProcess:
    """A web service on an empty log."""
    process = start(FRITZBOX_AREA_CODE="069", WEB_HEARTBEAT_SECONDS="0.2")
    process.start()
    return process


@pytest.fixture
def proxy(behind: Behind, web: WebProcess) -> Nginx:
    """The nginx in front of `web`."""
    return behind(web)
