"""What REDIS_URL may say, and what is said of it when it is wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.jobs.settings import QueueSettings
from shared.redis_address import RedisAddress
from shared.redis_client import connect
from shared.settings import SettingsError, load


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://h/1", RedisAddress("", ("redis://h/1",))),
        ("unix:///run/redis.sock", RedisAddress("", ("unix:///run/redis.sock",))),
        ("redis+cluster://a:1", RedisAddress("cluster", ("redis://a:1",))),
        ("redis+cluster://u:p@a:1,[::1]:2/0", RedisAddress("cluster", ("redis://u:p@a:1", "redis://u:p@[::1]:2"))),
        ("redis+sentinel://a,b:1/main", RedisAddress("sentinel", ("redis://a", "redis://b:1"), "main")),
        (
            "rediss+sentinel://a:1/my%20main?ssl_ca_certs=/ca",
            RedisAddress("sentinel", ("rediss://a:1?ssl_ca_certs=/ca",), "my main"),
        ),
    ],
)
def test_an_address_says_whom_to_ask(url: str, address: RedisAddress) -> None:
    assert RedisAddress.parse(url) == address


ONE = "redis://127.0.0.1:6379/0"
CLUSTER = "redis+cluster://10.0.0.1:6379,10.0.0.2:6379"
WATCHED = "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster"


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("REDIS_URL=mysql://h", f"it must be the address of a Redis, as {ONE}."),
        ("REDIS_URL=redis+cluster://h:x", f"it must be the address of a Redis, as {CLUSTER}."),
        ("REDIS_URL=redis+cluster://h,:2", f"a host is missing in it; write it as {CLUSTER}."),
        ("REDIS_URL=redis+cluster://h/3", f"a cluster has only the database 0; write it as {CLUSTER}."),
        (
            "REDIS_URL=redis+sentinel://h",
            f"it must end in the name under which the Sentinels watch the primary, as {WATCHED}.",
        ),
    ],
)
def test_a_wrong_one_is_one_sentence(setting: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as error:
        load(QueueSettings)

    assert str(error.value) == f"{name} is {value!r}, which is wrong: {sentence}"


def test_with_a_cluster_the_queue_has_to_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis+cluster://h:1")
    with pytest.raises(SettingsError, match=r"^QUEUE_REDIS_URL is missing, and REDIS_URL names a cluster: RQ's queue"):
        load(QueueSettings)

    monkeypatch.setenv("QUEUE_REDIS_URL", "redis+cluster://h:2")
    with pytest.raises(SettingsError, match=r"^QUEUE_REDIS_URL names a cluster: RQ's queue"):
        load(QueueSettings)

    monkeypatch.setenv("QUEUE_REDIS_URL", "redis://h:2")
    assert load(QueueSettings).queue_redis_url == "redis://h:2"


def test_a_password_in_a_wrong_one_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis+sentinel://anna:sesame@h:1")

    with pytest.raises(SettingsError) as error:
        load(QueueSettings)

    assert "sesame" not in str(error.value)


@given(st.text(max_size=30).map("redis+{}".format) | st.text(alphabet="redis+clutn:/@,?[]x0", max_size=40))
def test_whatever_it_is_it_is_an_address_or_a_sentence(text: str) -> None:
    with suppress(ValueError):
        assert RedisAddress.parse(text).servers


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_who_is_asked_gets_the_login_that_is_meant_for_it(scheme: str) -> None:
    sentinels = connect(f"{scheme}+sentinel://anna:a@h:1/main", None, "")
    nodes = connect(f"{scheme}+cluster://anna:a@h:1", None, "berta", key="log")

    assert "username" not in sentinels.connection_pool.connection_kwargs
    assert nodes.connection_pool.connection_kwargs["username"] == "berta"
