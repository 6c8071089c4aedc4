"""What the doctor thinks of what it is told, where a real server cannot be made to say it."""

from __future__ import annotations

import random
import ssl
import string
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from redis import Redis

from cli.doctor import check_boxes, check_clocks, check_limbas, check_redis, check_web
from cli.doctor.check_redis import Server
from cli.doctor.check_settings import Loaded
from cli.doctor.examine import examine
from cli.doctor.finding import Finding, Status
from cli.doctor.limbas_schema import judge, judge_menu_rights
from services.ingest.settings import IngestSettings
from services.web.settings import WebSettings
from shared.boxes import Box
from shared.limbas import errors
from shared.limbas.schema import Schema, parse
from shared.limbas.settings import CUSTOMERS, CallsTable, LimbasSettings
from shared.settings import CommonSettings
from simulators.limbas import schema as simulated
from simulators.limbas.business import store
from simulators.limbas.server import PASSWORD
from tests.cli.doctor.office import Office
from tests.limbas.answering import AnsweringServer, soap_answer


def outcomes(findings: list[Finding], *statuses: Status) -> list[tuple[str, str]]:
    return [(finding.check, finding.outcome) for finding in findings if finding.status in statuses]


@pytest.mark.parametrize(
    ("version", "outcome"),
    [
        ({"valkey_version": "7.2.11"}, "too-old"),
        ({"valkey_version": "8.0.0"}, "ok"),
        ({"valkey_version": "10.0.1"}, "ok"),
        ({"redis_version": "6.2.14"}, "too-old"),
        ({"redis_version": "7.0.15"}, "ok"),
        ({"redis_version": "8.2.1"}, "ok"),
        ({}, "too-old"),
    ],
)
def test_a_version_is_new_enough_or_not(redis_client: Redis, version: dict[str, str], outcome: str) -> None:
    info = redis_client.info()
    said = {name: value for name, value in info.items() if not name.endswith("_version")} | version

    assert next(iter(check_redis.judge(Server.parse(said)))).outcome == outcome


def test_a_user_that_may_not_call_info_is_told_how_to_go_on(office: Office) -> None:
    office.redis.acl_setuser("doctor", enabled=True, nopass=True, commands=["+ping", "+hello", "+client|setinfo"])
    settings = CommonSettings(redis_url=office.environment["REDIS_URL"].replace("//", "//doctor:x@"))
    try:
        findings = list(check_redis.check(settings))
    finally:
        office.redis.acl_deluser("doctor")

    assert outcomes(findings, Status.WARNING, Status.PROBLEM) == [("redis.reach", "forbidden")]


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://:open-sesame@redis.example:6379/0", "redis.example:6379"),
        ("rediss://user:a@b@redis.example/0", "redis.example"),
        ("unix:///run/redis.sock?password=open-sesame", "/run/redis.sock"),
        ("redis://", "localhost"),
    ],
)
def test_the_address_of_redis_is_shown_without_its_password(url: str, where: str) -> None:
    assert check_redis.address(url) == where


@pytest.mark.parametrize(("ahead", "outcome"), [(0, "ok"), (-4, "ok"), (60, "behind"), (-60, "ahead")])
def test_clocks_that_differ_are_found(office: Office, ahead: float, outcome: str) -> None:
    def clock() -> float:
        return time.time() + ahead

    common = CommonSettings(redis_url=office.environment["REDIS_URL"])
    limbas = LimbasSettings(limbas_url=office.limbas.url, limbas_user="u", limbas_password=SecretStr("p"))

    assert [f.outcome for f in check_clocks.check_redis(common, clock)] == [outcome]
    assert [f.outcome for f in check_clocks.check_limbas(limbas, clock)] == [outcome]


