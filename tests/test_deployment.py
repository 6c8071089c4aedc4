"""The files that people set the system up with agree with the code: nothing is missing in them, nothing is idle."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cli.demo.settings import DemoSettings
from cli.prepare.redis_users import USERS
from services.ingest.ignoring import Ignored
from services.ingest.settings import IngestSettings
from services.jobs.settings import JobsSettings
from services.logger.settings import LoggerSettings
from services.matcher.settings import MatcherSettings
from services.web.settings import WebSettings
from shared.boxes import Box
from shared.limbas.settings import CallFields, CallSpellings, CallsTable, ContactsTable
from shared.settings import CommonSettings, load
from simulators.fritzbox.tr064 import interface
from simulators.limbas import server

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {name for name, container in CONTAINERS.items() if container["restart"] == "no"}
SERVICES: dict[str, type[CommonSettings]] = {
    "ingest": IngestSettings,
    "matcher": MatcherSettings,
    "jobs": JobsSettings,
    "logger": LoggerSettings,
    "web": WebSettings,
}
EVERY_SETTINGS: list[type[CommonSettings]] = [*SERVICES.values(), DemoSettings]


def flat_names(settings: type[CommonSettings]) -> dict[str, FieldInfo]:
    """The settings that are set by flat names, as those. Secrets are set by the file that holds them."""
    fields = settings.model_fields.items()
    return {
        f"{name}_FILE".upper() if is_secret(field) else name.upper(): field
        for name, field in fields
        if not isinstance(field.get_default(call_default_factory=True), BaseModel | tuple | dict)
    }


def is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in repr(field.annotation) or isinstance(field.default, SecretStr)


def names_in_example() -> dict[str, tuple[bool, str]]:
    """The names in `.env.example`, with whether a default is shown, and the value."""
    lines = re.findall(r"^(#?)([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    return {name: (commented == "#", value) for commented, name, value in lines}


def test_the_example_of_dotenv_has_every_setting_and_no_other() -> None:
    settings = {name for each in EVERY_SETTINGS for name in flat_names(each)}
    assert set(names_in_example()) == settings | {"CALLMONITOR_CONFIG", "GRAFANA_PORT"}


def test_the_example_of_dotenv_shows_the_defaults() -> None:
    fields = {name: field for each in EVERY_SETTINGS for name, field in flat_names(each).items()}
    shown = {name: value for name, (is_default, value) in names_in_example().items() if is_default}

    assert shown == {name: str(fields[name].default).replace("False", "false") for name in shown}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_gets_every_setting_of_its_service_and_no_other(service: str) -> None:
    names = set(flat_names(SERVICES[service])) | {"CALLMONITOR_CONFIG", "REDIS_USERNAME_FILE"}
    names.remove("REDIS_USERNAME")  # prepare makes a file of it

    assert set(CONTAINERS[service]["environment"]) == names


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_gets_every_secret_of_its_service_and_no_other(service: str) -> None:
    secrets = {name for name, field in flat_names(SERVICES[service]).items() if is_secret(field)}
    environment = CONTAINERS[service]["environment"]

    files = {name: environment[name] for name in secrets if environment[name].startswith("/run/secrets/")}

    mounted = {f"/run/secrets/{name}" for name in CONTAINERS[service].get("secrets", [])}
    certificates = {"/run/secrets/limbas_ca"} if "LIMBAS_CA_FILE" in environment else set()
    assert set(files.values()) | certificates == mounted


def test_what_compose_reads_from_dotenv_is_in_its_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    read = set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))

    assert read <= set(names_in_example())


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_as_few_rights_as_can_be(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["user"] == {"prometheus": "65534:65534", "grafana": "472:0"}.get(name, "10001:10001")
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["pids_limit"] == 256
    assert container.get("mem_limit") == (None if name == "redis" else "1g")
    assert ("ports" in container) == (name in ("web", "grafana"))
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ()) if name != "web")


def logins_of(name: str) -> set[str]:
    """The folders with logins at Redis that a container is given."""
    mounts = [mount for mount in CONTAINERS[name].get("volumes", []) if isinstance(mount, str)]
    return {mount.split(":")[0].removeprefix("login-") for mount in mounts if mount.startswith("login-")}


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - {"prepare"}))
def test_a_container_has_its_own_login_at_redis_and_no_other(name: str) -> None:
    people = {"doctor": {"operator"}, "callmonitor": {"operator"}}
    own = {"redis": {"server", "health"}, **people}.get(name, {name} if name in SERVICES else set())

    assert logins_of(name) == own
    assert all(mount.endswith(":ro") for mount in map(str, CONTAINERS[name].get("volumes", [])) if "login-" in mount)


def test_each_user_of_redis_is_prepared_a_login() -> None:
    users = {user.name for user in USERS} | {"server"}
    folders = re.findall(r"logins/(\w+)", (ROOT / "Dockerfile").read_text())

    assert logins_of("prepare") == users == set(folders)
    assert {name for name in COMPOSE["volumes"] if name.startswith("login-")} == {f"login-{user}" for user in users}
    assert "--aclfile /run/redis/users.acl --stream-node-max-entries 1" in CONTAINERS["redis"]["command"]


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - ONCE))
def test_a_container_that_stays_is_checked_and_started_again(name: str) -> None:
    assert CONTAINERS[name]["restart"] == "unless-stopped"
    assert CONTAINERS[name]["healthcheck"]["test"]


def test_the_example_of_the_configuration_file_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    limbas = {"LIMBAS_URL": "https://limbas.example", "LIMBAS_USER": "callmonitor", "LIMBAS_PASSWORD": "secret"}
    for name, value in limbas.items():
        monkeypatch.setenv(name, value)

    settings = []
    for file in ("/dev/null", ROOT / "callmonitor.example.toml"):
        monkeypatch.setenv("CALLMONITOR_CONFIG", str(file))
        settings.append(load(MatcherSettings))

    assert settings[0] == settings[1]


def test_the_example_of_the_configuration_file_has_everything_and_its_examples_are_valid() -> None:
    text = (ROOT / "callmonitor.example.toml").read_text()
    uncommented = re.sub(r"^# (?=\[|\"?\w+\"? = )", "", text, flags=re.MULTILINE)
    example = tomllib.loads(uncommented)

    assert set(example["calls"]) == set(CallsTable.model_fields)
    assert set(example["calls"]["fields"]) == set(CallFields.model_fields)
    assert set(example["calls"]["values"]) == set(CallSpellings.model_fields)
    assert {name for table in example["contacts"] for name in table} == set(ContactsTable.model_fields)
    assert {name for box in example["boxes"] for name in box} == set(Box.model_fields)
    assert [Box.model_validate(box).country for box in example["boxes"]] == ["DE", "AT"]
    ingest = IngestSettings(fritzbox_host="fritz.box", ignore=example["ignore"], own_numbers=example["own_numbers"])
    assert set(example["ignore"]) == set(Ignored.model_fields)
    assert (ingest.ignore.anybody, ingest.own_numbers) == (True, {"4710100": "Hotline"})
    assert WebSettings(web_secret=SecretStr("s" * 32), limbas_links=example["limbas_links"]).limbas_links


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", []),
        ("requirements-demo.lock", ["demo"]),
        ("requirements-dev.lock", ["demo", "dev"]),
    ],
)
def test_a_lock_file_has_all_that_the_project_asks_for(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [name for extra in extras for name in project["optional-dependencies"][extra]]
    locked = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE))

    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[requirement.name.lower()]), f"{requirement}: run scripts/lock"


@pytest.mark.parametrize(
    ("secret", "password"), [("limbas", server.PASSWORD), ("fritzbox", interface.PASSWORD)], ids=["limbas", "fritzbox"]
)
def test_the_demo_knows_the_passwords_of_the_simulators(secret: str, password: str) -> None:
    file = COMPOSE["secrets"][f"{secret}_password"]["file"]
    default = re.fullmatch(r"\$\{\w+_PASSWORD_FILE:-(.*)\}", file)
    assert default
    assert (ROOT / default[1]).read_text() == f"{password}\n"
