"""Where no secret may ever be seen: process lists, logs, errors, what commands print. While everything goes wrong."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.guarded_valkey import GuardedValkey
from tests.system.office import SECRET, SERVICES, Office
from tests.waiting import eventually

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks into /proc"),
]

LIMBAS_PASSWORD, BOX_PASSWORD = "the-password-for-limbas", "the-password-for-the-box"


@pytest.fixture
def office(guarded_office: Office) -> Office:
    """Limbas and the box refuse our passwords; logger's at Redis is wrong."""
    wrong = {"LIMBAS_PASSWORD": LIMBAS_PASSWORD, "FRITZBOX_USER": "us", "FRITZBOX_PASSWORD": BOX_PASSWORD}
    for login in guarded_office.logins.values():
        login |= wrong
    guarded_office.logins["logger"]["REDIS_PASSWORD"] += " is another one"
    return guarded_office


def command_lines() -> str:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_text(errors="replace"))
        except OSError:  # it has ended
            continue
    return "\n".join(found)


def open_stream(office: Office) -> None:
    """As a browser that can set no header does it: with the token in the address."""
    request = f"GET /events?access_token={office.token} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", office.web_port), timeout=10) as client:
        client.sendall(request)
        assert b"200 OK" in client.recv(100)
    with socket.create_connection(("127.0.0.1", office.web_port), timeout=10) as client:
        client.sendall(request.replace(b"HTTP/1.1", b"nonsense"))
        client.recv(100)


def test_no_secret_is_seen_in_any_trouble(office: Office, guarded_valkey: GuardedValkey) -> None:
    for service in SERVICES:
        office.start(service)
    office.box.wait_for_client(timeout=20)
    eventually(lambda: "refuses the login" in office.log_of("jobs") + office.log_of("matcher"), within=20)
    eventually(lambda: "WRONGPASS" in office.log_of("logger") or "invalid" in office.log_of("logger"), within=20)
    eventually(lambda: "started" in office.log_of("web"), within=20)
    open_stream(office)
    listed = command_lines()
    printed = [office.callmonitor("contacts", "pin", "03023125201", "KUNDEN:1"), office.callmonitor("doctor")]
    guarded_valkey.stop()
    printed += [office.callmonitor("contacts", "pins"), office.callmonitor("doctor")]
    for name in office.logins:
        office.logins[name]["REDIS_URL"] = f"redis://us:{LIMBAS_PASSWORD}@127.0.0.1:notaport/0"
    printed += [office.callmonitor("contacts", "pins"), office.callmonitor("doctor")]
    office.stop()

    logs = "\n".join(office.log_of(service) for service in SERVICES)
    said = "\n".join(each.stdout + each.stderr for each in printed)
    assert all(each.returncode for each in printed)
    for secret in (SECRET, office.token, LIMBAS_PASSWORD, BOX_PASSWORD, *guarded_valkey.passwords.values()):
        for place, text in {"process list": listed, "logs": logs, "output": said}.items():
            assert secret not in text, place
    assert "Traceback" not in said
