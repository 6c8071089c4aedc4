"""The alert rules and the dashboard: valid, of metrics that exist, tested, and explained on the page for operators."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.operations_page import PAGE, SERVICES, alerts, metrics, table

FOLDER = Path(__file__).parents[1] / "deploy" / "monitoring"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
TESTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())["tests"]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana" / "dashboards" / "callmonitor.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
NAMES = {rule["alert"] for rule in RULES}
OF_OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""From Prometheus itself, and from prometheus_client."""


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")],
    ids=" ".join,
)
def test_prometheus_own_tool_is_content(arguments: tuple[str, ...]) -> None:
    if shutil.which("promtool") is None and os.environ.get("CI") != "true":  # scripts/test installs it where it can
        pytest.skip("there is no promtool in PATH")
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def samples() -> dict[str, set[str]]:
    """The names that queries may use, each with its labels."""
    suffixes = {"histogram": ("_bucket", "_sum", "_count")}
    return {
        f"{metric.name}{suffix}": set(metric.labels) | ({"le"} if suffix == "_bucket" else set())
        for metric in metrics()
        for suffix in suffixes.get(metric.type, ("",))
    }


def queries() -> Iterator[tuple[str, str]]:
    """What asks, and what it asks."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("who", "query"), list(queries()))
def test_a_query_asks_for_what_there_is(who: str, query: str) -> None:
    known = samples()
    asked = set(re.findall(r"\b((?:callmonitor|process)_\w+|up)\b(?=[{ )\[]|$)", query))

    assert asked, who
    assert asked <= known.keys() | OF_OTHERS
    for selector, matchers in re.findall(r"(callmonitor_\w+)\{([^}]*)\}", query):
        assert set(re.findall(r"(\w+)\s*[!=]", matchers)) <= known[selector] | {"service", "job"}
    for labels in re.findall(r"\bby \(([^)]*)\)", query):
        by = {label.strip() for label in labels.split(",")}
        assert by <= {"service"}.union(*(known.get(name, set()) for name in asked)), who


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(query for _, query in queries())

    assert [metric.name for metric in metrics() if metric.name not in shown] == []


def test_every_alert_is_tested_to_fire_and_to_be_silent() -> None:
    tried = [check for test in TESTS for check in test["alert_rule_test"]]

    assert {check["alertname"] for check in tried if check.get("exp_alerts")} == NAMES
    assert {check["alertname"] for check in tried if not check.get("exp_alerts")} == NAMES


def test_every_alert_is_explained() -> None:
    assert alerts() == NAMES


def test_every_link_within_the_page_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


def test_every_service_is_scraped() -> None:
    [job] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    compose = yaml.safe_load((FOLDER.parents[1] / "docker-compose.yml").read_text())["services"]

    assert set(job["dns_sd_configs"][0]["names"]) == set(SERVICES)
    for service in SERVICES:
        assert compose[service]["environment"]["HEALTH_PORT"] == job["dns_sd_configs"][0]["port"]
        assert compose[service]["environment"]["HEALTH_HOST"] == "0.0.0.0"  # noqa: S104 - within Compose's networks
        assert "monitoring" in compose[service]["networks"]


def test_no_label_is_somebodys() -> None:
    assert {label for metric in metrics() for label in metric.labels} == {
        "box", "group", "kind", "outcome", "part", "state", "type"
    }  # fmt: skip


def test_the_page_names_each_services_readiness_once() -> None:
    rows = [(service, part) for service, part, _ in table("service")]

    assert len(rows) == len(set(rows))
    assert {service for service, _ in rows} == set(SERVICES)
