"""The parser is total: every line is a message or says why it is none. (The forms themselves are in the corpus.)"""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.wire import Connect, Dial, Disconnect, Malformed, Ring, parse

AT = datetime(2026, 11, 22, 18, 0, 1)  # noqa: DTZ001 - the box's local time has no zone


def test_the_four_forms() -> None:
    assert parse(b"22.11.26 18:00:01;RING;0;0302312501;6900090;SIP0;") == Ring(AT, 0, "0302312501", "6900090", "SIP0")
    assert parse(b"22.11.26 18:00:01;CALL;1;10;6900090;0302312501;SIP13") == Dial(
        AT, 1, 10, "6900090", "0302312501", "SIP13"
    )
    assert parse(b"22.11.26 18:00:01;CONNECT;0;40;;") == Connect(AT, 0, 40, "")
    assert parse(b"22.11.26 18:00:01;DISCONNECT;0;4;") == Disconnect(AT, 0, 4)


@given(st.binary(max_size=600))
def test_no_bytes_raise(line: bytes) -> None:
    parse(line)


@given(
    st.lists(
        st.one_of(st.sampled_from(["RING", "CALL", "CONNECT", "DISCONNECT", "", "0", "22.11.26 18:00:01"]), st.text()),
        max_size=9,
    )
)
def test_no_fields_raise(fields: list[str]) -> None:
    message = parse(";".join(fields).encode("utf-8", "surrogatepass"))
    assert isinstance(message, Ring | Dial | Connect | Disconnect | Malformed)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request", "not a call monitor event"),
        (b"22.11.26 18:00:01;RINGS;0;1;2;SIP0;", "not a call monitor event"),
        (b"22.11.26 18:00:01;RING;0;1", "fields are missing"),
        (b"22.11.26 18:00:01;RING;-1;1;2;SIP0;", "the connection id is not a number of at most 2 digits"),
        (b"22.11.26 18:00:01;CONNECT;0;x;1;", "the extension is not a number of at most 3 digits"),
        ("22.11.26 18:00:01;DISCONNECT;0;²;".encode(), "the duration is not a number of at most 7 digits"),
        (b"22.11.26 18:00:01;RING;0;\xff;2;SIP0;", "not UTF-8"),
        (b"22.11.26 18:00:01;RING;0;1\x1b[2J;2;SIP0;", "control characters"),
        (b"22.11.26 18:00:01;RING;0;" + b"1" * 129 + b";2;SIP0;", "a field is longer than 128 characters"),
    ],
)
def test_a_line_that_is_none_says_why(line: bytes, reason: str) -> None:
    assert parse(line) == Malformed(reason)


@pytest.mark.parametrize("stamp", ["01.01.-30 03:10:5", "", "32.01.26 00:00:00", "22.11.26", "☎"])
def test_a_time_that_is_none_does_not_cost_the_line(stamp: str) -> None:
    message = parse(f"{stamp};DISCONNECT;0;4;".encode())
    assert message == Disconnect(None, 0, 4)
