"""The manifests for Kubernetes are valid, and say the same as docker-compose.yml."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from cli.prepare.__main__ import PrepareSettings, prepare
from services.jobs.metrics import LogMetrics
from services.jobs.queue import open_queue
from shared.event_log import EventLog
from tests.test_deployment import CONTAINERS, ROOT, SERVICES

FOLDER = ROOT / "deploy" / "kubernetes"
BASE, EXAMPLE = FOLDER / "base", FOLDER / "example"
VERSION = "1.37"
KEDA = "keda.sh/v1alpha1"
"""Its kinds are in no schema of Kubernetes."""


def documents(folder: Path) -> list[dict[str, Any]]:
    files = sorted(file for file in folder.glob("*.yaml") if file.name != "kustomization.yaml")
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def kustomization(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return found


DOCUMENTS = documents(BASE) + documents(EXAMPLE)
TEMPLATES: dict[str, dict[str, Any]] = {
    each["metadata"]["name"]: each["spec"]["template"] for each in DOCUMENTS if "template" in each.get("spec", {})
}
PODS: dict[str, dict[str, Any]] = {name: template["spec"] for name, template in TEMPLATES.items()}
CONTAINER = {name: pod["containers"][0] for name, pod in PODS.items()}
SETTINGS = dict(re.findall(r"^(\w+)=(.*)$", (EXAMPLE / "settings.env").read_text(), re.MULTILINE))


def named(documents: list[dict[str, Any]]) -> list[str]:
    return [f"{each['kind']} {each['metadata']['name']}" for each in documents]


def set_itself(service: str) -> dict[str, str]:
    return {each["name"]: each["value"] for each in CONTAINER[service]["env"]}


def secrets_of(service: str) -> dict[str, str]:
    """Where which Secret is mounted."""
    volumes = {each["name"]: each["secret"]["secretName"] for each in PODS[service]["volumes"] if "secret" in each}
    return {
        mount["mountPath"]: volumes[mount["name"]]
        for mount in CONTAINER[service]["volumeMounts"]
        if mount["name"] in volumes
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=named(DOCUMENTS))
def test_each_manifest_is_what_kubernetes_knows(document: dict[str, Any]) -> None:
    if document["apiVersion"] != KEDA:
        kubernetes_validate.validate(document, VERSION, strict=True)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=lambda folder: folder.name)
def test_each_file_of_a_folder_is_used(folder: Path) -> None:
    files = {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml"}

    assert set(kustomization(folder)["resources"]) - {"../base"} == files


def test_there_are_the_services_of_docker_compose_and_their_redis() -> None:
    assert set(PODS) == {*SERVICES, "redis"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_started_with_the_same_command_image_and_ports(service: str) -> None:
    container, compose = CONTAINER[service], CONTAINERS[service]

    assert " ".join(container["command"]) == compose["command"]
    assert container["image"] == compose["image"]
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    assert ports["health"] == set_itself(service)["HEALTH_PORT"] == str(compose["environment"]["HEALTH_PORT"])
    assert ports.get("http") == set_itself(service).get("WEB_PORT")
    assert ("http" in ports) == ("ports" in compose)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_given_every_setting_that_docker_compose_gives_it(service: str) -> None:
    compose = CONTAINERS[service]["environment"]
    own = set_itself(service)

    assert set(own) <= set(compose)
    assert {"REDIS_USERNAME_FILE", "REDIS_PASSWORD_FILE", "CALLMONITOR_CONFIG", "HEALTH_HOST"} <= set(own)
    assert {name for name in own if not name.endswith(("_FILE", "_CONFIG", "_PORT"))} == {
        name for name in ("HEALTH_HOST", "SPOOL_DIR", "WEB_HOST") if name in compose
    }
    assert all(own[name] == compose[name] for name in ("HEALTH_HOST", "SPOOL_DIR", "WEB_HOST") if name in own)
    assert CONTAINER[service]["envFrom"] == [{"configMapRef": {"name": "settings"}}]


def test_the_example_sets_what_docker_compose_knows_and_leaves_out_what_the_manifests_set() -> None:
    known = {name for service in SERVICES for name in CONTAINERS[service]["environment"]}

    assert set(SETTINGS) <= known - {name for service in SERVICES for name in set_itself(service)}
    assert SETTINGS["REDIS_URL"] == "redis://redis:6379/0"


@pytest.mark.parametrize("service", SERVICES)
def test_a_file_that_a_setting_names_is_mounted(service: str) -> None:
    mounted = [mount["mountPath"] for mount in CONTAINER[service]["volumeMounts"]]
    files = [value for name, value in set_itself(service).items() if name.endswith(("_FILE", "_CONFIG", "_DIR"))]

    assert {file for file in files if not any(f"{file}/".startswith(f"{path}/") for path in mounted)} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_secrets_that_docker_compose_gives_it_and_no_other(service: str) -> None:
    passwords = {name.removesuffix("_password") for name in CONTAINERS[service].get("secrets", ()) if "_ca" not in name}
    state = {"web"} if service == "web" else set()

    assert set(secrets_of(service).values()) == {f"login-{service}", *passwords, *state}


def test_every_secret_and_configuration_that_is_mounted_is_made() -> None:
    made = {each["name"] for each in kustomization(EXAMPLE)["secretGenerator"]}
    configured = {each["name"] for each in kustomization(EXAMPLE)["configMapGenerator"]}

    assert {name for service in PODS for name in secrets_of(service).values()} == made
    assert configured == {"settings", "config"}


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_as_few_rights_as_its_container_in_docker_compose(name: str) -> None:
    pod, container, compose = PODS[name], CONTAINER[name], CONTAINERS[name]
    user, group = map(int, compose["user"].split(":"))

    assert len(pod["containers"]) == 1
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": "no-new-privileges:true" not in compose["security_opt"],
        "readOnlyRootFilesystem": compose["read_only"],
        "capabilities": {"drop": compose["cap_drop"]},
    }
    limits = container["resources"].get("limits", {})
    assert limits == ({"memory": compose["mem_limit"].upper() + "i"} if "mem_limit" in compose else {})
    assert f"{pod['terminationGracePeriodSeconds']}s" == compose["stop_grace_period"]


@pytest.mark.parametrize("service", SERVICES)
def test_kubernetes_asks_a_service_whether_it_lives_and_whether_it_is_ready(service: str) -> None:
    container = CONTAINER[service]
    asked = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}

    port = "http" if service == "web" else "health"
    assert asked["startup"] == asked["liveness"] == {"path": "/healthz", "port": port}
    assert asked["readiness"] == {"path": "/readyz", "port": port}


def test_redis_is_set_up_as_in_docker_compose() -> None:
    container, compose = CONTAINER["redis"], CONTAINERS["redis"]

    started = " ".join([*container["command"], *(arg or '""' for arg in container["args"])])
    assert (started, container["image"]) == (compose["command"], compose["image"])
    asked = container["readinessProbe"]["exec"]["command"][-1]
    assert asked == compose["healthcheck"]["test"][-1].replace("$$", "$")
    assert secrets_of("redis") == {"/run/redis": "redis-users", "/run/login": "login-health"}


def test_only_those_reach_redis_who_share_its_network_in_docker_compose() -> None:
    policy = next(each for each in DOCUMENTS if named([each]) == ["NetworkPolicy redis"])
    (source,) = policy["spec"]["ingress"][0]["from"]
    wanted = source["podSelector"]["matchLabels"].items()
    labels = {name: template["metadata"]["labels"].items() for name, template in TEMPLATES.items()}

    assert {name for name, given in labels.items() if wanted <= given} == {
        name for name in SERVICES if "log" in CONTAINERS[name]["networks"]
    }
    assert all(("app", "callmonitor") in given for given in labels.values()), "the policy against all else holds"


def test_ingest_keeps_its_spool_on_a_volume_of_its_own() -> None:
    ingest = next(each for each in DOCUMENTS if named([each]) == ["StatefulSet ingest"])
    (claim,) = ingest["spec"]["volumeClaimTemplates"]

    assert {"name": claim["metadata"]["name"], "mountPath": set_itself("ingest")["SPOOL_DIR"]} in CONTAINER["ingest"][
        "volumeMounts"
    ]
    assert ingest["spec"]["replicas"] == 2


def scalers() -> Iterator[dict[str, Any]]:
    yield from (each for each in DOCUMENTS if each["kind"] in ("ScaledObject", "HorizontalPodAutoscaler"))


def test_what_is_scaled_by_itself_is_there_and_says_nowhere_else_how_many_it_is() -> None:
    targets = {each["spec"]["scaleTargetRef"]["name"] for each in scalers()}
    deployments = {each["metadata"]["name"]: each for each in DOCUMENTS if each["kind"] == "Deployment"}

    assert targets == {"matcher", "logger", "web"}
    assert all("replicas" not in deployments[name]["spec"] for name in targets)


def test_consumers_are_scaled_by_a_metric_that_jobs_has(event_log: EventLog) -> None:
    metrics = LogMetrics(event_log, open_queue(event_log.redis, event_log.keys.stream))
    known = {metric.name for metric in metrics.collect()}
    for scaler in scalers():
        for trigger in scaler["spec"].get("triggers", ()):
            name, group = re.findall(r"\((\w+)\{.*group=\"(\w+)\"\}\)", trigger["metadata"]["query"])[0]

            assert name in known
            assert group == scaler["metadata"]["name"]
            assert set(trigger["metadata"]) == {"serverAddress", "query", "threshold"}


def test_kustomize_makes_valid_manifests_of_the_example(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("there is no kubectl in PATH")
    for folder in (BASE, EXAMPLE):
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("secrets"))
    secrets = tmp_path / "example" / "secrets"
    prepare(secrets / "state", secrets / "logins", PrepareSettings(redis_url=SETTINGS["REDIS_URL"]))
    for name in ("limbas", "fritzbox"):
        (secrets / f"{name}-password").write_text("secret")

    built = subprocess.run([kubectl, "kustomize", tmp_path / "example"], check=True, capture_output=True, text=True)

    assert built.stderr == ""
    found = list(yaml.safe_load_all(built.stdout))
    assert {each["metadata"].get("namespace") for each in found if each["kind"] != "Namespace"} == {"callmonitor"}
    for each in found:
        if each["apiVersion"] != KEDA:
            kubernetes_validate.validate(each, VERSION, strict=True)
