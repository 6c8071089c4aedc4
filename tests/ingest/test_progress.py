"""What of a spool is still to be published, by what the event log says: nothing twice, nothing too late."""

from __future__ import annotations

from datetime import UTC, datetime

from services.ingest.progress import SLACK, Progress, Published
from services.ingest.spool_record import Content, Kind, Mark, Record
from shared.event_log import LATEST_LINES

NOW = datetime(2026, 11, 22, 17, 0, 1, tzinfo=UTC)


def line(number: int, connection: int, event: str = "RING") -> Record:
    return Record(number, NOW, Kind.LINE, f"22.11.26 18:00:{number:02};{event};{connection};;;;".encode())


def of(spool: str, *records: Record) -> tuple[Published, ...]:
    return tuple(Published(spool, record.number, record.identity) for record in records)


def test_it_is_read_as_the_log_keeps_it_and_what_an_earlier_version_kept_is_left_out() -> None:
    progress = Progress.read("mine:7", ["0123456789ab", "other:5 22.11.26 18:00:05;RING;0"])
    assert (progress.owner, progress.number) == ("mine", 7)
    assert progress.elsewhere("mine") == {line(5, 0).identity}
    assert Progress.read("", []) == Progress()


def test_what_others_have_published_is_not_missing_and_the_rest_is() -> None:
    progress = Progress("other", 3, of("other", line(1, 0), line(3, 2)))
    assert progress.missing("mine", [line(1, 0), line(2, 1), line(3, 2), line(4, 0)]) == [line(2, 1), line(4, 0)]


def test_what_is_older_than_what_was_published_of_its_connection_is_too_late() -> None:
    progress = Progress("other", 3, of("other", line(3, 0)))
    assert progress.missing("mine", [line(1, 0), line(2, 1), line(3, 0), line(4, 0)]) == [line(2, 1), line(4, 0)]


def test_what_is_no_line_and_came_before_one_that_others_have_published_they_heard_too() -> None:
    progress = Progress("other", 3, of("other", line(3, 0)))
    before, after = (Record(number, NOW, Kind.MALFORMED, b"x", "not UTF-8") for number in (2, 4))
    assert progress.missing("mine", [before, line(3, 0), after]) == [after]
    assert progress.missing("mine", [before, line(1, 1)]) == [before, line(1, 1)]


def test_one_reader_alone_loses_nothing_even_if_the_clock_of_its_box_repeats_itself() -> None:
    progress = Progress("mine", 5, of("mine", line(5, 0)))
    again = Record(900, NOW, Kind.LINE, line(5, 0).content)
    assert progress.missing("mine", [again]) == [again]


def test_the_own_lines_of_an_earlier_turn_are_known_by_their_numbers() -> None:
    progress = Progress("other", 8, (*of("mine", line(5, 0)), *of("other", line(8, 1))))
    assert progress.done("mine") == 5
    assert progress.missing("mine", [line(4, 3), line(5, 0), line(6, 2)]) == [line(6, 2)]


def test_who_is_farther_behind_than_the_log_remembers_begins_with_the_first_line_that_it_does() -> None:
    latest = tuple(Published("other", n, f"line {n}") for n in range(LATEST_LINES - 1))
    records = [line(1, 0), line(2, 1), line(3, 2)]
    progress = Progress("other", LATEST_LINES, (*latest, *of("other", line(2, 1))))
    assert progress.missing("mine", records) == [line(3, 2)]
    remembers_all = Progress("other", LATEST_LINES, (*latest[1:], *of("mine", line(0, 5)), *of("other", line(2, 1))))
    assert remembers_all.missing("mine", records) == [line(1, 0), line(3, 2)]


def test_of_a_file_its_own_mark_counts_too_unless_the_log_says_how_far_it_is() -> None:
    content = Content([line(1, 0), line(2, 1), line(3, 2)], Mark("other", 2))
    assert Progress("mine", 9).missing_of(content) == [line(3, 2)]
    assert Progress("other", 1).missing_of(content) == [line(2, 1), line(3, 2)], "Redis has lost its last second"


def test_of_a_file_what_is_much_older_than_the_log_is_left() -> None:
    content = Content([line(1, 0), line(2, 1)], Mark("other", 0))
    assert Progress("mine", 1 + SLACK).missing_of(content) == [line(2, 1)]


def test_what_another_one_took_in_and_published_is_not_in_its_file_anew_where_its_disk_was_full() -> None:
    renumbered = Published("other", 2, line(3, 0).identity)
    content = Content([line(3, 0), line(4, 1)], Mark("other", 1))
    assert Progress("other", 2, (renumbered,)).missing_of(content) == [line(4, 1)]
