"""What waits to be published: in order, over every end of the process, on a disk that may be full, and not for ever."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.ingest import spool as spool_module
from services.ingest.progress import Progress, Published
from services.ingest.spool import Spool
from services.ingest.spool_folder import SpoolFolder, in_use
from services.ingest.spool_record import Kind, Record, decode
from tests.waiting import eventually

DAY = 24 * 3600.0
AT = datetime.now(UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "office.spool"


def heard(spool: Spool, *lines: str, at: datetime | None = None) -> None:
    for line in lines:
        spool.append(Kind.LINE, line.encode(), at or datetime.now(UTC))


def waiting(spool: Spool) -> list[str]:
    return [record.content.decode() for record in spool.take(1000, 0)]


def published(spool: Spool, count: int) -> None:
    spool.settle(spool.take(count, 0)[-1].number)


def errors(logs: list[MutableMapping[str, Any]]) -> list[str]:
    return [entry["event"] for entry in logs if entry["log_level"] == "error"]


def test_what_waits_survives_every_end_in_order_and_what_is_published_does_not_come_back(file: Path) -> None:
    spool = Spool(file, DAY)
    heard(spool, "one", "two", "three")
    published(spool, 1)
    spool.tend()
    reborn = Spool(file, DAY)  # the first one was never closed, as after kill -9
    assert waiting(reborn) == ["two", "three"]
    heard(reborn, "four")
    reborn.close()
    assert waiting(Spool(file, DAY)) == ["two", "three", "four"]


def test_a_record_that_was_being_written_is_recognised_and_the_rest_is_whole(file: Path) -> None:
    heard(Spool(file, DAY), "one", "two")
    with file.open("r+b") as torn:
        torn.truncate(file.stat().st_size - 5)
    with capture_logs() as logs:
        spool = Spool(file, DAY)
    heard(spool, "three")
    assert waiting(spool) == ["one", "three"]
    assert waiting(Spool(file, DAY)) == ["one", "three"]
    assert [entry["event"] for entry in logs] == [
        "the spool's last record was being written when its process ended; it is left out"
    ]


def test_a_number_is_new_even_if_the_last_records_were_lost_with_the_power(file: Path) -> None:
    before = Spool(file, DAY)
    heard(before, "one", "two")
    newest = before.take(2, 0)[-1].number
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:2]))
    after = Spool(file, DAY)
    heard(after, "three")
    assert waiting(after) == ["one", "three"]
    assert after.take(2, 0)[-1].number > newest


def test_its_files_are_for_nobody_else_to_read(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with SpoolFolder(tmp_path / "spool") as folder:
            spool = Spool(folder.file_of("office"), DAY)
            heard(spool, "one")
            spool.close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.file_of("office").stat().st_mode) == 0o600
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool", folder.mine)] == [0o700, 0o700]


def test_what_is_published_leaves_the_disk_after_a_minute(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(file, DAY)
    heard(spool, *(f"03023125{n:03}" for n in range(100)))
    published(spool, 100)
    spool.tend()
    assert b"03023125" in file.read_bytes()
    monkeypatch.setattr(spool_module, "CONTEXT_SECONDS", 0.0)
    monkeypatch.setattr(spool_module, "WASTE_SECONDS", 0.0)
    spool.tend()
    assert b"03023125" not in file.read_bytes()
    assert not Spool(file, DAY).fresh, "it is still the same spool"


def test_nothing_is_kept_for_longer_than_it_may_be(file: Path) -> None:
    now = datetime.now(UTC)
    spool = Spool(file, DAY)
    heard(spool, "old", at=now - timedelta(days=2))
    heard(spool, "young", at=now)
    with capture_logs() as logs:
        reborn = Spool(file, DAY)
        reborn.tend()
    assert waiting(reborn) == ["young"]
    assert "old" not in file.read_text()
    assert errors(logs) == ["lines that Redis never took are older than RETENTION_DAYS and deleted"]


def test_what_nobody_publishes_any_more_is_not_kept_for_longer_either(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with SpoolFolder(tmp_path), SpoolFolder(tmp_path) as second:
        spool = Spool(second.file_of("office"), DAY)
        heard(spool, "old", at=now - timedelta(days=2))
        heard(spool, "young", at=now)
        heard(Spool(second.file_of("removed"), DAY), "older", at=now - timedelta(days=3))
    with SpoolFolder(tmp_path) as first:
        first.purge(["office"], DAY)
    assert [record.content for record in decode(second.file_of("office").read_bytes()).records] == [b"young"]
    assert not second.file_of("removed").exists()


def test_a_clock_that_is_set_back_changes_no_order_and_one_that_is_set_forth_deletes_nothing(file: Path) -> None:
    now = datetime.now(UTC)
    spool = Spool(file, DAY)
    heard(spool, "one", at=now + timedelta(days=4000))
    heard(spool, "two", at=now - timedelta(days=1, seconds=-60))
    heard(spool, "three", at=datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC))
    spool.tend()
    assert waiting(spool) == ["one", "two", "three"]
    numbers = [record.number for record in spool.take(3, 0)]
    assert numbers == sorted(set(numbers))


def test_when_far_too_much_waits_the_reader_waits_too_and_goes_on_when_there_is_room(file: Path) -> None:
    spool = Spool(file, DAY, longest=3)
    with capture_logs() as logs:
        heard(spool, "one", "two", "three")
        thread = threading.Thread(target=heard, args=(spool, "four", "five"))
        thread.start()
        eventually(lambda: errors(logs))
        assert waiting(spool) == ["one", "two", "three"]
        published(spool, 2)
        thread.join(5)
    assert waiting(spool) == ["three", "four", "five"]
    assert errors(logs) == ["far too many lines wait for Redis; the box has to wait, too"]


def full_disk(file: Path) -> None:
    """The next time that the file is written anew, the disk is full."""
    file.with_name(f"{file.name}.new").symlink_to("/dev/full")


def test_a_full_disk_is_said_once_costs_nothing_while_the_process_lives_and_is_used_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "RETRY_SECONDS", 0.0)
    with capture_logs() as logs:
        spool = Spool(file, DAY)
        heard(spool, "one")
        assert spool._file._handle is not None
        with Path("/dev/full").open("wb") as full:
            os.dup2(full.fileno(), spool._file._handle)
        heard(spool, "two")
        full_disk(file)
        spool.tend()
        heard(spool, "three")
        assert not spool.works
        assert waiting(spool) == ["one", "two", "three"]
        assert waiting(Spool(file, DAY)) == ["one"], "what was on the disk still is"
        spool.tend()
        heard(spool, "four")
    assert spool.works
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == [
        "what is read from the box cannot be written to the disk and is kept in memory only: make room",
        "the spool's disk works again",
    ]
    assert waiting(Spool(file, DAY)) == ["one", "two", "three", "four"]


def test_a_start_on_a_full_disk_works_without_it(file: Path) -> None:
    full_disk(file)
    with capture_logs() as logs:
        spool = Spool(file, DAY)
        heard(spool, "one")
    assert waiting(spool) == ["one"]
    assert len(errors(logs)) == 1


def test_what_cannot_be_kept_at_a_stop_is_said(file: Path) -> None:
    with capture_logs() as logs:
        full_disk(file)
        spool = Spool(file, DAY)
        heard(spool, "one", "two")
        full_disk(file)
        spool.close()
    assert [entry["lines_lost"] for entry in logs if "lines_lost" in entry] == [2]


def test_what_redis_has_forgotten_waits_again(file: Path) -> None:
    spool = Spool(file, DAY)
    heard(spool, "one", "two", "three")
    first = spool.take(1, 0)[0].number
    published(spool, 3)
    assert spool.rewind(first)
    assert waiting(spool) == ["two", "three"]
    assert not spool.rewind(first - 1), "what came before the first one is not here"


def test_each_process_has_a_folder_of_its_own_that_is_free_again_when_it_ends(tmp_path: Path) -> None:
    with SpoolFolder(tmp_path) as first, SpoolFolder(tmp_path) as second:
        assert (first.mine.name, second.mine.name) == ("1", "2")
        assert in_use(second.mine)
        Spool(second.file_of("office"), DAY).close()
        assert list(first.others("office")) == [(second.file_of("office"), False)]
    assert not in_use(second.mine)
    with SpoolFolder(tmp_path) as first:
        assert first.mine.name == "1"
        assert list(first.others("office")) == [(second.file_of("office"), True)]


def said(second: int) -> str:
    return f"22.11.26 18:00:{second:02};DISCONNECT;{second % 10};0;"


def left(*seconds: int) -> list[Record]:
    return [Record(n, AT + timedelta(seconds=n), Kind.LINE, said(n).encode()) for n in seconds]


def test_what_another_reader_left_is_taken_in_once_and_in_order(file: Path) -> None:
    spool = Spool(file, DAY)
    for second in (3, 4):
        heard(spool, said(second), at=AT + timedelta(seconds=second))
    assert spool.adopt(left(1, 2, 3)) == 2
    assert spool.adopt(left(1, 2, 3)) == 0
    assert waiting(spool) == [said(1), said(2), said(3), said(4)]
    assert waiting(Spool(file, DAY)) == [said(1), said(2), said(3), said(4)]


def test_what_was_taken_in_is_not_taken_again_when_the_own_reader_gets_round_to_it(file: Path) -> None:
    spool = Spool(file, DAY)
    assert spool.adopt(left(1)) == 1
    published(spool, 1)
    heard(spool, said(1), said(1))
    assert waiting(spool) == [said(1)], "the box has said it once more"


def test_what_others_have_published_does_not_wait_even_if_it_is_heard_later_and_what_came_before_is_too_late(
    file: Path,
) -> None:
    spool = Spool(file, DAY)
    heard(spool, said(1), said(2), said(11), said(3))
    spool.leave_out(Progress("other", 9, (Published("other", 8, said(11)[:30]), Published("other", 9, said(13)[:30]))))
    heard(spool, said(13), said(14))
    assert waiting(spool) == [said(2), said(3), said(14)]


def test_taking_waits_for_the_first_line_and_not_for_more(file: Path) -> None:
    spool, taken = Spool(file, DAY), list[Record]()
    thread = threading.Thread(target=lambda: taken.extend(spool.take(10, 30.0)))
    thread.start()
    while thread.is_alive() and not taken:
        heard(spool, "one")
        time.sleep(0.01)
    thread.join(5)
    assert taken[0].content == b"one"


def test_a_malformed_line_that_was_taken_in_hides_no_later_one(file: Path) -> None:
    spool = Spool(file, DAY)
    assert spool.adopt([Record(1, AT, Kind.MALFORMED, b"x", "not UTF-8")]) == 1
    spool.append(Kind.MALFORMED, b"y", datetime.now(UTC), "not UTF-8")
    assert waiting(spool) == ["x", "y"]
