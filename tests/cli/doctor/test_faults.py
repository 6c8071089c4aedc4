"""The doctor finds each fault, in an office where nothing else is wrong, and is all green where nothing is."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from simulators.limbas.endpoint import Options
from simulators.limbas.faults import Fault, FaultKind
from simulators.limbas.sessions import MENU_DELETE, MENU_LINK, MENU_NEW, MENU_UNLINK
from simulators.limbas.tables import Kind
from tests.cli.doctor.breaking import (
    Break,
    all_of,
    environment,
    field_gone,
    field_is,
    hanging_up,
    limbas_fault,
    menu_right_gone,
    redis_set,
    table_gone,
    toml,
)
from tests.cli.doctor.office import Office, Seen, examined, healthy_office
from tests.valkey import Valkey, free_port

REDIS = ["redis.version", "redis.persistence", "redis.memory"]
AFTER_LOGIN = [
    f"limbas.{name}" for name in ("calls-table", "call-id", "fields", "relation", "rights", "menu-rights", "contacts")
]


@pytest.mark.parametrize(
    ("break_it", "found", "skipped"),
    [
        # Settings
        (environment(WEB_PORT="http"), [Seen("settings.services", "wrong", "problem")], ["web.secret"]),
        (environment(FRITZBOX_HOST=""), [Seen("settings.services", "wrong", "problem")], ["box.address"]),
        (
            environment(LIMBAS_USER=""),
            [Seen("settings.services", "wrong", "problem")],
            ["box.phonebook", "limbas.reach", "clocks.limbas"],
        ),
        (toml('[[contract]]\ntable = "KUNDEN"\n'), [Seen("settings.file", "similar", "warning")], []),
        (toml('colour = "green"\n'), [Seen("settings.file", "unknown", "warning")], []),
        # Redis
        (
            lambda office: office.environment.update(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0"),
            [Seen("redis.reach", "away", "problem")],
            [*REDIS, "clocks.redis"],
        ),
        (
            environment(REDIS_URL="redis://redis.invalid:6379/0"),
            [Seen("redis.reach", "away", "problem")],
            [*REDIS, "clocks.redis"],
        ),
        (redis_set(requirepass="open sesame"), [Seen("redis.reach", "refused", "problem")], [*REDIS, "clocks.redis"]),
        (
            all_of(redis_set(requirepass="open sesame"), environment(REDIS_PASSWORD="simsalabim")),
            [Seen("redis.reach", "refused", "problem")],
            [*REDIS, "clocks.redis"],
        ),
        (
            lambda office: office.environment.update(REDIS_URL=f"{office.environment['REDIS_URL']}99"),
            [Seen("redis.reach", "odd", "problem")],
            [*REDIS, "clocks.redis"],
        ),
        (redis_set(appendonly="no"), [Seen("redis.persistence", "off", "problem")], []),
        (
            redis_set(maxmemory="100mb", maxmemory_policy="allkeys-lru"),
            [Seen("redis.memory", "evicts", "problem")],
            [],
        ),
        # The FRITZ!Box
        (
            environment(FRITZBOX_HOST="fritz.invalid"),
            [Seen("box.address", "unknown", "problem"), Seen("box.phonebook", "away", "problem")],
            ["box.port", "box.alive"],
        ),
        (
            lambda office: office.environment.update(FRITZBOX_PORT=str(free_port())),
            [Seen("box.port", "refused", "problem")],
            ["box.alive"],
        ),
        # Its phonebooks
        (environment(FRITZBOX_PASSWORD="wrong"), [Seen("box.phonebook", "refused", "problem")], []),
        (environment(FRITZBOX_USER="ohne-telefonie"), [Seen("box.phonebook", "forbidden", "problem")], []),
        (
            lambda office: office.environment.update(FRITZBOX_TR064_PORT=str(free_port())),
            [Seen("box.phonebook", "away", "problem")],
            [],
        ),
        (environment(FRITZBOX_TLS="true"), [Seen("box.phonebook", "no-tls", "problem")], []),
        (
            lambda office: office.environment.update(FRITZBOX_TR064_PORT=str(urlsplit(office.limbas.url).port)),
            [Seen("box.phonebook", "odd", "problem")],
            [],
        ),
        (environment(FRITZBOX_PASSWORD=""), [Seen("settings.services", "wrong", "problem")], ["box.phonebook"]),
        # Limbas: the way there
        (
            environment(LIMBAS_URL="http://limbas.invalid/"),
            [Seen("limbas.reach", "unknown", "problem")],
            ["limbas.tls", "limbas.login", *AFTER_LOGIN, "clocks.limbas"],
        ),
        (
            lambda office: office.environment.update(LIMBAS_URL=f"http://127.0.0.1:{free_port()}/"),
            [Seen("limbas.reach", "away", "problem")],
            ["limbas.tls", "limbas.login", *AFTER_LOGIN, "clocks.limbas"],
        ),
        (
            lambda office: office.environment.update(LIMBAS_URL=office.limbas.url.replace("http:", "https:")),
            [Seen("limbas.tls", "untrusted", "problem")],
            ["limbas.login", *AFTER_LOGIN, "clocks.limbas"],
        ),
        (environment(LIMBAS_PASSWORD="wrong"), [Seen("limbas.login", "refused", "problem")], AFTER_LOGIN),
        (environment(LIMBAS_USER="nobody"), [Seen("limbas.login", "refused", "problem")], AFTER_LOGIN),
        (environment(LIMBAS_SOAP_BASE64="true"), [Seen("limbas.login", "base64", "problem")], AFTER_LOGIN),
        (
            lambda office: office.environment.update(LIMBAS_URL=f"{office.limbas.url}/elsewhere/"),
            [Seen("limbas.login", "server-error", "problem")],
            AFTER_LOGIN,
        ),
        (limbas_fault(FaultKind.SERVER_ERROR), [Seen("limbas.login", "server-error", "problem")], AFTER_LOGIN),
        (limbas_fault(FaultKind.CUT_OFF), [Seen("limbas.login", "cut-off", "problem")], AFTER_LOGIN),
        (limbas_fault(FaultKind.WARNING), [Seen("limbas.login", "php-warning", "problem")], AFTER_LOGIN),
        (limbas_fault(FaultKind.DOWN), [Seen("limbas.login", "hangs-up", "problem")], AFTER_LOGIN),
        # Limbas: tables, fields and rights
        (
            table_gone("ANRUFE"),
            [Seen("limbas.calls-table", "missing", "problem")],
            ["limbas.call-id", "limbas.fields", "limbas.relation", "limbas.rights"],
        ),
        (
            table_gone("KUNDEN"),
            [Seen("limbas.relation", "leads-elsewhere", "problem"), Seen("limbas.contacts", "missing", "problem")],
            [],
        ),
        (field_gone("CALLID"), [Seen("limbas.call-id", "missing", "problem")], []),
        (field_is("CALLID", kind=Kind.NUMBER), [Seen("limbas.call-id", "no-text", "problem")], []),
        (field_is("CALLID", size=63), [Seen("limbas.call-id", "too-small", "problem")], []),
        (field_is("CALLID", unique=False), [Seen("limbas.call-id", "not-unique", "warning")], []),
        (field_gone("VERBUNDEN"), [Seen("limbas.fields", "missing", "problem")], []),
        (field_is("NEBENSTELLE", kind=Kind.NUMBER), [Seen("limbas.fields", "no-text", "problem")], []),
        (field_is("BEGINN", kind=Kind.TEXT, size=26), [Seen("limbas.fields", "no-time", "problem")], []),
        (field_is("DAUER", kind=Kind.TEXT), [Seen("limbas.fields", "no-number", "problem")], []),
        (field_is("DAUER", size=3), [Seen("limbas.fields", "too-small", "problem")], []),
        (field_is("RICHTUNG", size=7), [Seen("limbas.fields", "too-small", "problem")], []),
        (field_is("STATUS", size=10), [Seen("limbas.fields", "too-small", "problem")], []),
        (field_is("KONTAKT_NAME", size=80), [Seen("limbas.fields", "cut", "warning")], []),
        (field_gone("KUNDE"), [Seen("limbas.relation", "missing", "problem")], []),
        (field_is("KUNDE", kind=Kind.TEXT), [Seen("limbas.relation", "no-relation", "problem")], []),
        (field_is("KUNDE", target=6), [Seen("limbas.relation", "leads-elsewhere", "problem")], []),
        (
            environment(LIMBAS_USER="leser"),
            [Seen("limbas.relation", "read-only", "problem"), Seen("limbas.rights", "read-only", "problem")],
            [],
        ),
        (menu_right_gone(MENU_NEW), [Seen("limbas.menu-rights", "no-new", "problem")], []),
        (menu_right_gone(MENU_LINK), [Seen("limbas.menu-rights", "no-link", "problem")], []),
        (menu_right_gone(MENU_UNLINK), [Seen("limbas.menu-rights", "no-unlink", "warning")], []),
        (menu_right_gone(MENU_DELETE), [Seen("limbas.menu-rights", "no-delete", "warning")], []),
        (
            toml('[[contacts]]\ntable = "KUNDEN"\nrelation = "KUNDE"\nnumbers = ["HANDY"]\nname = "{NAME}"\n'),
            [Seen("limbas.contacts", "fields-missing", "problem")],
            [],
        ),
        # The page
        (environment(WEB_SECRET="change-me-" * 4), [Seen("web.secret", "example", "problem")], []),
        (environment(WEB_SECRET="0123456789" * 4), [Seen("web.secret", "guessable", "problem")], []),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_nothing_else(
    office: Office, break_it: Break, found: list[Seen], skipped: list[str]
) -> None:
    break_it(office)

    exit_code, findings = examined(office.environment)

    assert [seen for seen in findings if seen.status in ("warning", "problem")] == found
    assert [seen.check for seen in findings if seen.status == "skipped"] == skipped
    assert exit_code == int(any(seen.status == "problem" for seen in found))


def test_where_nothing_is_wrong_all_is_green(office: Office) -> None:
    exit_code, findings = examined(office.environment)

    assert exit_code == 0
    assert {seen.status for seen in findings} == {"ok"}
    assert {seen.check for seen in findings} == {
        "settings.services", "redis.reach", *REDIS, "box.address", "box.port", "box.alive", "box.phonebook",
        "limbas.reach",
        "limbas.tls", "limbas.login", *AFTER_LOGIN, "web.secret", "clocks.redis", "clocks.limbas",
    }  # fmt: skip


def test_a_limbas_with_base64_is_as_good_when_the_settings_say_so(valkey: Valkey) -> None:
    with healthy_office(valkey, Options(base64=True)) as office:
        assert Seen("limbas.login", "base64", "problem") in examined(office.environment)[1]
        assert examined(office.environment | {"LIMBAS_SOAP_BASE64": "true"})[0] == 0


def test_http_to_another_machine_is_a_warning(office: Office) -> None:
    # An address of this machine, which does not look like one.
    office.environment["LIMBAS_URL"] = office.limbas.url.replace("127.0.0.1", "127.1")

    assert Seen("limbas.tls", "off", "warning") in examined(office.environment)[1]


def test_a_box_that_hangs_up_at_once_is_found(office: Office) -> None:
    with hanging_up() as port:
        _, findings = examined(office.environment | {"FRITZBOX_PORT": str(port)})

    assert [seen for seen in findings if seen.status != "ok"] == [Seen("box.alive", "hangs-up", "problem")]


def test_each_box_is_looked_at(office: Office) -> None:
    box = f'host = "127.0.0.1"\nport = {office.box.port}\n'
    lost = f'host = "127.0.0.1"\nport = {free_port()}\n'
    toml(f'[[boxes]]\nname = "berlin"\n{box}\n[[boxes]]\nname = "vienna"\n{lost}')(office)
    del office.environment["FRITZBOX_HOST"]

    _, findings = examined(office.environment)

    assert [(seen.check, seen.status) for seen in findings if seen.check.startswith("box.")] == [
        ("box.address", "ok"), ("box.port", "ok"), ("box.alive", "ok"),
        ("box.address", "ok"), ("box.port", "problem"), ("box.alive", "skipped"),
        ("box.phonebook", "ok"), ("box.phonebook", "ok"),
    ]  # fmt: skip


def test_fields_that_nobody_wants_filled_may_be_missing(office: Office) -> None:
    toml('[calls.fields]\nconnected = ""\n[[contacts]]\ntable = "KUNDEN"\nnumbers = ["TELEFON"]\nname = "{NAME}"\n')(
        office
    )
    field_gone("VERBUNDEN")(office)
    field_gone("KUNDE")(office)
    menu_right_gone(MENU_LINK)(office)

    exit_code, findings = examined(office.environment)

    assert (exit_code, {seen.status for seen in findings}) == (0, {"ok"})
    assert Seen("limbas.relation", "off", "ok") in findings


def test_spellings_of_ones_own_have_to_fit(office: Office) -> None:
    toml('[calls.values]\noutbound = "ausgehend"\nnot_reached = "niemanden erreicht"\n')(office)
    field_is("RICHTUNG", size=8)(office)

    assert Seen("limbas.fields", "too-small", "problem") in examined(office.environment)[1]


def test_settings_so_wrong_that_nothing_can_be_checked_are_exit_code_2(office: Office) -> None:
    toml("redis_url = = 1\n")(office)

    assert examined(office.environment) == (2, [Seen("settings.services", "wrong", "problem")])


def test_servers_that_accept_and_never_answer_cost_less_than_ten_seconds(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        silence = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "LIMBAS_URL": f"http://127.0.0.1:{port}/"}
        began = time.monotonic()
        _, findings = examined(office.environment | silence)

    assert time.monotonic() - began < 10
    assert [seen for seen in findings if seen.status == "problem"] == [
        Seen("redis.reach", "away", "problem"),
        Seen("limbas.reach", "away", "problem"),
    ]


def test_a_limbas_that_takes_too_long_is_told_from_one_that_is_away(office: Office) -> None:
    office.limbas.faults.switch_on(Fault(FaultKind.SLOW, seconds=30))

    _, findings = examined(office.environment)

    assert [seen for seen in findings if seen.status == "problem"] == [Seen("limbas.login", "slow", "problem")]
