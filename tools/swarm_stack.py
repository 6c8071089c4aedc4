"""A stack for Docker Swarm, from what Docker Compose makes of docker-compose.yml. For `scripts/swarm`.

    docker compose config --format json | python -m tools.swarm_stack STACK NODE IMAGE SECRETS >stack.json

Swarm takes no service that waits for another one, and knows neither profiles nor what Compose calls a limit. Volumes
are each node's own: so what Compose's `prepare` puts into volumes is made here, kept in the folder SECRETS, and given
out as Swarm secrets; and Redis stays on the host NODE. IMAGE is what the hosts know our image as.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cli.prepare.__main__ import PrepareSettings, prepare

KEPT: Final = (
    "cap_drop", "command", "configs", "environment", "healthcheck", "image", "init", "logging", "networks", "ports",
    "read_only", "secrets", "stop_grace_period", "user", "volumes",
)  # fmt: skip
"""What Compose and Swarm mean the same by."""
TRANSLATED: Final = {"mem_limit", "pids_limit", "restart"}
LEFT_OUT: Final = {"build", "depends_on", "entrypoint", "network_mode", "profiles", "security_opt"}
TWICE: Final = ("ingest", "matcher", "logger", "web")
"""So that a host may go away."""
NOBODY: Final = "10001"
LOGIN: Final = ("username", "password", "users.acl")

Json = dict[str, Any]


def stack(compose: Json, name: str, node: str, image: str, prepared: Path) -> Json:
    """The stack `name`. Raises `ValueError` where the file has something that nobody has thought of yet."""
    redis_url = compose["services"]["prepare"]["environment"]["REDIS_URL"]
    prepare(prepared / "state", prepared / "logins", PrepareSettings(redis_url=redis_url))
    services = {key: service for key, service in compose["services"].items() if "network_mode" not in service}
    secrets = {key: Path(each["file"]) for key, each in compose["secrets"].items()}
    files = dict(_prepared(prepared)) | {key: file for key, file in secrets.items() if file.read_bytes()}
    configs = {key: Path(each["file"]) for key, each in compose["configs"].items()}
    blank = prepared / "blank"  # in place of an empty one, which Swarm does not take
    blank.write_text("\n")
    files, configs = ({key: _or(blank, file) for key, file in those.items()} for those in (files, configs))
    made = {key: _service(key, service, files, node, image) for key, service in services.items()}
    return {
        "version": "3.9",
        "services": made,
        "networks": {
            key: {"driver": "overlay", "internal": network.get("internal", False)}
            for key, network in compose["networks"].items()
        },
        "volumes": {mount["source"]: {} for each in made.values() for mount in each["volumes"]},
        "secrets": {
            key: _immutable(name, key, files[key]) for key in {s["source"] for m in made.values() for s in m["secrets"]}
        },
        "configs": {key: _immutable(name, key, file) for key, file in configs.items()},
    }


def _service(key: str, service: Json, files: Mapping[str, Path], node: str, image: str) -> Json:
    if unknown := service.keys() - {*KEPT, *TRANSLATED, *LEFT_OUT}:
        raise ValueError(f"{key} has what this tool does not know: {', '.join(sorted(unknown))}.")
    made = {name: service[name] for name in KEPT if service.get(name)}
    if "build" in service:
        made["image"] = image
    made["environment"] = {name: value for name, value in made.get("environment", {}).items() if value is not None}
    # Swarm ends who is not healthy: while Redis is away nobody is ready, and all should stay.
    alive = [part.replace("/readyz", "/healthz") for part in service["healthcheck"]["test"]]
    made["healthcheck"] = service["healthcheck"] | {"test": alive, "start_period": "60s"}
    made["ports"] = [port | {"published": int(port["published"])} for port in made.get("ports", ())]
    mounts = made.get("volumes", [])
    if any(mount["type"] != "volume" for mount in mounts):
        raise ValueError(f"{key} mounts a folder of this machine, which the others have not: leave its profile out.")
    made["volumes"] = [mount for mount in mounts if not _secrets_for(mount, files)]
    made["secrets"] = [each for each in made.get("secrets", ()) if each["source"] in files]
    made["secrets"] += [secret for mount in mounts for secret in _secrets_for(mount, files)]
    limits = {"memory": service.get("mem_limit"), "pids": service.get("pids_limit")}
    made["deploy"] = {
        "replicas": 2 if key in TWICE else 1,
        "restart_policy": {"condition": "any", "delay": "2s"},
        "resources": {"limits": {name: value for name, value in limits.items() if value}},
    }
    if not made["ports"]:
        # Its own address and no virtual one, which forgets a connection that was silent for a quarter of an hour.
        made["deploy"]["endpoint_mode"] = "dnsrr"
    if key == "redis":
        made["deploy"]["placement"] = {"constraints": [f"node.hostname == {node}"]}
    return made


def _or(blank: Path, file: Path) -> Path:
    return file if file.read_bytes() else blank


def _prepared(folder: Path) -> Iterator[tuple[str, Path]]:
    """The secrets that stand in Compose's volumes, as `<volume>.<file>`."""
    yield "state.web-secret", folder / "state" / "web-secret"
    for login in sorted((folder / "logins").iterdir()):
        yield from ((f"login-{login.name}.{name}", login / name) for name in LOGIN if (login / name).exists())


def _secrets_for(mount: Json, files: Mapping[str, Path]) -> list[Json]:
    """What stands in place of a volume with secrets."""
    return [
        {"source": key, "target": f"{mount['target']}/{key.partition('.')[2]}", "uid": NOBODY, "mode": 0o400}
        for key in files
        if key.partition(".")[0] == mount["source"] and "." in key
    ]


def _immutable(stack_name: str, key: str, file: Path) -> Json:
    """Swarm never changes a secret or a config: what has another content has another name."""
    digest = sha256(file.read_bytes()).hexdigest()[:12]
    return {"name": f"{stack_name}_{key.replace('.', '_')}_{digest}", "file": str(file.resolve())}


if __name__ == "__main__":
    name, node, image, prepared = sys.argv[1:]
    try:
        made = stack(json.load(sys.stdin), name, node, image, Path(prepared))
    except ValueError as error:  # also where Compose printed nothing but what is wrong
        sys.exit(f"There is no stack: {error}")
    json.dump(made, sys.stdout, indent=1)
