from __future__ import annotations

from itertools import islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from simulators.fritzbox.faults import Chunker, Drop, FaultRates, GoHalfOpen, fault_schedule, flood, garbage

ALL = FaultRates(drop=10, half_open=20, garbage=5, flood=100)


@given(seed=st.integers(), pieces=st.lists(st.binary(max_size=100)))
def test_a_chunker_changes_where_bytes_are_cut_and_nothing_else(seed: int, pieces: list[bytes]) -> None:
    chunker = Chunker(Random(seed))
    chunks = [chunk for piece in pieces for chunk in chunker.feed(piece)] + chunker.flush()

    assert b"".join(chunks) == b"".join(pieces)
    assert all(chunks)
    assert chunker.flush() == []


def test_a_chunker_cuts_lines_and_glues_them() -> None:
    chunker = Chunker(Random(1))
    line = b"12.10.26 09:00:00;DISCONNECT;0;5;\r\n"
    chunks = [chunk for _ in range(200) for chunk in chunker.feed(line)]

    assert any(len(chunk) == 1 for chunk in chunks)
    assert any(b"\n1" in chunk for chunk in chunks), "the end of one line and the beginning of the next in one chunk"


def test_the_same_seed_gives_the_same_faults() -> None:
    assert list(islice(fault_schedule(3, ALL), 100)) == list(islice(fault_schedule(3, ALL), 100))


def test_faults_come_in_order_and_as_often_as_asked() -> None:
    schedule = list(islice(fault_schedule(1, ALL), 700))
    starts = [at for at, _ in schedule]

    assert starts == sorted(starts)
    assert 9 < starts[-1] / sum(isinstance(fault, Drop) for _, fault in schedule) < 11
    assert 16 < starts[-1] / sum(isinstance(fault, GoHalfOpen) for _, fault in schedule) < 24
    assert {fault.reset for _, fault in schedule if isinstance(fault, Drop)} == {True, False}


def test_a_further_kind_of_fault_does_not_move_the_others() -> None:
    alone = list(islice(fault_schedule(1, FaultRates(drop=10)), 20))
    among_others = [item for item in islice(fault_schedule(1, ALL), 200) if isinstance(item[1], Drop)]

    assert among_others[:20] == alone


def test_without_rates_nothing_goes_wrong() -> None:
    assert list(fault_schedule(1, FaultRates())) == []


@given(seed=st.integers())
def test_garbage_is_one_line_that_leaves_the_next_one_whole(seed: int) -> None:
    data = garbage(Random(seed)).data

    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == 1


def test_a_flood_is_a_million_bytes_without_a_line_end() -> None:
    data = flood(Random(1)).data

    assert len(data) == 1_000_002
    assert data.index(b"\n") == 1_000_001
