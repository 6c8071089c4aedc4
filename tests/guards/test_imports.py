"""What a service loads before it is ready. Start-up is mostly that; a timed test of it would be one of the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

PLACES = {"phonenumbers.geodata", "phonenumbers.carrierdata", "phonenumbers.geocoder"}
"""The numbering plans of the world: 0.3 s and 80 MB."""
SOAP = {"zeep", "lxml"}
SITE = {"flask", "werkzeug", "gunicorn", "gevent"}
BOX = {"fritzconnection"}
JOBS = {"rq"}
TESTS = {"pytest", "hypothesis", "simulators", "tests"}


@pytest.mark.parametrize(
    ("module", "foreign"),
    [
        ("services.ingest.__main__", PLACES | SOAP | SITE | JOBS | BOX | {"requests"}),
        ("services.matcher.__main__", PLACES | SITE | JOBS | BOX),
        ("services.logger.__main__", PLACES | SITE | JOBS | BOX),
        ("services.jobs.__main__", PLACES | SITE),
        ("services.web.__main__", PLACES | SOAP | JOBS | BOX | {"flask", "redis", "requests"}),
        ("services.web.worker", PLACES | SOAP | JOBS | BOX | {"requests"}),
    ],
)
def test_a_service_does_not_load_what_only_others_need(module: str, foreign: set[str]) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) & (foreign | TESTS) == set()
