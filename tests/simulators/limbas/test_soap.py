"""The envelope: the recorded bytes, and what is no `runlmb` call at all."""

from __future__ import annotations

import base64
from typing import Any

import phpserialize
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from simulators.limbas import business, soap
from simulators.limbas.endpoint import Endpoint, Options
from simulators.limbas.faults import Faults
from simulators.limbas.handler import LARGEST_BODY
from simulators.limbas.messages import Reply, Request
from simulators.limbas.server import PASSWORD, USERS, LimbasSimulator
from simulators.limbas.sessions import Sessions
from simulators.limbas.store import Store
from tests.contract.cases import Case, cases
from tests.simulators.limbas.client import CALLS, Client, decoded, envelope, query

RAW = [case for case in cases() if case.request_body]


@pytest.mark.parametrize("case", RAW, ids=lambda case: case.name)
def test_a_recorded_request_is_understood(case: Case) -> None:
    assert soap.unserialize(soap.argument(case.request_body), encoded=False) == php_arrays(case.payload)


@pytest.mark.parametrize("case", RAW, ids=lambda case: case.name)
def test_an_answer_is_written_byte_for_byte_as_the_recorded_one(case: Case) -> None:
    array = decoded(as_response(case.response_body))
    assert soap.answer(array, encoded=False) == case.response_body


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Bad Request"),
        (b"not xml", "Bad Request"),
        (b"<a><b></a>", "Bad Request"),
        (b"<a>\xff\xfe</a>", "Bad Request"),
        (b"<a/>", "Body must be present"),
        (envelope("a:0:{}").replace(b"runlmb", b"rundll"), "Function 'rundll' doesn't exist"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DTD are not supported"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DTD are not supported"),
    ],
)
def test_what_is_no_call_is_answered_with_a_fault(limbas: Client, body: bytes, says: str) -> None:
    response = limbas.post(body)
    assert response.status_code == 500
    assert "<SOAP-ENV:Fault>" in response.text
    assert says in response.text


NO_ARRAYS = (
    *("", "hello", "b:0;", "i:1;", "a:1:{", "a:999999999:{i:0;", 's:99999999999:"x";', "a:1:{i:0;" * 5000),
    *('O:8:"stdClass":0:{}', 'a:1:{i:0;O:4:"User":0:{}}', "i:" + "9" * 10_000 + ";"),
)


@pytest.mark.parametrize("argument", NO_ARRAYS)
def test_an_argument_that_is_no_php_array_does_nothing_and_says_nothing(limbas: Client, argument: str) -> None:
    assert list(decoded(limbas.post(envelope(argument)))) == ["session"]


def test_a_body_that_is_too_long_is_not_read(limbas: Client) -> None:
    response = limbas.http.post(
        f"{limbas.url}/main_soap.php", headers={"Content-Length": str(LARGEST_BODY + 1)}, data=b"", timeout=5
    )
    assert response.status_code == 413
    assert limbas.ask({}) == {}


def test_a_body_without_a_length_is_refused(limbas: Client) -> None:
    response = limbas.http.post(f"{limbas.url}/main_soap.php", data=iter([b"some", b"more"]), timeout=5)
    assert response.status_code == 411


def test_a_php_error_inside_becomes_a_fault(limbas: Client) -> None:
    response = limbas.send({0: {"action": "gtab_erg", "gtabid": CALLS}})
    assert response.status_code == 500
    assert "<faultstring>in_array(): Argument #2" in response.text


def test_limbas_5_calls_its_answers_xml() -> None:
    with LimbasSimulator(options=Options(version="5")) as simulator:
        response = Client(simulator.url).send({0: {"getvars": ["gtab"]}})
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert decoded(response)["gtab"]


def test_with_soap_base64_arrays_travel_encoded() -> None:
    with LimbasSimulator(options=Options(base64=True)) as simulator:
        client = Client(simulator.url)
        sent = base64.b64encode(phpserialize.dumps({0: query(4, showfields="2", count=1)})).decode()
        response = client.post(envelope(sent))
        plain = client.send({0: query(4, showfields="2", count=1)})
    answer = soap.unserialize(returned(response), encoded=True)
    assert answer[0]["fresult"] == {4: {1: {2: "M&uuml;ller"}}}
    assert list(soap.unserialize(returned(plain), encoded=True)) == ["session"]


@given(body=st.binary(max_size=300))
def test_no_body_is_too_odd(body: bytes) -> None:
    assert asked(body).status in {200, 500}


@given(argument=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=100))
def test_no_argument_is_too_odd(argument: str) -> None:
    assert asked(envelope(argument)).status == 200


NAMES = st.sampled_from(
    (
        *("action", "gtabid", "gtab_new", "gtab_change", "gtab_erg", "gtab_delete", "gtab_hide", "gnup", "gup", "gsr"),
        *("id", "verknpf", "verkn_tabid", "verkn_fieldid", "verkn_ID", "verkn_add_ID", "verkn_del_ID", "new_0"),
        *("showfields", "count", "res_next", "order", "noencode", "nolimit", "txt", "num", "andor", "getvars"),
        *("fresult", "gtab", "use_noids", "#KUNDEN", "*NAME", "#ANRUFE", "5,2,1", "5,10,1", "1,ASC"),
        *("", "0", "5", "13", "²", "٣", "-1", "#", "*", ">=5", "%\\"),
    )
)
KEYS = NAMES | st.integers(-1, 14)
SCALARS = KEYS | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
ARRAYS = st.recursive(
    st.dictionaries(KEYS, SCALARS, max_size=6),
    lambda inner: st.dictionaries(KEYS, inner | SCALARS, max_size=8),
    max_leaves=40,
)
PARTS: dict[Any, st.SearchStrategy[Any]] = {
    "gtabid": st.sampled_from([4, 5, "#ANRUFE", 99]),
    "getvars": st.just(["fresult"]) | ARRAYS,
    **dict.fromkeys(["gnup", "gup", "gsr", "id"], ARRAYS | SCALARS),
}
ACTIONS = st.sampled_from(["gtab_new", "gtab_change", "gtab_erg", "gtab_delete", "gtab_hide"])
ACTION = st.fixed_dictionaries({"action": ACTIONS}, optional={**PARTS, 4: ARRAYS | SCALARS, 5: ARRAYS | SCALARS})


@given(actions=st.lists(ACTION | ARRAYS, max_size=4), by_names=st.booleans())
def test_no_array_is_too_odd(actions: list[Any], by_names: bool) -> None:
    payload: dict[Any, Any] = {**dict(enumerate(actions)), "use_noids": int(by_names)}
    assert asked(envelope(phpserialize.dumps(payload).decode())).status in {200, 500}


def asked(body: bytes) -> Reply:
    """What Limbas answers, without the network in between."""
    store = Store()
    business.fill(store)
    sessions = Sessions(store, USERS, clock=lambda: 0.0, lifetime_seconds=1.0)
    endpoint = Endpoint(store, sessions, Faults(), Options(), lambda _: None)
    return endpoint.reply(Request(body, "127.0.0.1", credentials=("callmonitor", PASSWORD)))


def php_arrays(value: Any) -> Any:
    """Lists as PHP has them."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    return {key: php_arrays(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def as_response(body: bytes) -> requests.Response:
    response = requests.Response()
    response._content = body
    return response


def returned(response: requests.Response) -> str:
    return response.text.partition('xsd:string">')[2].partition("</return>")[0]
