"""Logging in, and staying logged in."""

from __future__ import annotations

import base64
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.limbas import errors
from shared.limbas.client import Limbas
from shared.limbas.login_guard import WAIT_SECONDS
from shared.limbas.transport import SESSION_SECONDS, RunLmb
from simulators.limbas.endpoint import Options
from simulators.limbas.server import LimbasSimulator
from simulators.limbas.sessions import LOCKED_SECONDS
from simulators.limbas.tables import Tables, without_field
from tests.limbas.answering import Answer, AnsweringServer, soap_answer
from tests.limbas.conftest import Clock, settings
from tests.limbas.recorded import recorded_answer


def test_many_calls_are_one_login(simulator: LimbasSimulator, limbas: Limbas) -> None:
    for _ in range(5):
        limbas.find("KUNDEN", ["NAME"], "NAME", ["Meyer"])
    assert simulator.endpoint.counters.logins == 1
    assert simulator.endpoint.counters.actions["schema"] == 1, "and the schema is read once"


def test_an_expired_session_is_renewed_by_itself_and_the_schema_read_anew(
    simulator: LimbasSimulator, limbas: Limbas
) -> None:
    assert limbas.schema().table("KUNDEN").has("ORT")
    simulator.store.tables = without_town(simulator)
    assert limbas.schema().table("KUNDEN").has("ORT"), "what a session shows stays"

    simulator.sessions.end_all()
    limbas.find("KUNDEN", ["NAME"], "NAME", ["Meyer"])
    assert not limbas.schema().table("KUNDEN").has("ORT")
    assert simulator.endpoint.counters.logins == 2


def test_after_an_hour_a_new_session_shows_what_people_changed(simulator: LimbasSimulator, clock: Clock) -> None:
    with Limbas(settings(simulator.url), clock) as limbas:
        limbas.schema()
        clock.now += SESSION_SECONDS + 1
        limbas.find("KUNDEN", ["NAME"], "NAME", ["Meyer"])
        limbas.schema()
    assert simulator.endpoint.counters.logins == 2
    assert simulator.endpoint.counters.actions["schema"] == 2


def test_a_missing_field_that_somebody_adds_is_found_without_a_restart(
    simulator: LimbasSimulator, clock: Clock
) -> None:
    complete = simulator.store.tables
    simulator.store.tables = without_town(simulator)
    with Limbas(settings(simulator.url), clock) as limbas:
        with pytest.raises(errors.SchemaLacks, match="ORT"):
            limbas.find("KUNDEN", ["ORT"], "NAME", ["Meyer"])
        simulator.store.tables = complete
        assert limbas.find("KUNDEN", ["ORT"], "NAME", ["Meyer"])


def test_a_field_that_stays_missing_does_not_cost_a_session_each_time(
    simulator: LimbasSimulator, limbas: Limbas
) -> None:
    for _ in range(10):
        with pytest.raises(errors.SchemaLacks):
            limbas.find("KUNDEN", ["KEIN_FELD"], "NAME", ["Meyer"])
    assert simulator.endpoint.counters.logins <= 2


def test_the_connection_is_kept_too(server: AnsweringServer) -> None:
    server.answers = [soap_answer({0: 1})]
    with RunLmb(settings(server.url)) as runlmb:
        for _ in range(3):
            runlmb.call({})
    assert len({asked.client for asked in server.asked}) == 1


def test_user_and_password_are_sent_as_utf_8(server: AnsweringServer) -> None:
    server.answers = [soap_answer({0: 1})]
    with RunLmb(settings(server.url, limbas_user="jörg", limbas_password="geheim€")) as runlmb:
        runlmb.call({})
    scheme, _, credentials = server.asked[0].headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(credentials).decode()) == ("Basic", "jörg:geheim€")


def test_the_password_does_not_go_where_a_redirect_points(server: AnsweringServer) -> None:
    with AnsweringServer() as elsewhere:
        elsewhere.answers = [soap_answer({0: 1})]
        server.answers = [Answer(b"", 307, {"Location": elsewhere.url})]
        with RunLmb(settings(server.url)) as runlmb, pytest.raises(errors.Redirected):
            runlmb.call({})
        assert not elsewhere.asked


