"""Every service at its real work with its own login at Redis, and what it cannot do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from cli.prepare.redis_users import USERS
from shared.event_log import EventLog
from tests.guarded_valkey import STREAM, GuardedValkey
from tests.shared.making import an_event
from tests.system.office import SERVICES, Office
from tests.waiting import eventually

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

SCHMIDT, STRANGER, ONE_OF_TWO = "03023125201", "03023125777", "06990009330"
BESIDE = f"{{{STREAM}}}:"


def test_a_call_is_shown_and_recorded_and_nobody_tries_what_he_may_not(
    guarded_office: Office, guarded_valkey: GuardedValkey
) -> None:
    office, valkey = guarded_office, guarded_valkey
    for service in SERVICES:
        office.start(service)
    office.box.wait_for_client(timeout=20)
    eventually(lambda: requests.get(f"http://127.0.0.1:{office.web_port}/readyz", timeout=5).ok, within=20)
    read = office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr

    office.says(f"RING;0;{SCHMIDT};4710100;SIP0;")
    office.says(f"RING;1;{STRANGER};4710100;SIP0;")
    office.says("no line of a call monitor")
    eventually(lambda: (office.records().get("+493023125201") or {}).get("KUNDE") == [3], within=20)
    office.says("DISCONNECT;0;0;")
    office.says("DISCONNECT;1;0;")
    eventually(lambda: (office.records().get("+493023125777") or {}).get("STATUS") == "missed", within=20)
    office.says(f"RING;2;{ONE_OF_TWO};4710100;SIP0;")
    eventually(lambda: choose_the_first(office), within=20)
    eventually(lambda: (office.records().get("+496990009330") or {}).get("KUNDE"), within=20)
    office.new_contact(NAME="Wolf", VORNAME="Ida", TELEFON=STRANGER)
    read = office.callmonitor("contacts", "sync")
    assert read.returncode == 0, read.stderr
    eventually(lambda: office.records()["+493023125777"]["KUNDE"], within=20)
    for command in (["pin", STRANGER, "KUNDEN:1"], ["pins"], ["who", SCHMIDT], ["unpin", STRANGER], ["problems"]):
        done = office.callmonitor("contacts", *command)
        assert done.returncode == 0, (command, done.stderr)
    assert office.callmonitor("dead-letters", "list").returncode == 0

    assert office.stop() == {service: [0] for service in SERVICES}
    assert valkey.observer.xlen(f"{BESIDE}quarantine") == 1
    assert valkey.refused() == []


def choose_the_first(office: Office) -> bool:
    """As somebody does on the page, of the candidates for the newest call. Whether there were some."""
    calls, signed_in = f"http://127.0.0.1:{office.web_port}/api/calls", {"Authorization": f"Bearer {office.token}"}
    newest = requests.get(calls, headers=signed_in, timeout=5).json()["calls"][0]
    candidates = (newest["contact"] or {}).get("candidates", [])
    if len(candidates) != 2:
        return False
    choice = {"table": candidates[0]["table"], "record_id": candidates[0]["record_id"]}
    return requests.post(f"{calls}/{newest['call']['id']}/contact", json=choice, headers=signed_in, timeout=5).ok


def test_who_does_not_log_in_can_do_nothing(valkey_of_all: GuardedValkey) -> None:
    valkey = valkey_of_all
    with Redis.from_url(valkey.url) as redis, pytest.raises(AuthenticationError):
        redis.ping()
    with Redis.from_url(valkey.url, password="") as redis, pytest.raises(AuthenticationError):
        redis.ping()
    with Redis.from_url(valkey.url, username="ingest", password="guessed") as redis, pytest.raises(AuthenticationError):
        redis.ping()


def test_a_restart_keeps_what_was_written_in_transactions(guarded_valkey: GuardedValkey) -> None:
    """Redis carries them out again as its default user, and leaves out without a word what that one may not do."""
    with guarded_valkey.as_user("ingest") as redis:
        log = EventLog(redis, STREAM, 24 * 3600)
        log.publish_lines("office", [([an_event(str(number))], b"{}") for number in range(5)])
    guarded_valkey.stop()
    guarded_valkey.start()
    assert guarded_valkey.observer.xlen(STREAM) == 5
    rules: Any = guarded_valkey.observer.acl_getuser("default")
    assert "off" in rules["flags"]
    assert rules["categories"] == ["+@all"], "Redis 7.0 asks what it may"


@pytest.mark.parametrize("user", [user.name for user in USERS])
@pytest.mark.parametrize(
    "command",
    [
        ["FLUSHALL"],
        ["CONFIG", "GET", "requirepass"],
        ["CONFIG", "SET", "dir", "/elsewhere"],
        ["ACL", "LIST"],
        ["ACL", "SETUSER", "default", "on"],
        ["MODULE", "LIST"],
        ["REPLICAOF", "198.51.100.1", "6379"],
        ["SHUTDOWN", "NOSAVE"],
        ["MONITOR"],
        ["KEYS", "*"],
        ["SCRIPT", "FLUSH"],
        ["FUNCTION", "FLUSH"],
        ["PUBLISH", "channel", "message"],
        ["SET", "somebody:else's", "key"],
        ["GET", "somebody:else's"],
    ],
    ids=" ".join,
)
def test_nobody_can_reconfigure_empty_or_watch_redis_or_touch_others_keys(
    valkey_of_all: GuardedValkey, user: str, command: list[str]
) -> None:
    with valkey_of_all.as_user(user) as redis, pytest.raises(NoPermissionError):
        redis.execute_command(*command)


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("web", ["XTRIM", STREAM, "MAXLEN", "0"]),
        ("web", ["DEL", STREAM]),
        ("web", ["SET", f"{BESIDE}limbas", "fine"]),
        ("web", ["HGETALL", f"{BESIDE}contacts"]),
        ("web", ["XREADGROUP", "GROUP", "logger", "me", "STREAMS", STREAM, ">"]),
        ("web", ["LPUSH", "rq:queue:x", "job"]),
        ("ingest", ["XREADGROUP", "GROUP", "matcher", "me", "STREAMS", STREAM, ">"]),
        ("ingest", ["XACK", STREAM, "logger", "1-0"]),
        ("ingest", ["DEL", STREAM]),
        ("ingest", ["XTRIM", STREAM, "MAXLEN", "0"]),
        ("ingest", ["HGETALL", f"{BESIDE}pins"]),
        ("ingest", ["GET", f"{BESIDE}contacts"]),
        ("matcher", ["HSET", f"{BESIDE}pins", "+493023125201", "{}"]),
        ("matcher", ["SET", f"{BESIDE}contacts", "elsewhere"]),
        ("matcher", ["EVAL", "redis.call('HSET', KEYS[1], 'a', 'b')", "1", f"{BESIDE}pins"]),
        ("matcher", ["HGET", f"{BESIDE}record:office-1", "call"]),
        ("matcher", ["LPUSH", "rq:queue:x", "job"]),
        ("logger", ["HGET", f"{BESIDE}contacts:1", "493023125201"]),
        ("logger", ["HSET", f"{BESIDE}pins", "+493023125201", "{}"]),
        ("logger", ["SET", f"{BESIDE}box:office", "{}"]),
        ("logger", ["LPUSH", "rq:queue:x", "job"]),
        ("jobs", ["HSET", f"{BESIDE}pins", "+493023125201", "{}"]),
        ("jobs", ["HGET", f"{BESIDE}record:office-1", "call"]),
        ("jobs", ["XREADGROUP", "GROUP", "logger", "me", "STREAMS", STREAM, ">"]),
        ("jobs", ["SCAN", "0"]),
        ("health", ["GET", f"{BESIDE}contacts"]),
        ("operator", ["BGSAVE"]),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:2]),
)
def test_a_service_that_was_broken_into_cannot_do_the_others_work(
    valkey_of_all: GuardedValkey, user: str, command: list[str]
) -> None:
    with valkey_of_all.as_user(user) as redis, pytest.raises(NoPermissionError):
        redis.execute_command(*command)


@pytest.fixture(scope="module")
def valkey_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedValkey]:
    """One for all tests that leave nothing in it."""
    server = GuardedValkey(tmp_path_factory.mktemp("guarded"))
    server.start()
    yield server
    server.stop()
