"""The spool's file format: whatever happens to some of the bytes, only the records they belong to are lost."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.spool_record import Kind, Mark, Record, decode, encode, merged, published_by_others

NOW = datetime(2026, 11, 22, 17, 0, 1, 123456, tzinfo=UTC)


def a_line(number: int, content: bytes) -> Record:
    return Record(number, NOW, Kind.LINE, content)


CONTENTS = st.binary(max_size=40)
CONNECTIONS = st.integers(0, 99).map(lambda n: b"%d" % n)
KINDS = st.one_of(
    st.tuples(st.just(Kind.LINE), CONTENTS, st.just("")),
    st.tuples(st.just(Kind.MALFORMED), CONTENTS, st.text(max_size=20)),
    st.tuples(st.sampled_from([Kind.IGNORED, Kind.FREED]), CONNECTIONS, st.just("")),
)
RECORDS = st.lists(st.tuples(KINDS, st.datetimes(timezones=st.just(UTC))), max_size=12).map(
    lambda parts: [Record(7 + 3 * n, at, *kind) for n, (kind, at) in enumerate(parts)]
)


def file_of(records: list[Record]) -> bytes:
    return b"".join(map(encode, records))


def test_a_record_is_a_line_that_people_can_read() -> None:
    record = a_line(7, b"22.11.26 18:00:01;RING;0;03023125100;4710100;SIP0;")
    document = (
        b'{"n":7,"at":"2026-11-22T17:00:01.123456+00:00","line":"22.11.26 18:00:01;RING;0;03023125100;4710100;SIP0;"}'
    )
    assert encode(record)[9:] == document + b"\n"


@given(RECORDS)
def test_what_was_written_comes_back(records: list[Record]) -> None:
    content = decode(file_of(records))
    assert content.records == records
    assert (content.damaged, content.torn) == (0, False)


@given(RECORDS, st.data())
def test_of_a_file_that_was_cut_anywhere_exactly_the_whole_records_come_back(
    records: list[Record], data: st.DataObject
) -> None:
    whole = file_of(records)
    cut = data.draw(st.integers(0, len(whole)))
    content = decode(whole[:cut])
    ends = [len(file_of(records[: n + 1])) for n in range(len(records))]
    assert content.records == [record for record, end in zip(records, ends, strict=True) if end <= cut]
    assert content.damaged == 0
    assert content.torn == (cut not in (0, *ends))


@given(RECORDS.filter(bool), st.data())
def test_a_flipped_byte_costs_the_record_it_is_in_and_where_it_was_a_line_end_the_next_one(
    records: list[Record], data: st.DataObject
) -> None:
    whole = bytearray(file_of(records))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    hit = sum(len(file_of(records[: n + 1])) <= place for n in range(len(records)))
    was_the_end = place == len(file_of(records[: hit + 1])) - 1
    content = decode(bytes(whole))
    assert content.records == records[:hit] + records[hit + (2 if was_the_end else 1) :]
    assert content.damaged or content.torn


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_are_too_much_for_it(data: bytes) -> None:
    assert decode(data).records == []


@given(RECORDS)
def test_a_torn_record_takes_only_the_one_after_it_along(records: list[Record]) -> None:
    torn = encode(a_line(1, b"x" * 30))[:20]
    assert decode(torn + file_of(records)).records == records[1:]


def test_what_is_true_at_a_place_is_followed_to_the_end() -> None:
    mark = Mark("spool", 5, frozenset({1}))
    later = [Record(8, NOW, Kind.IGNORED, b"3"), a_line(9, b"x"), Record(10, NOW, Kind.FREED, b"1")]
    assert decode(encode(mark) + file_of(later)).mark == Mark("spool", 5, frozenset({3}))
    assert decode(file_of(later) + encode(mark)).mark == mark


TRUTH = st.lists(st.integers(0, 10**6), max_size=30, unique=True).map(lambda ns: [b"line %d" % n for n in ns])


def heard(truth: list[bytes], missed: set[int]) -> list[Record]:
    return [a_line(n + 1, content) for n, content in enumerate(truth) if n not in missed]


@given(TRUTH, st.data())
def test_what_another_reader_has_published_is_found_whatever_both_have_missed(
    truth: list[bytes], data: st.DataObject
) -> None:
    published = data.draw(st.integers(0, len(truth)))
    missed = st.sets(st.integers(0, 30), max_size=5)
    theirs, ours = heard(truth[:published], data.draw(missed)), heard(truth, data.draw(missed))
    common = {record.content for record in theirs} & {record.content for record in ours}
    last = max((n for n, record in enumerate(ours) if record.content in common), default=-1)
    assert published_by_others([record.digest for record in theirs], ours) == last + 1


@given(st.lists(st.sampled_from([b"a", b"b"]), max_size=12), st.data())
def test_lines_that_are_the_same_are_told_apart_by_those_before_them(truth: list[bytes], data: st.DataObject) -> None:
    published = data.draw(st.integers(0, len(truth)))
    ours = heard(truth, set())
    assert published_by_others([record.digest for record in ours[:published]], ours) == published


def test_only_what_is_a_line_says_where_another_reader_is() -> None:
    unreadable = Record(1, NOW, Kind.MALFORMED, b"(not kept)", "control characters")
    assert published_by_others([unreadable.digest], [unreadable, a_line(2, b"x")]) == 0
    assert published_by_others([a_line(0, b"x").digest], [unreadable, a_line(2, b"x"), unreadable]) == 2


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=12), st.data())
def test_what_two_readers_of_one_box_heard_is_what_one_would_have_heard(
    truth: list[bytes], data: st.DataObject
) -> None:
    begins, ends = data.draw(st.integers(0, len(truth))), data.draw(st.integers(0, len(truth)))
    first, second = heard(truth, set())[:ends], heard(truth, set())[begins:]
    if begins <= ends and len(set(truth)) == len(truth):
        assert merged(first, second) == heard(truth, set())
    union = {record.number for record in (*first, *second)}
    assert {record.number for record in merged(first, second)} <= union
    assert merged(first, first) == first