def test_a_certificate_is_trusted_by_its_ca_file_and_else_not(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")

    def seen(url: str, ca_file: Path | None) -> list[tuple[str, str]]:
        password = SecretStr("p")
        settings = LimbasSettings(limbas_url=url, limbas_user="u", limbas_password=password, limbas_ca_file=ca_file)
        return [(f.outcome, f.status.value) for f in check_limbas.check(settings) if f.check == "limbas.tls"]

    with AnsweringServer(tls=context) as server:
        server.answers = [soap_answer({})]
        assert seen(server.url, None) == [("untrusted", "problem")]
        assert seen(server.url, certificate / "ca.pem") == [("ok", "ok")]


def a_schema(**changes: Any) -> Schema:
    """The schema of the sample business, with other values for properties of the calls table's fields."""
    tables = store().tables
    gtab, gfield = simulated.gtab(tables, may_write=True), simulated.gfield(tables, may_write=True)
    calls = tables.named("ANRUFE")
    assert calls
    for name, values in changes.items():
        if name in gtab:
            gtab[name] = gtab[name] | {calls.id: values}
        else:
            gfield[calls.id] = gfield[calls.id] | {name: gfield[calls.id].get(name, {}) | values}
    return parse({"gtab": gtab, "gfield": gfield})


def test_the_sample_business_is_as_it_should_be() -> None:
    assert outcomes(list(judge(a_schema(), CallsTable(), [CUSTOMERS])), Status.WARNING, Status.PROBLEM) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"delete": 0}, [("limbas.rights", "no-delete")]),
        ({"add": 0}, [("limbas.rights", "read-only")]),
        ({"edit": 0}, [("limbas.rights", "read-only")]),
        ({"perm_edit": {7: 0}}, [("limbas.rights", "no-field")]),
        ({"data_type": {13: 25}}, [("limbas.relation", "exclusive")]),
        ({"data_type": {7: 40}}, [("limbas.fields", "no-time")]),
    ],
)
def test_what_the_schema_tells_is_understood(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert (
        outcomes(list(judge(a_schema(**changes), CallsTable(), [CUSTOMERS])), Status.WARNING, Status.PROBLEM) == found
    )


def test_a_limbas_that_says_nothing_of_menu_rights_is_believed_to_be_set_up() -> None:
    (finding,) = judge_menu_rights(None, [CUSTOMERS])

    assert (finding.status, finding.outcome) == (Status.OK, "untold")


def test_each_way_to_get_no_answer_has_its_own_words() -> None:
    settled = {errors.TlsProblem}  # found on the way there
    own_words = set(check_limbas.OUTCOMES) | settled
    without = {each for each in errors.LimbasUnavailable.__subclasses__() if each not in own_words}

    assert without == {errors.TooLarge, errors.Malformed, errors.Incomplete}


@given(st.integers())
def test_a_secret_made_by_chance_is_good(seed: int) -> None:
    chance = random.Random(seed)
    for secret in (
        chance.randbytes(16).hex(),
        chance.randbytes(32).hex(),
        "".join(chance.choices(string.ascii_letters + string.digits + "-_", k=32)),
    ):
        (finding,) = check_web.check(WebSettings(web_secret=SecretStr(secret)))
        assert finding.status is Status.OK, secret


@pytest.mark.parametrize(
    "secret",
    [
        "a" * 32,
        "abc" * 20,
        "1234567890" * 5,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        "00000000000000000000000000000000000000000000000000000000deadbeef",
        "MySuperSecretKeyForCallMonitor2026!",
        "please-change-this-to-something-else",
        "PasswortPasswortGeheim0815NichtVerraten",
        "https://limbas.example/a-token-of-ours",
    ],
)
def test_a_secret_that_somebody_thought_of_is_found(secret: str) -> None:
    (finding,) = check_web.check(WebSettings(web_secret=SecretStr(secret)))

    assert finding.status is Status.PROBLEM


def test_a_check_that_breaks_or_hangs_does_not_cost_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: Box) -> list[Finding]:
        raise ZeroDivisionError("a bug, and a secret in its text")

    def hangs(_: CommonSettings) -> list[Finding]:
        time.sleep(1)
        return []

    monkeypatch.setattr(check_boxes, "check", breaks)
    monkeypatch.setattr(check_redis, "check", hangs)
    settings = IngestSettings(fritzbox_host="127.0.0.1", redis_url="redis://127.0.0.1:1/0")
    findings = examine(Loaded(settings, {"ingest": settings}), seconds=0.3)

    assert [(f.outcome, dict(f.values)) for f in findings if f.check == "doctor.checks"] == [
        ("late", {"about": "redis", "seconds": "0.3"}),
        ("broken", {"about": "box fritzbox", "error": "ZeroDivisionError"}),
    ]
    assert ("web.secret", "skipped") in outcomes(findings, Status.SKIPPED)


def test_contacts_whose_rows_do_not_come_are_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = LimbasSettings(
        limbas_url=office.limbas.url, limbas_user="callmonitor", limbas_password=SecretStr(PASSWORD)
    )
    monkeypatch.setattr("shared.limbas.client.Limbas.rows", _no_rows)

    assert ("limbas.contacts", "unreadable") in outcomes(list(check_limbas.check(settings)), Status.PROBLEM)


def _no_rows(*_: object, **__: object) -> Any:
    raise errors.Incomplete("Limbas counts rows, and sends none.")
