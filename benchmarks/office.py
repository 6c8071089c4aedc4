"""Our services as an office runs them: the real processes, and a Limbas that nobody has to ask."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.processes import running
from services.web.rights import EVERYTHING
from services.web.tokens import mint
from simulators.fritzbox.server import FritzBoxSimulator
from tests.waiting import eventually
from tests.web.web_process import SECRET, WebProcess

AREA_CODE: Final = "06221"
_PATIENCE: Final = 30.0


@contextmanager
def office(redis_url: str, box: FritzBoxSimulator) -> Iterator[WebProcess]:
    """Ingest, matcher and web, all of them ready."""
    with web(redis_url) as site, ingest(redis_url, box.port), _matcher(redis_url):
        box.wait_for_client(timeout=_PATIENCE)
        yield site


@contextmanager
def web(redis_url: str, **settings: str) -> Iterator[WebProcess]:
    """The event service: one worker."""
    site = WebProcess(redis_url, FRITZBOX_AREA_CODE=AREA_CODE, **settings)
    try:
        site.start()
        eventually(lambda: site.status("/readyz") == 200, within=_PATIENCE)
        yield site
    finally:
        site.close()


@contextmanager
def ingest(redis_url: str, box_port: int) -> Iterator[None]:
    """What reads the box."""
    with TemporaryDirectory() as spool:
        box = {"FRITZBOX_HOST": "127.0.0.1", "FRITZBOX_PORT": f"{box_port}", "FRITZBOX_NAME": "office"}
        with running([sys.executable, "-m", "services.ingest"], _settings(redis_url) | box | {"SPOOL_DIR": spool}):
            yield


def our_request(number: int) -> bytes:
    """How a client asks for events: each as another user, who may see every call."""
    token = mint(SECRET, f"user-{number}", 3600, EVERYTHING)
    return f"GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


@contextmanager
def _matcher(redis_url: str) -> Iterator[None]:
    limbas = {"LIMBAS_URL": "http://127.0.0.1:1", "LIMBAS_USER": "callmonitor", "LIMBAS_PASSWORD": "callmonitor"}
    with running([sys.executable, "-m", "services.matcher"], _settings(redis_url) | limbas):
        yield


def _settings(redis_url: str) -> dict[str, str]:
    return {"CALLMONITOR_CONFIG": os.devnull, "FRITZBOX_AREA_CODE": AREA_CODE, "REDIS_URL": redis_url}
