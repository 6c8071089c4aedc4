from __future__ import annotations

import base64
import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limbas import php
from shared.limbas.errors import Malformed
from simulators.limbas import soap
from tests.contract.cases import Case, cases
from tests.limbas.recorded import recorded_payload

texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.one_of(st.integers(-(2**63), 2**63 - 1), texts)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), texts)
arrays = st.recursive(scalars, lambda inner: st.dictionaries(keys, inner), max_leaves=20).map(lambda value: {0: value})


@given(arrays, st.booleans())
def test_what_is_written_is_read_again(array: Any, as_base64: bool) -> None:
    assert php.loads(php.dumps(array, as_base64=as_base64), as_base64=as_base64) == array


@given(texts, st.booleans())
def test_any_text_is_an_array_or_malformed_and_nothing_else(text: str, as_base64: bool) -> None:
    read_or_refused(text, as_base64=as_base64)


@given(arrays, st.data())
def test_a_damaged_array_is_an_array_or_malformed_and_nothing_else(array: Any, data: st.DataObject) -> None:
    text = php.dumps(array)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    read_or_refused(text[:start] + data.draw(st.text('aisbdNOCRr:;{}"0123456789-\x00é', max_size=6)) + text[end:])


def read_or_refused(text: str, **options: Any) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(php.loads(text, **options), dict)


@pytest.mark.parametrize(
    "text",
    [
        'O:8:"stdClass":0:{}',
        'a:1:{i:0;O:8:"stdClass":0:{}}',
        'a:1:{i:0;C:3:"Foo":0:{}}',
        "a:2:{i:0;i:1;i:1;R:2;}",
        "a:2:{i:0;i:1;i:1;r:2;}",
    ],
)
def test_objects_and_references_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        php.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N;",
        "i:1;",
        'a:1:{i:0;s:3:"ab";}',  # shorter than it says
        "a:2:{i:0;i:1;}",
        "a:1:{i:0;i:1;}i:2;",  # goes on after its end
        "a:1:{N;i:1;}",  # keys that PHP has not
        "a:1:{d:1.5;i:1;}",
        "a:1:{a:0:{}i:1;}",
        "a:999999999999:{i:0;i:1;}",
        'a:1:{i:0;s:-1:"x";}',
        "a:1:{i:0;i:" + "9" * 5000 + ";}",
    ],
)
def test_what_is_no_whole_array_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        php.loads(text)


def test_text_that_is_not_utf_8_is_malformed() -> None:
    latin_1 = base64.b64encode(b'a:1:{i:0;s:1:"\xfc";}').decode()
    with pytest.raises(Malformed):
        php.loads(latin_1, as_base64=True)


@pytest.mark.parametrize("depth", [php.DEEPEST + 1, 100_000])
def test_arrays_within_arrays_end_somewhere(depth: int) -> None:
    with pytest.raises(Malformed):
        php.loads("a:1:{i:0;" * depth + "i:1;" + "}" * depth)
    assert php.loads("a:1:{i:0;" * php.DEEPEST + "i:1;" + "}" * php.DEEPEST)


def test_an_error_does_not_show_what_was_read() -> None:
    with pytest.raises(Malformed) as malformed:
        php.loads('a:1:{i:0;s:99:"+4930231251";}')
    assert "2312" not in str(malformed.value)


@pytest.mark.parametrize("case", [case for case in cases() if case.request_body], ids=lambda case: case.name)
def test_recorded_payloads_are_written_as_they_were(case: Case) -> None:
    assert php.dumps(recorded_payload(case.name)) == soap.argument(case.request_body)
