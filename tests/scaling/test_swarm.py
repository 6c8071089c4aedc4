"""What `scripts/swarm` makes of docker-compose.yml; that a call comes through, `scripts/swarm try` shows."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.test_deployment import CONTAINERS, ROOT, SERVICES
from tools.swarm_stack import stack

SERVICE: dict[str, Any] = {
    "image": "limbas-callmonitor",
    "build": {"context": "."},
    "command": ["python", "-m", "services.web"],
    "environment": {"GIVEN": "1", "NOT_GIVEN": None},
    "healthcheck": {"test": ["CMD", "ask", "http://127.0.0.1:8081/readyz"]},
    "restart": "unless-stopped",
    "depends_on": {"redis": {"condition": "service_healthy"}},
    "mem_limit": "1073741824",
    "pids_limit": 256,
    "networks": {"log": None},
    "volumes": [{"type": "volume", "source": "login-web", "target": "/run/login", "read_only": True}],
}


@pytest.fixture
def compose(tmp_path: Path) -> dict[str, Any]:
    """As `docker compose config` prints it, in small."""
    (tmp_path / "password").write_text("sesame")
    return {
        "services": {
            "prepare": {"network_mode": "none", "environment": {"REDIS_URL": "redis://redis:6379/0"}},
            "web": SERVICE,
        },
        "networks": {"log": {"internal": True}},
        "secrets": {"password": {"file": str(tmp_path / "password")}, "ca": {"file": "/dev/null"}},
        "configs": {"toml": {"file": "/dev/null"}},
    }


def made_of(compose: dict[str, Any], folder: Path) -> dict[str, Any]:
    return stack(compose, "office", "host-1", "registry.example/image:1", folder / "prepared")


def test_what_compose_does_before_all_others_is_done_at_once(compose: dict[str, Any], tmp_path: Path) -> None:
    made = made_of(compose, tmp_path)

    assert set(made["services"]) == {"web"}
    login = tmp_path / "prepared" / "logins" / "web"
    assert (login / "username").read_text() == "web"
    assert made_of(compose, tmp_path) == made, "what was made stays"


def test_a_login_comes_as_secrets_and_not_as_a_volume(compose: dict[str, Any], tmp_path: Path) -> None:
    made = made_of(compose, tmp_path)

    service = made["services"]["web"]
    assert service["volumes"] == []
    assert {secret["target"] for secret in service["secrets"]} == {"/run/login/username", "/run/login/password"}
    assert set(made["secrets"]) == {"login-web.username", "login-web.password"}, "nobody gets another one's"


def test_a_secret_with_another_content_has_another_name(compose: dict[str, Any], tmp_path: Path) -> None:
    compose["services"]["web"] = SERVICE | {"secrets": [{"source": "password"}, {"source": "ca"}]}
    before = made_of(compose, tmp_path)["secrets"]
    (tmp_path / "password").write_text("barley")
    after = made_of(compose, tmp_path)["secrets"]

    assert before["password"]["name"] != after["password"]["name"]
    assert before["login-web.password"] == after["login-web.password"]
    assert "ca" not in before, "Swarm takes no empty one"


def test_limits_and_restarts_are_said_as_swarm_wants_them(compose: dict[str, Any], tmp_path: Path) -> None:
    service = made_of(compose, tmp_path)["services"]["web"]

    assert service["deploy"] == {
        "replicas": 2,
        "restart_policy": {"condition": "any", "delay": "2s"},
        "resources": {"limits": {"memory": "1073741824", "pids": 256}},
        "endpoint_mode": "dnsrr",
    }
    assert service["image"] == "registry.example/image:1"
    assert service["environment"] == {"GIVEN": "1"}
    assert service["healthcheck"]["test"][-1] == "http://127.0.0.1:8081/healthz", "who waits for Redis stays"


def test_redis_stays_with_its_data(compose: dict[str, Any], tmp_path: Path) -> None:
    data = {"type": "volume", "source": "redis", "target": "/data"}
    compose["services"]["redis"] = SERVICE | {"volumes": [data]}
    made = made_of(compose, tmp_path)

    assert made["services"]["redis"]["deploy"]["placement"] == {"constraints": ["node.hostname == host-1"]}
    assert made["volumes"] == {"redis": {}}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"cpus": 2}, "web has what this tool does not know: cpus."),
        ({"volumes": [{"type": "bind", "source": "/etc", "target": "/etc"}]}, "web mounts a folder of this machine"),
    ],
)
def test_what_nobody_has_thought_of_is_said(
    compose: dict[str, Any], tmp_path: Path, more: dict[str, Any], text: str
) -> None:
    compose["services"]["web"] = SERVICE | more

    with pytest.raises(ValueError, match=text):
        made_of(compose, tmp_path)


def test_the_real_file_becomes_a_stack_with_every_service(tmp_path: Path) -> None:
    if shutil.which("docker") is None:
        pytest.skip("there is no docker in PATH")
    command = ["docker", "compose", "--env-file", "/dev/null", "--profile", "demo", "config", "--format", "json"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip("there is no Docker Compose that can print its configuration")
    made = made_of(json.loads(answer.stdout), tmp_path)

    assert set(made["services"]) == {*SERVICES, "redis", "fritzbox-simulator", "limbas-simulator"}
    for name, service in made["services"].items():
        assert service["read_only"] is True
        assert service["user"] == CONTAINERS[name]["user"]
