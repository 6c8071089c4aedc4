"""The API's description is complete, and true: schemathesis asks the running service whatever it can think of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis

from services.web.api.openapi import OPERATIONS, description
from services.web.history import CALLS_KEPT
from shared.event_log import EventLog
from tests.api.client import Api
from tests.api.in_process import an_app
from tests.waiting import eventually
from tests.web.scenes import an_office

BY_FRAMEWORK = {"HEAD", "OPTIONS"}


def walk(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(document, dict):
        yield document
    for part in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from walk(part)


def test_it_has_every_address_with_every_method_and_no_other(event_log: EventLog) -> None:
    served = {
        (rule.rule.removeprefix("/api").replace("<call:call_id>", "{call_id}"), method.lower())
        for rule in an_app(event_log).url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - BY_FRAMEWORK
    }
    assert served == set(OPERATIONS)


def test_the_page_about_it_names_every_address() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"^    (GET|POST) +/api(\S+)", text, re.MULTILINE)
    assert {(path.replace("<id>", "{call_id}"), method.lower()) for method, path in named} == set(OPERATIONS) - {
        ("/openapi.json", "get")
    }
    assert f"{CALLS_KEPT:,} calls" in text


def test_it_is_valid_and_all_that_it_refers_to_is_in_it() -> None:
    schemathesis.openapi.from_dict(description()).validate()
    references = {each["$ref"] for each in walk(description()) if "$ref" in each}
    assert references
    for reference in references:
        part: Any = description()
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_it_says_what_the_fields_of_a_call_mean() -> None:
    fields = description()["components"]["schemas"]["Call"]["properties"]
    assert fields["seq"]["description"].startswith("Counts this call's events from 1.")


def test_it_is_served_to_anybody_and_says_where_the_api_is_wherever_that_is(api: Api) -> None:
    answer = api.send("GET", "/openapi.json", headers={"Authorization": ""})
    assert (answer.status, answer.data) == (200, json.loads(json.dumps(description())))
    assert answer.data["servers"][0]["url"] == "../api"


@pytest.mark.timeout(180)
def test_whatever_schemathesis_asks_the_answer_is_as_described(api: Api, calls: EventLog, tmp_path: Path) -> None:
    an_office(calls)
    eventually(lambda: len(api.get("/calls").ids) == 15)
    unsure = next(entry for entry in api.get("/calls").data["calls"] if len(entry["contact"]["candidates"]) == 2)
    (tmp_path / "schemathesis.toml").write_text(f"""
        seed = 5
        base-url = "{api.web.url}/api"
        auth.openapi.bearer.bearer = "{api.web.token()}"
        generation = {{ max-examples = 30, deterministic = true }}
        dictionaries.calls.values = {api.get("/calls").ids}
        parameters = {{ "path.call_id" = {{ dictionary = "calls", probability = 0.7 }} }}
        warnings = {{ fail-on = ["missing_auth", "validation_mismatch", "method_not_allowed", "unsupported_regex"] }}

        [[operations]]
        include-operation-id = "chooseContact"
        parameters = {{ "path.call_id" = "{unsure["call"]["id"]}" }}
        """)  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{api.web.url}/api/openapi.json", "--checks", "all"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Tested: {len(OPERATIONS) - 1}" in result.stdout, "all but the description itself"
    assert "Traceback" not in api.web.log()
