"""The contract: the simulator answers each recorded request as the real server did.

All payloads are played over HTTP, in the order in which they were recorded, by the users who sent them then. The whole
answer is compared, but for its session block, which names a session that is over. The schema (01) is no exception:
all its keys are compared, those of Limbas' own tables too.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from simulators.limbas.server import LimbasSimulator
from simulators.limbas.sessions import ATTEMPTS
from simulators.limbas.store import Store
from simulators.limbas.tables import CALLS, CONTACTS
from tests.contract.cases import Case, cases, contacts, first_call_id
from tests.simulators.limbas.client import Client, decoded

WRONG_PASSWORD = "50_wrong_password"


@pytest.fixture(scope="module")
def played() -> dict[str, requests.Response]:
    """The simulator's responses to all cases."""
    with LimbasSimulator(store=recorded_store(), clock=lambda: 1_795_374_039.0) as simulator:
        clients = {user: Client(simulator.url, user) for user in ("callmonitor", "leser")}
        responses = {}
        for case in cases():
            if case.name == WRONG_PASSWORD:
                for _ in range(ATTEMPTS - 1):  # those that had been made before it was recorded
                    wrong(simulator).send(case.payload)
            # From 50 on each request had to log in.
            known = clients.get(case.user or "") if case.answer is not None else None
            client = wrong(simulator) if case.name == WRONG_PASSWORD else known or Client(simulator.url, case.user)
            responses[case.name] = client.send(case.payload)
        return responses


def recorded_store() -> Store:
    """The contacts that the recordings show, and calls whose next id is theirs."""
    store = Store()
    for record_id, texts in contacts().items():
        store.insert(CONTACTS, record_id)
        store.write(CONTACTS, record_id, {key: text for key, text in texts.items() if key != 1})
    store.start_ids_at(CALLS, first_call_id())
    return store


def wrong(simulator: LimbasSimulator) -> Client:
    return Client(simulator.url, "callmonitor", "wrong")


def strictly(answer: Any) -> str:
    """An answer as JSON, such that true is not 1, numbers as keys are texts, and the order of keys does not count."""
    return json.dumps(json.loads(json.dumps(answer)), sort_keys=True)


@pytest.mark.parametrize("case", [case for case in cases() if case.answer is not None], ids=lambda case: case.name)
def test_the_answer_is_the_recorded_one(case: Case, played: dict[str, requests.Response]) -> None:
    response = played[case.name]
    answer = decoded(response)
    session = answer.pop("session")
    assert session["username"] == case.user
    assert (response.status_code, response.headers["Content-Type"]) == (case.status, case.content_type)
    assert strictly(answer) == strictly(case.answer)


@pytest.mark.parametrize("case", [case for case in cases() if "query" in case.name], ids=lambda case: case.name)
def test_the_rows_come_in_the_recorded_order(case: Case, played: dict[str, requests.Response]) -> None:
    assert case.answer
    for table, rows in (case.answer["0"]["fresult"] or {}).items():
        answered = decoded(played[case.name])[0]["fresult"]
        assert list(map(str, answered[table if table.startswith("#") else int(table)])) == list(rows)


@pytest.mark.parametrize("case", [case for case in cases() if case.answer is None], ids=lambda case: case.name)
def test_who_is_refused_gets_a_login_page(case: Case, played: dict[str, requests.Response]) -> None:
    response = played[case.name]
    assert (response.status_code, response.headers["Content-Type"]) == (case.status, case.content_type)
    assert "<form" in response.text
    assert 'type="password"' in response.text
    locked = ">15s</button>" in response.text
    assert locked is (case.name != WRONG_PASSWORD)


def test_there_are_recordings() -> None:
    assert len(cases()) == 50
    assert len(contacts()) == 20
