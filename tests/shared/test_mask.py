"""Telephone numbers in what is logged or shown: shortened, while ids, times and addresses stay readable."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.logs import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+493023125123", "+493…23"),
        ("Limbas refuses 03023125123.", "Limbas refuses 030…23."),
        ("who is 03023125123?", "who is 030…23?"),
        ("(03023125123)", "(030…23)"),
        ("'4710300'; '4710301'", "'471…00'; '471…01'"),
        ("calls 03023125123, 03023125124: both", "calls 030…23, 030…24: both"),
        ("first 03023125123 - then 03023125124-", "first 030…23 - then 030…24-"),
    ],
)
def test_a_number_is_masked_wherever_it_stands_in_a_sentence(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "1795380474844-0",
        "office-20261122T180001-1",
        "2026-11-22T18:00:01.123456+00:00",
        "192.168.178.1:1012",
        "limbas7000123.example",
        "123456",
    ],
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert mask(text) == text


@given(
    box=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    line=st.binary(max_size=60),
    clock_is_set=st.booleans(),
)
def test_a_calls_id_can_be_searched_for_whatever_the_boxs_name(box: str, line: bytes, clock_is_set: bool) -> None:
    second = "20261122T180001" if clock_is_set else "20261122"
    call = f"{box}-{second}-{hashlib.sha256(line).hexdigest()[:12]}"

    assert mask(f'{{"call": "{call}", "event": "call ringing"}}') == f'{{"call": "{call}", "event": "call ringing"}}'
    assert mask(f"call={call} box") == f"call={call} box"
