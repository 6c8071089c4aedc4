"""The spool's file format: whatever happens to some of the bytes, only the records they belong to are lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.spool_record import Kind, Mark, Record, decode, encode, merged

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


def said(connection: int, second: int, event: str = "RING", nth: int = 0) -> Record:
    line = f"22.11.26 18:00:{second:02};{event};{connection};03023125100;4710100;SIP0;".encode()
    return Record(second, NOW, Kind.LINE, line, nth=nth)


def test_what_tells_a_line_from_others_is_the_same_for_all_readers_and_holds_no_number() -> None:
    assert said(3, 7).identity == "22.11.26 18:00:07;RING;3"
    assert said(3, 7, nth=2).identity == "22.11.26 18:00:07;RING;3#2"
    assert Record(1, NOW, Kind.IGNORED, b"22.11.26 18:00:07;RING;3").identity == said(3, 7).identity
    assert Record(1, NOW, Kind.LINE, b"01.01.-30 03:10:5;RING;3;;;;").identity == "01.01.-30 03:10:5;RING;3"


def test_what_is_no_line_and_what_an_earlier_version_wrote_of_ignored_calls_is_told_from_nothing() -> None:
    assert Record(1, NOW, Kind.MALFORMED, b"22.11.26 18:00:07;RING;x;").identity == ""
    (old,) = decode(encode(Record(1, NOW, Kind.FREED, b"3"))).records
    assert (old.identity, old.connection) == ("", 3)


TRUTH = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 59)), max_size=30, unique=True).map(
    lambda lines: [said(*line) for line in lines]
)
MISSED = st.sets(st.integers(0, 30), max_size=8)


def heard(truth: list[Record], missed: set[int], late: int = 0) -> list[Record]:
    """By a reader that missed some, and was so late with what it heard."""
    return [replace(record, number=n + late) for n, record in enumerate(truth) if n not in missed]


@given(TRUTH, MISSED, MISSED)
def test_what_two_readers_heard_is_there_once_and_in_the_order_of_each_whatever_the_clock_of_the_box_does(
    truth: list[Record], first: set[int], second: set[int]
) -> None:
    one, other = heard(truth, first), heard(truth, second)
    once = identities(merged(one, other))
    assert sorted(once) == sorted(identities(heard(truth, first & second)))
    for own in (identities(one), identities(other)):
        assert [identity for identity in once if identity in own] == own


@given(TRUTH, MISSED, MISSED, st.sampled_from([0, 1000]))
def test_it_is_what_one_reader_would_have_heard_even_if_one_of_them_was_frozen_for_long(
    truth: list[Record], first: set[int], second: set[int], late: int
) -> None:
    truth.sort(key=lambda record: record.said_at)
    one, other = heard(truth, first), heard(truth, second, late)
    in_one_second = {record.said_at for record in truth} != set() and len({r.said_at for r in truth}) < len(truth)
    if not (late and in_one_second):
        assert identities(merged(one, other)) == identities(heard(truth, first & second))


def identities(records: list[Record]) -> list[str]:
    return [record.identity for record in records]