def test_a_refused_login_stops_all_requests_and_is_said_once(simulator: LimbasSimulator, clock: Clock) -> None:
    with Limbas(settings(simulator.url, limbas_password="wrong"), clock) as limbas, capture_logs() as logs:
        for _ in range(50):
            with pytest.raises(errors.LoginRefused):
                limbas.schema()
            clock.now += 1
        assert simulator.endpoint.counters.requests == 1

        clock.now += WAIT_SECONDS
        for _ in range(3):
            with pytest.raises(errors.LoginRefused):
                limbas.schema()
    assert simulator.endpoint.counters.requests == 2
    assert [entry["event"] for entry in logs] == ["Limbas refuses the login"]
    assert "wrong" not in str(logs)


def test_it_works_again_by_itself_when_the_password_is_right(simulator: LimbasSimulator, clock: Clock) -> None:
    user = simulator.sessions.user("callmonitor")
    assert user
    with Limbas(settings(simulator.url, limbas_password="new"), clock) as limbas, capture_logs() as logs:
        with pytest.raises(errors.LoginRefused):
            limbas.schema()
        simulator.sessions.set_user(replace(user, password="new"))
        clock.now += WAIT_SECONDS + 1
        assert limbas.schema().tables
    assert [entry["event"] for entry in logs] == ["Limbas refuses the login", "Limbas accepts the login again"]


def test_the_wait_cannot_keep_the_lock_out_alive() -> None:
    assert WAIT_SECONDS > 60 > LOCKED_SECONDS


def test_a_locked_address_gets_in_after_the_wait(clock: Clock) -> None:
    with LimbasSimulator(clock=clock) as simulator:
        for _ in range(5):
            wrong = settings(simulator.url, limbas_password="wrong")
            with RunLmb(wrong, clock) as runlmb, pytest.raises(errors.LoginRefused):
                runlmb.call({})
        with Limbas(settings(simulator.url), clock) as limbas:
            with pytest.raises(errors.LoginRefused):  # the right password, and refused
                limbas.schema()
            clock.now += WAIT_SECONDS
            assert limbas.schema().tables


def test_other_failures_do_not_close_the_guard(server: AnsweringServer, client: Limbas) -> None:
    server.answers = [soap_answer({}, headers={"Content-Encoding": "gzip"}), recorded_answer("01")]
    with pytest.raises(errors.CutOff):
        client.schema()
    assert client.schema().tables


@pytest.mark.parametrize("version", ["7", "5"])
@pytest.mark.parametrize("base64_on", [False, True])
def test_servers_of_both_versions_and_with_soap_base64_are_spoken_to(version: str, base64_on: bool) -> None:
    options = Options(version="5" if version == "5" else "7", base64=base64_on)
    with (
        LimbasSimulator(options=options) as simulator,
        Limbas(settings(simulator.url, limbas_soap_base64=base64_on)) as limbas,
    ):
        [meyer] = limbas.find("KUNDEN", ["FIRMA"], "NAME", ["Meyer"])
    assert meyer.values["FIRMA"] == "Meyer Sanitär"


@pytest.mark.parametrize("server_has_it", [False, True])
def test_a_wrong_soap_base64_setting_is_named(server_has_it: bool) -> None:
    with (
        LimbasSimulator(options=Options(base64=server_has_it)) as simulator,
        Limbas(settings(simulator.url, limbas_soap_base64=not server_has_it)) as limbas,
        pytest.raises(errors.LimbasUnavailable, match="LIMBAS_SOAP_BASE64"),
    ):
        limbas.schema()


def without_town(simulator: LimbasSimulator) -> Tables:
    """The simulator's tables, but the customers have no ORT."""
    customers = simulator.store.tables.named("KUNDEN")
    assert customers
    town = customers.named("ORT")
    assert town
    return simulator.store.tables.with_table(without_field(customers, town))


def test_tls_is_trusted_with_its_own_ca_file_and_not_without(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")
    with AnsweringServer(tls=context) as server:
        server.answers = [soap_answer({0: 1})]
        with RunLmb(settings(server.url)) as runlmb, pytest.raises(errors.TlsProblem, match="LIMBAS_CA_FILE"):
            runlmb.call({})
        assert not server.asked

        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "not-there.pem"))
        with RunLmb(settings(server.url, limbas_ca_file=certificate / "ca.pem")) as runlmb:
            assert runlmb.call({})[0] == 1


def test_tls_to_a_server_without_it_is_a_tls_problem(server: AnsweringServer) -> None:
    with RunLmb(settings(server.url.replace("http:", "https:"))) as runlmb, pytest.raises(errors.TlsProblem):
        runlmb.call({})
