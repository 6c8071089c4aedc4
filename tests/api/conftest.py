"""A running web service, and its API."""

from __future__ import annotations

import pytest

from services.web.rights import EVERYTHING
from tests.api.client import Api
from tests.web.conftest import Start, calls, own_redis, start, web
from tests.web.web_process import WebProcess

__all__ = ["calls", "own_redis", "start", "web"]


@pytest.fixture
def api(web: WebProcess) -> Api:
    """The API of the service that a module's tests share, for somebody who may see every call."""
    return Api(web, EVERYTHING)


@pytest.fixture
def own_api(start: Start) -> Api:
    """The API of a service of the test's own, on an empty log."""
    process = start(FRITZBOX_AREA_CODE="069")
    process.start()
    return Api(process, EVERYTHING)
