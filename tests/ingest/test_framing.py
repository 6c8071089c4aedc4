"""Bytes to lines: whatever the chunks, the lines are the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.framing import LONGEST_LINE, Garbage, LineSplitter

LINE = st.binary(min_size=1, max_size=80).filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))


def split(*chunks: bytes) -> list[bytes | Garbage]:
    splitter = LineSplitter()
    return [line for chunk in chunks for line in splitter.feed(chunk)]


def test_a_line_ends_with_either_line_end() -> None:
    assert split(b"one;\ntwo;\r\n") == [b"one;", b"two;"]


def test_empty_lines_are_nothing() -> None:
    assert split(b"\n\r\none\n\n") == [b"one"]


def test_half_a_line_waits_for_the_other_half() -> None:
    assert split(b"22.11.26 18:00:0") == []
    assert split(b"22.11.26 18:00:0", b"1;RING;\r", b"\n") == [b"22.11.26 18:00:01;RING;"]


@given(st.lists(LINE, max_size=8), st.lists(st.integers(0, 700), max_size=12), st.sampled_from([b"\n", b"\r\n"]))
def test_chunks_do_not_matter(lines: list[bytes], cuts: list[int], end: bytes) -> None:
    stream = b"".join(line + end for line in lines)
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    chunks = [stream[a:b] for a, b in pairwise(places)]
    assert split(*chunks) == lines


def test_what_the_end_of_the_connection_cuts_off_is_no_line() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"one;\n22.11.26 18:03:22;DISCONNECT;0;2") == [b"one;"]
    (garbage,) = splitter.close()
    assert garbage == Garbage("the connection ended within this line", b"22.11.26 18:03:22;DISCONNECT;0;2")
    assert splitter.close() == []


def test_a_line_that_never_ends_is_reported_once_and_its_memory_is_bounded() -> None:
    splitter = LineSplitter()
    found = [line for _ in range(1000) for line in splitter.feed(b"x" * 1000)]
    assert [type(line) for line in found] == [Garbage]
    assert len(splitter._rest) <= LONGEST_LINE + 1
    assert splitter.feed(b"x\nnext;\n") == [b"next;"]


def test_a_long_line_in_one_chunk_is_reported_and_the_next_one_is_read() -> None:
    garbage, line = split(b"y" * (LONGEST_LINE + 1) + b"\nnext;\n")
    assert isinstance(garbage, Garbage)
    assert len(garbage.start) == 80
    assert line == b"next;"
