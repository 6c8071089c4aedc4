"""What Docker Compose's containers find when they start."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from cli.prepare.redis_users import USERS, acl_file
from tests.valkey import Valkey

ROOT = Path(__file__).parents[2]
Prepare = Callable[..., Path]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    """Runs it as its container does. Returns the folder that has `state` and `logins`."""

    def run(**settings: str) -> Path:
        command = [sys.executable, "-m", "cli.prepare", str(tmp_path / "state"), str(tmp_path / "logins")]
        environment = {"PYTHONPATH": str(ROOT), "REDIS_URL": "redis://redis:6379/0", **settings}
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        subprocess.run(command, env=environment, cwd=tmp_path / "elsewhere", check=True, timeout=30)
        return tmp_path

    return run


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_every_secret_is_made_once_and_kept(prepare: Prepare) -> None:
    first = contents(prepare())

    secrets = [first["state/web-secret"], *(first[f"logins/{user.name}/password"] for user in USERS)]
    assert all(len(secret) == 64 for secret in secrets)
    assert len(set(secrets)) == len(USERS) + 1
    assert [first[f"logins/{user.name}/username"] for user in USERS] == [user.name for user in USERS]
    assert contents(prepare()) == first


def test_the_rules_hold_no_password_and_nobody_else_can_read_anything(prepare: Prepare) -> None:
    folder = prepare()
    made = contents(folder)

    rules = made["logins/server/users.acl"]
    assert not any(made[f"logins/{user.name}/password"] in rules for user in USERS)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_redis_of_ones_own_gets_the_login_that_is_set_for_it_and_ours_comes_back(
    prepare: Prepare, tmp_path: Path
) -> None:
    ours = contents(prepare())
    (tmp_path / "elsewhere" / "password").write_text("open sesame\n")

    theirs = contents(prepare(REDIS_URL="redis://redis.example:6379/0", REDIS_PASSWORD_FILE="password"))

    logins = {(theirs[f"logins/{u.name}/username"], theirs[f"logins/{u.name}/password"]) for u in USERS}
    assert logins == {("", "open sesame")}
    named = prepare(REDIS_URL="redis://redis.example/0", REDIS_PASSWORD_FILE="password", REDIS_USERNAME="office")
    assert (named / "logins/web/username").read_text() == "office"
    (tmp_path / "elsewhere" / "password").unlink()
    assert contents(prepare()) == {**ours}


def test_a_secret_that_is_given_is_taken(prepare: Prepare) -> None:
    assert (prepare(WEB_SECRET="s" * 40) / "state/web-secret").read_text() == "s" * 40
    assert (prepare() / "state/web-secret").read_text() == "s" * 40


def test_what_stands_in_the_streams_name_is_no_pattern(own_valkey: Valkey) -> None:
    """Rules for the log `a*` must not open the log `ab`."""
    own_valkey.start()
    rules = acl_file("a*[x]", {user.name: "secret" for user in USERS})
    with Redis.from_url(own_valkey.url) as redis:
        for line in rules.splitlines()[1:]:
            redis.execute_command("ACL", "SETUSER", *_words(line)[1:])
        tried = {
            key: redis.execute_command("ACL", "DRYRUN", "web", "XRANGE", key, "-", "+") for key in ("a*[x]", "abx")
        }

    assert tried["a*[x]"] == b"OK"
    assert b"abx" in tried["abx"]


def _words(line: str) -> list[str]:
    """As Redis splits a line of rules: a selector is one word."""
    head, bracket, selector = line.partition(" (")
    return [*head.split(), *([f"({selector}"] if bracket else [])]
