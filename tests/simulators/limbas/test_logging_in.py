"""Sessions, wrong passwords and the lock-out."""

from __future__ import annotations

import pytest
import requests

from simulators.limbas.server import LimbasSimulator
from tests.simulators.limbas.client import CALLS, Client, decoded
from tests.simulators.limbas.conftest import Clock

ASK = {0: {"getvars": ["gtab"]}}


def let_in(response: requests.Response) -> bool:
    if "<form" in response.text:
        assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        return False
    return bool(decoded(response)["gtab"])


def locked(response: requests.Response) -> bool:
    return ">15s</button>" in response.text


def logins(limbas: Client) -> int:
    counted: int = limbas.simulator("GET", "counters").json()["logins"]
    return counted


def test_who_keeps_the_cookie_logs_in_once(limbas: Client) -> None:
    assert all(let_in(limbas.send(ASK)) for _ in range(3))
    assert logins(limbas) == 1
    assert limbas.simulator("GET", "sessions").json() == {"open": 1}


def test_who_loses_it_logs_in_each_time(limbas: Client) -> None:
    for _ in range(3):
        assert let_in(limbas.send(ASK))
        limbas.http.cookies.clear()
    assert logins(limbas) == 3
    assert limbas.simulator("GET", "sessions").json() == {"open": 3}


def test_the_cookie_is_for_the_client_alone(limbas: Client) -> None:
    cookie = limbas.send(ASK).headers["Set-Cookie"]
    assert cookie.startswith("LMB_SESS_ID=")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "Set-Cookie" not in limbas.send(ASK).headers


def test_who_has_the_cookie_needs_no_password(limbas: Client) -> None:
    limbas.send(ASK)
    limbas.http.auth = None
    assert let_in(limbas.send(ASK))


@pytest.mark.parametrize(
    "credentials",
    [
        ("callmonitor", "wrong"),
        ("nobody", "callmonitor"),
        ("callmonitor", ""),
        ("", ""),
        ("Callmonitor", "callmonitor"),
        None,
    ],
)
def test_whoever_is_not_let_in_sees_a_login_page_and_loses_the_cookie(
    limbas: Client, credentials: tuple[str, str] | None
) -> None:
    limbas.http.auth = credentials
    response = limbas.send(ASK)
    assert not let_in(response)
    assert not locked(response)
    assert response.headers["Set-Cookie"].startswith("LMB_SESS_ID=deleted; expires=Thu, 01 Jan 1970")


@pytest.mark.parametrize("header", ["Bearer x", "Basic", "Basic ???", "Basic /w==", "Basic Y2FsbG1vbml0b3I="])
def test_an_odd_authorization_is_none(limbas: Client, header: str) -> None:
    response = requests.post(
        f"{limbas.url}/main_soap.php", data=b"", headers={"Authorization": header, "Cookie": "LMB_SESS_ID"}, timeout=5
    )
    assert not let_in(response)


@pytest.mark.parametrize("name", ["a" * 31, "o'connor", "'"])
def test_some_names_can_never_log_in(limbas: Client, name: str) -> None:
    assert limbas.simulator("PUT", f"users/{name}", {"password": "right"}).ok
    assert not let_in(Client(limbas.url, name, "right").send(ASK))
    assert limbas.simulator("PUT", "users/ordinary", {"password": "right"}).ok
    assert let_in(Client(limbas.url, "ordinary", "right").send(ASK))


@pytest.mark.parametrize("password", ["p" * 31, "it's"])
def test_some_passwords_never_fit(limbas: Client, password: str) -> None:
    limbas.simulator("PUT", "users/ordinary", {"password": password})
    assert not let_in(Client(limbas.url, "ordinary", password).send(ASK))


def test_after_five_wrong_logins_the_right_one_is_refused_too(limbas: Client, clock: Clock) -> None:
    wrong = Client(limbas.url, "callmonitor", "wrong")
    for _ in range(5):
        assert not locked(wrong.send(ASK))
        clock.forward(60)
    assert let_in(limbas.send(ASK))  # the last one was a minute ago
    for _ in range(5):
        assert not locked(wrong.send(ASK))
    assert locked(limbas.send(ASK))  # with an open session, even
    clock.forward(14.9)
    assert locked(limbas.send(ASK))
    clock.forward(15)
    assert let_in(limbas.send(ASK))


def test_a_right_login_does_not_take_the_wrong_ones_back(limbas: Client) -> None:
    wrong = Client(limbas.url, "callmonitor", "wrong")
    for _ in range(4):
        wrong.send(ASK)
    assert let_in(limbas.send(ASK))
    wrong.send(ASK)
    assert locked(limbas.send(ASK))


def test_who_keeps_trying_keeps_the_lock_out_alive(limbas: Client, clock: Clock) -> None:
    wrong = Client(limbas.url, "callmonitor", "wrong")
    for _ in range(5):
        wrong.send(ASK)
    for _ in range(20):
        clock.forward(10)
        assert locked(limbas.send(ASK))
    clock.forward(15)
    assert let_in(limbas.send(ASK))


def test_no_credentials_are_no_wrong_ones(limbas: Client) -> None:
    for _ in range(9):
        assert not locked(Client(limbas.url, None).send(ASK))
    assert let_in(limbas.send(ASK))


def test_a_lock_out_is_for_one_address(simulator: LimbasSimulator) -> None:
    from simulators.limbas.sessions import LoginRefused

    for _ in range(5):
        with pytest.raises(LoginRefused):
            simulator.sessions.enter(None, ("callmonitor", "wrong"), "192.0.2.1")
    assert simulator.sessions.enter(None, ("callmonitor", "callmonitor"), "192.0.2.2")


def test_a_session_ends_when_it_was_not_used_for_long(limbas: Client, clock: Clock) -> None:
    limbas.send(ASK)
    for _ in range(3):
        clock.forward(599)
        assert let_in(limbas.send(ASK))
    assert logins(limbas) == 1
    clock.forward(601)
    assert let_in(limbas.send(ASK))
    assert logins(limbas) == 2


def test_who_has_only_the_cookie_of_an_ended_session_is_out(limbas: Client) -> None:
    limbas.send(ASK)
    limbas.http.auth = None
    limbas.simulator("DELETE", "sessions")
    assert not let_in(limbas.send(ASK))


def test_a_changed_password_counts_at_the_next_login(limbas: Client) -> None:
    limbas.send(ASK)
    limbas.simulator("PUT", "users/callmonitor", {"password": "new"})
    assert let_in(limbas.send(ASK))
    limbas.simulator("DELETE", "sessions")
    assert not let_in(limbas.send(ASK))
    limbas.http.auth = ("callmonitor", "new")
    assert let_in(limbas.send(ASK))


def test_a_session_keeps_the_schema_and_the_rights_of_its_login(limbas: Client) -> None:
    limbas.send(ASK)
    limbas.simulator("PATCH", "schema/ANRUFE", {"name": "TELEFONATE"})
    limbas.simulator("PATCH", "schema/TELEFONATE/STATUS", {"size": 3})
    limbas.simulator("PUT", "users/callmonitor", {"may_write": False})
    schema = limbas.do({"getvars": ["gtab", "gfield"]})
    assert schema["gtab"]["argresult_id"]["ANRUFE"] == CALLS
    assert schema["gfield"][CALLS]["size"][11] == 20
    [record] = limbas.insert({2: "x", 11: "answered"})
    assert limbas.row(record)[11] == "answered"
    limbas.http.cookies.clear()
    schema = limbas.do({"getvars": ["gtab", "gfield"]})
    assert schema["gtab"]["argresult_id"]["TELEFONATE"] == CALLS
    assert schema["gfield"][CALLS]["size"][11] == 3
    assert limbas.do({"action": "gtab_new", "gtabid": CALLS, "gnup": {2: "y"}}) == {}
